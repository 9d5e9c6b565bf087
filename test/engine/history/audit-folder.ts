/** Audits repositories that tests built, through the whole pipeline, with the machine's configuration out of the way. */
import { GIT_TEST_ENV } from '../../../fixtures/git-repository.ts';
import type { Checker, Report } from '../../../src/core/contracts.ts';
import type { StoredPrints } from '../../../src/core/stored-prints.ts';
import type { HistoryScan } from '../../../src/engine/history/contract.ts';
import type { SelectionOptions } from '../../../src/engine/history/selection.ts';
import type { AuditState } from '../../../src/engine/history/state.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { runAudit } from '../../../src/pipeline.ts';
import { fillExample } from '../../../src/ruleset/examples.ts';
import { loadRuleset, type RulesetRequest } from '../../../src/ruleset/load.ts';
import { createSuppressors } from '../../../src/suppress/index.ts';
import { NO_SUPPRESSIONS } from '../../../src/suppress/settings.ts';
import { scanHistoryByCatFile } from './cat-file-scan.ts';

/** Returns a GitHub token; the same for the same seed. */
export function token(seed: string): string {
  return fillExample('{{crc32-base62-body:ghp_:30}}', seed);
}

export type AuditChanges = Partial<SelectionOptions> & {
  readonly hasEmails?: boolean;
  readonly state?: AuditState | null;
  readonly scanHistory?: HistoryScan;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly rules?: RulesetRequest;
  readonly isExcluded?: (path: string) => boolean;
  readonly checker?: Checker;
  readonly stored?: StoredPrints;
};

const RULESETS = new Map<string, ReturnType<typeof loadRuleset>>();

/** Loaded once for all audits of a file of tests. */
function rulesetOf(rules: RulesetRequest): ReturnType<typeof loadRuleset> {
  const key = JSON.stringify(rules);
  const ruleset = RULESETS.get(key) ?? loadRuleset(rules);
  RULESETS.set(key, ruleset);
  return ruleset;
}

/** Returns the report and the state of an audit of the repositories in these folders. */
export async function auditFolders(folders: readonly string[], changes: AuditChanges = {}): Promise<{ report: Report; state: AuditState }> {
  const { hasEmails = false, state = null, rules = {}, isExcluded = () => false, env: more = {}, ...rest } = changes;
  const env = { ...GIT_TEST_ENV, ...more };
  const signal = changes.signal ?? new AbortController().signal;
  const targets = [];
  for (const [index, folder] of folders.entries()) {
    const repository = await openRepository(folder, `repo-${index}`, { env, signal: new AbortController().signal });
    targets.push({ repository, shown: `repo-${index}`, prefix: folders.length > 1 ? `repo-${index}/` : '' });
  }
  return await runAudit({
    targets,
    inputs: folders.map((_, index) => `repo-${index}`),
    options: { range: null, since: null, branches: [], unreachable: false, reflog: false, ...rest },
    hasEmails,
    state,
    scanHistory: changes.scanHistory ?? ((request) => scanHistoryByCatFile(request, env)),
    isExcluded,
    ruleset: await rulesetOf(rules),
    suppressors: (idOf) => createSuppressors({ ...NO_SUPPRESSIONS, cwd: '/', root: '/' }, idOf),
    threads: 1,
    workerFile: null,
    binary: false,
    maxDecodeDepth: 3,
    isAudit: false,
    checker: changes.checker ?? null,
    wantsValues: changes.checker !== undefined,
    stored: changes.stored ?? null,
    storesDigest: changes.checker === undefined ? '' : 'of a test',
    issuers: null,
    signal,
    version: '0',
    now: () => new Date(0),
  });
}

/** The one finding there is, shortly: where, since when, where today. */
export async function audit(folder: string, changes: AuditChanges = {}): Promise<Shown[]> {
  const { report } = await auditFolders([folder], changes);
  if (report.problems.length > 0) throw new Error(JSON.stringify(report.problems));
  return shown(report);
}

export type Shown = {
  readonly places: readonly string[];
  readonly first: string | null;
  readonly paths: readonly string[];
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly refs: readonly string[];
  readonly today: readonly string[];
  readonly inHead: boolean;
  readonly removedIn: string | undefined;
};

/** Commits as their first seven digits. */
export function shown(report: Report): Shown[] {
  return report.findings.map(({ places, history }) => ({
    places: places.map(({ path, line, commit }) => `${path}:${line} ${commit?.slice(0, 7) ?? '-'}`),
    first: history?.firstCommit?.slice(0, 7) ?? null,
    paths: history?.paths ?? [],
    branches: history?.branches ?? [],
    tags: history?.tags ?? [],
    refs: history?.refs ?? [],
    today: history?.today ?? [],
    inHead: history?.inHead ?? false,
    removedIn: history?.removedIn?.slice(0, 7),
  }));
}
