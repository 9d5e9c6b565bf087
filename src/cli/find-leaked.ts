/**
 * Finds the findings again that a rotation is about: reports hold no values, so the files and the history are read, and what is found there is recognised by its id, a
 * digest of rule and value. In: ids or their first digits, or places, and where to look. Out: findings with their values, and with the history that says since when they have
 * been open. Called by `leakwarden rotate`.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Finding } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { isUrl } from '../git/clone.ts';
import { findWorkTree } from '../git/find-work-tree.ts';
import { NO_SUPPRESSIONS } from '../suppress/settings.ts';
import type { Io } from './io.ts';
import { loadRules } from './load-rules.ts';
import { type FindingName, filesNamed, findingsNamed, readName, type SearchOptions, searchFiles } from './named-findings.ts';
import { loadSettings, type Settings } from './settings.ts';

const LEAST_DIGITS = 6;

/**
 * `names`: ids, or places in files, each of which means all that was found there. `inputs`: where ids are looked for; [] is the working directory. Each finding once.
 * Throws ToolError `finding-unknown`, `bad-option`.
 */
export async function findLeaked(texts: readonly string[], inputs: readonly string[], hasProgress: boolean, io: Io): Promise<Finding[]> {
  const names = texts.map((text) => readName(text, LEAST_DIGITS));
  const settings = await searchSettings(io);
  const { today, past } = await gathered(names, inputs, { settings, noIgnore: true, hasProgress }, io);
  const found = merged([...today, ...past]);
  const named = names.flatMap((name) => {
    // A line of a file is what stands there now, not what stood there once.
    const fitting = findingsNamed(name, name.kind === 'place' ? found.filter(({ id }) => today.some((one) => one.id === id)) : found);
    if (fitting === null)
      throw new ToolError('finding-unknown', {
        id: name.text,
        where: inputs.length === 0 ? 'the working directory and its history' : inputs.join(', '),
      });
    // What is hardly a credential counts at a place only where nothing else stands.
    const sure = fitting.filter(({ confidence }) => confidence !== 'low');
    return name.kind === 'place' && sure.length > 0 ? sure : fitting;
  });
  return [...new Map(named.map((finding) => [finding.id, finding])).values()];
}

/** Ids are looked for in all inputs; a place in its file, whose repository then says since when the value has been open. */
async function gathered(
  names: readonly FindingName[],
  inputs: readonly string[],
  options: SearchOptions,
  io: Io,
): Promise<{ readonly today: readonly Finding[]; readonly past: readonly Finding[] }> {
  const files = filesNamed(names);
  const hasIds = names.some(({ kind }) => kind === 'id');
  const folders = hasIds ? (inputs.length === 0 ? ['.'] : inputs) : [];
  const paths = folders.filter((input) => existsSync(resolve(io.cwd, input)));
  const repositories = hasIds ? repositoriesAmong(inputs, io) : [];
  const homes = new Set(files.flatMap((file) => findWorkTree(dirname(resolve(io.cwd, file))) ?? []));
  if (repositories.includes('.')) homes.delete(findWorkTree(io.cwd) ?? '');
  const found = [...files, ...paths];
  return {
    today: found.length === 0 ? [] : (await searchFiles(found, options, io)).all,
    past: [...(await inHistory(repositories, options, io)), ...(await inHistory([...homes], options, io))],
  };
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

function repositoriesAmong(inputs: readonly string[], io: Io): string[] {
  if (inputs.length === 0) return findWorkTree(io.cwd) === null ? [] : ['.'];
  return inputs.filter((input) => mayBeRepository(input, io));
}

async function inHistory(repositories: readonly string[], { settings, hasProgress }: SearchOptions, io: Io): Promise<readonly Finding[]> {
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
