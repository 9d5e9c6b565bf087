/**
 * Finds the findings again that a rotation is about: reports hold no values, so the files and the history are read, and what is found there is recognised by its id, a
 * digest of rule and value. In: ids or their first digits, and where to look. Out: findings with their values, and with the history that says since when they have
 * been open. Called by `leakwarden rotate`.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { isUrl } from '../git/clone.ts';
import { findWorkTree } from '../git/find-work-tree.ts';
import { NO_SUPPRESSIONS } from '../suppress/settings.ts';
import type { Io } from './io.ts';
import { loadRules } from './load-rules.ts';
import { performScan } from './run-scan.ts';
import { loadSettings, type Settings } from './settings.ts';

const LEAST_DIGITS = 6;

/** `inputs`: [] is the working directory. Throws ToolError `finding-unknown`, `bad-option`. */
export async function findLeaked(ids: readonly string[], inputs: readonly string[], hasProgress: boolean, io: Io): Promise<Finding[]> {
  for (const id of ids)
    if (!/^[0-9a-f]+$/.test(id) || id.length < LEAST_DIGITS || id.length > 32)
      throw new ToolError('bad-option', {
        message: `${id} is no id of a finding: 32 hexadecimal digits, or the first ${LEAST_DIGITS} and more`,
      });
  const settings = await searchSettings(io);
  const found = merged([...(await inFiles(inputs, settings, hasProgress, io)), ...(await inHistory(inputs, settings, hasProgress, io))]);
  return ids.map((id) => {
    const fitting = found.filter((finding) => finding.id.startsWith(id));
    const [only, ...others] = fitting;
    if (only && others.length === 0) return only;
    if (only) throw new ToolError('bad-option', { message: `${id} is the beginning of ${fitting.length} findings: give more digits` });
    throw new ToolError('finding-unknown', {
      id,
      where: inputs.length === 0 ? 'the working directory and its history' : inputs.join(', '),
    });
  });
}

/** All that any scan could have reported: nothing is left out, and low confidence counts too. */
async function searchSettings(io: Io): Promise<Settings> {
  const settings = await loadSettings({}, io.env, io.cwd);
  return {
    ...settings,
    check: settings.check === 'none' ? 'none' : null,
    exclude: [],
    minConfidence: { ...settings.minConfidence, level: 'low' },
  };
}

async function inFiles(inputs: readonly string[], settings: Settings, hasProgress: boolean, io: Io): Promise<readonly Finding[]> {
  const paths = (inputs.length === 0 ? ['.'] : inputs).filter((input) => existsSync(resolve(io.cwd, input)));
  if (paths.length === 0) return [];
  const { SOURCES } = await import('../sources/index.ts');
  const sources = [SOURCES.files({ inputs: paths, cwd: io.cwd, env: io.env, noIgnore: true, stdin: io.stdin })];
  const suppressions = { ...NO_SUPPRESSIONS, cwd: settings.cwd, root: settings.root };
  const ruleset = await loadRules(settings);
  const { findings, suppressed } = await performScan({ settings, ruleset, suppressions, sources, inputs: paths, hasProgress }, io);
  return [...findings, ...suppressed.map(({ finding }) => finding)];
}

async function inHistory(inputs: readonly string[], settings: Settings, hasProgress: boolean, io: Io): Promise<readonly Finding[]> {
  const repositories =
    inputs.length === 0 ? (findWorkTree(io.cwd) === null ? [] : ['.']) : inputs.filter((input) => mayBeRepository(input, io));
  if (repositories.length === 0) return [];
  const { performAudit } = await import('./run-audit.ts');
  const suppressions = { ...NO_SUPPRESSIONS, cwd: settings.cwd, root: settings.root };
  const options = { range: null, since: null, branches: [], unreachable: false, reflog: false };
  const plan = { options, inputs: repositories, hasEmails: false, isWhole: false, stateFile: null, hasProgress, isQuiet: true };
  try {
    const { findings, suppressed } = await performAudit({ ...plan, settings, ruleset: await loadRules(settings), suppressions }, io);
    return [...findings, ...suppressed.map(({ finding }) => finding)];
  } catch (error) {
    // A file or a folder outside of repositories: it was scanned as such.
    if (error instanceof ToolError && error.code === 'not-auditable') return [];
    throw error;
  }
}

function mayBeRepository(input: string, io: Io): boolean {
  return isUrl(input) || existsSync(resolve(io.cwd, input));
}

/** The places of today and the history of the past, in one finding. */
function merged(findings: readonly Finding[]): Finding[] {
  const byId = new Map<string, Finding>();
  for (const finding of findings) {
    const known = byId.get(finding.id);
    const history = known?.history ?? finding.history;
    byId.set(finding.id, { ...(known ?? finding), ...(history ? { history } : {}) });
  }
  return [...byId.values()];
}
