/**
 * Runs one audit for a command: opens or clones the repositories, scans their histories with progress and Ctrl-C, keeps the state file, and
 * removes the clones. Called by the audit command; the path of the data itself is src/pipeline.ts.
 */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Problem, Report } from '../core/contracts.ts';
import { printable, ToolError } from '../core/errors.ts';
import { scanHistoryByDeltas, scanHistoryWhole } from '../engine/history/delta-scan.ts';
import type { AuditTarget } from '../engine/history/repository-audit.ts';
import type { SelectionOptions } from '../engine/history/selection.ts';
import { type AuditState, readState, writeState } from '../engine/history/state.ts';
import { type Clone, cloneBare, isBundle, isCloneable, isUrl } from '../git/clone.ts';
import { openRepository, withoutCredentials } from '../git/repository.ts';
import { type AuditRequest, runAudit } from '../pipeline.ts';
import type { Ruleset } from '../ruleset/load.ts';
import { matchesGlob } from '../suppress/glob.ts';
import { createSuppressors } from '../suppress/index.ts';
import type { SuppressSettings } from '../suppress/settings.ts';
import { type Given, isSet, optionOf, optionsNamed } from './given.ts';
import { type Io, note } from './io.ts';
import { type OpenedChecker, openChecker } from './open-checker.ts';
import { openIssuers } from './open-issuers.ts';
import { createAuditProgress, NO_AUDIT_PROGRESS } from './progress.ts';
import { isMissing, readText, shortReason } from './read-text.ts';
import { counted, type Settings } from './settings.ts';
import { parseSince } from './since.ts';
import { writeFileAtomically } from './write-output.ts';

export type AuditPlan = {
  readonly settings: Settings;
  readonly ruleset: Ruleset;
  readonly suppressions: SuppressSettings;
  readonly inputs: readonly string[];
  readonly options: SelectionOptions;
  readonly hasEmails: boolean;
  /** Each blob is scanned whole: the slow way to the same report. */
  readonly isWhole: boolean;
  readonly stateFile: string | null;
  readonly hasProgress: boolean;
  readonly isQuiet: boolean;
};

/** Ids of a million objects of each kind, and a few words. */
const MAX_STATE_BYTES = 256 << 20;

/** Submodules that a notice names. */
const MOST_NAMED = 5;

/** Reads the options that say what is audited. Throws ToolError bad-option. */
export function selectionOf(given: Given, now: Date): SelectionOptions {
  const range = optionOf(given, 'range');
  const since = optionOf(given, 'since');
  const options: SelectionOptions = {
    range: range === undefined ? null : parseRange(range),
    since: since === undefined ? null : parseSince(since, now),
    branches: optionsNamed(given, 'branch'),
    unreachable: isSet(given, 'unreachable'),
    reflog: isSet(given, 'reflog'),
  };
  const isPart = options.range !== null || options.since !== null || options.branches.length > 0;
  const refuse = (message: string): never => {
    throw new ToolError('bad-option', { message });
  };
  if (isPart && optionOf(given, 'state') !== undefined) refuse('--state is for the whole history: leave out --range, --since and --branch');
  if (isPart && options.unreachable) refuse('--unreachable is for the whole history: leave out --range, --since and --branch');
  if (options.range !== null && options.branches.length > 0) refuse('--range says which commits: leave out --branch');
  return options;
}

/** `A..B`; an end that is left out is HEAD. */
function parseRange(text: string): { from: string; to: string } {
  const ends = /^([^.].*?|)\.\.([^.].*|)$/s.exec(text);
  if (!ends || (ends[1] === '' && ends[2] === '') || text.includes('...'))
    throw new ToolError('bad-option', { message: `--range must be A..B, what B has and A has not; not ${text}` });
  return { from: ends[1] || 'HEAD', to: ends[2] || 'HEAD' };
}

/** Throws ToolError of kind usage. */
export async function performAudit(plan: AuditPlan, io: Io): Promise<Report> {
  const { settings, stateFile } = plan;
  const state = stateFile === null ? null : loadState(resolve(io.cwd, stateFile), stateFile);
  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  const progress = plan.hasProgress ? createAuditProgress((text) => io.stderr.write(text), io.clockMs) : NO_AUDIT_PROGRESS;
  const clones: Clone[] = [];
  const opened = await openChecker(settings.check, settings.comparesGuessable, io, true);
  const issuers = await openIssuers(settings.check, plan.ruleset, io);
  try {
    const { targets, problems, inputs } = await openTargets(plan.inputs, clones, io, interruption.signal);
    const { report, state: next } = await runAudit({
      ...requestOf(plan, io),
      targets,
      inputs,
      state,
      ...fromStores(opened),
      issuers: issuers?.asker ?? null,
      signal: interruption.signal,
      onProgress: progress.show,
    });
    progress.stop();
    for (const notice of opened.notices()) note(io, notice);
    const whole = { ...report, problems: [...problems, ...report.problems] };
    sayWhatIsLeftOut(whole, plan, io);
    if (stateFile !== null) keepState(stateFile, next, whole, plan, io);
    return whole;
  } finally {
    progress.stop();
    await issuers?.close();
    for (const clone of clones) clone.remove();
    stopListening();
  }
}

type FromStores = Pick<AuditRequest, 'checker' | 'wantsValues' | 'stored' | 'storesDigest'>;

/** Returns what an audit takes from the index of the stores. */
export function fromStores({ checker, wantsValues, stored, digest }: OpenedChecker): FromStores {
  return { checker, wantsValues, stored, storesDigest: digest() };
}

/** Returns what every audit asks for alike. */
export function requestOf(
  { settings, ruleset, suppressions, options, hasEmails, isWhole }: AuditPlan,
  io: Io,
): Omit<AuditRequest, 'targets' | 'inputs' | 'state' | keyof FromStores | 'issuers' | 'signal' | 'onProgress' | 'texts'> {
  return {
    options,
    hasEmails,
    scanHistory: isWhole ? scanHistoryWhole : scanHistoryByDeltas,
    isExcluded: (path) => settings.exclude.some(({ glob }) => matchesGlob(glob, path)),
    ruleset,
    // Paths in history count from the top of the repository, as those in its configuration do.
    suppressors: (idOf) => createSuppressors({ ...suppressions, cwd: suppressions.root }, idOf),
    threads: settings.threads,
    workerFile: io.workerFile,
    binary: settings.binary,
    maxDecodeDepth: settings.maxDecodeDepth,
    isAudit: settings.minConfidence.level === 'low',
    version: io.version,
    now: io.now,
  };
}

type Opened = { readonly targets: AuditTarget[]; readonly problems: Problem[]; readonly inputs: string[] };

/** Opens what is here and clones what is not. A clone that fails is a problem; a path that is no repository is a mistake. */
async function openTargets(inputs: readonly string[], clones: Clone[], io: Io, signal: AbortSignal): Promise<Opened> {
  const opened: Opened = { targets: [], problems: [], inputs: [] };
  const taken = new Set<string>();
  for (const input of inputs) {
    const path = resolve(io.cwd, input);
    const isAddress = isUrl(input) && !existsSync(path);
    const shown = isAddress ? (withoutCredentials(input) ?? input) : input;
    opened.inputs.push(shown);
    if (isAddress && !isCloneable(input))
      throw new ToolError('not-auditable', { path: shown, reason: 'only https, ssh and file URLs are cloned' });
    try {
      const from = isAddress ? input : isBundle(path) ? path : null;
      let folder = path;
      if (from !== null) {
        const clone = await cloneBare(from, shown, { env: io.env, signal });
        clones.push(clone);
        folder = clone.folder;
      }
      const repository = await openRepository(folder, shown, { env: io.env, signal });
      const prefix = inputs.length > 1 ? `${nameFor(shown, taken)}/` : '';
      opened.targets.push({ repository, shown, prefix });
    } catch (error) {
      if (!(error instanceof ToolError) || (error.code !== 'clone-failed' && error.code !== 'interrupted')) throw error;
      // An interruption is told once, by the report.
      if (error.code === 'clone-failed') opened.problems.push({ code: error.code, where: shown, data: error.data });
    }
  }
  return opened;
}

/** Returns a short name that no other repository of this audit has. */
function nameFor(shown: string, taken: Set<string>): string {
  const name = basename(shown.replace(/[\\/]+$/, '')).replace(/\.(?:git|bundle)$/, '') || 'repository';
  let unique = name;
  for (let count = 2; taken.has(unique); count++) unique = `${name}-${count}`;
  taken.add(unique);
  return unique;
}

function loadState(path: string, shown: string): AuditState | null {
  try {
    return readState(readText(path, MAX_STATE_BYTES, null), shown);
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof ToolError) throw error;
    throw new ToolError('state-invalid', { path: shown, reason: shortReason(error) }, { cause: error });
  }
}

/** What could not be read must be tried again, so an incomplete audit leaves the file as it was. */
function keepState(file: string, state: AuditState, report: Report, { isQuiet }: AuditPlan, io: Io): void {
  if (report.problems.length === 0) writeFileAtomically(resolve(io.cwd, file), [writeState(state)], { isPrivate: true });
  else if (!isQuiet) note(io, `${file} was left as it was, since the audit is incomplete: the next one scans the same again`);
}

export function sayWhatIsLeftOut(report: Report, { settings, isQuiet }: AuditPlan, io: Io): void {
  if (settings.exclude.length > 0) note(io, 'paths that scan.exclude names are left out of the report');
  if (isQuiet) return;
  for (const { name, submodules } of report.repositories ?? []) {
    if (submodules.length === 0) continue;
    const named = submodules.slice(0, MOST_NAMED).map(printable).join(', ');
    const more = submodules.length > MOST_NAMED ? ', …' : '';
    note(
      io,
      `${counted(submodules.length, 'submodule', 'submodules')} of ${name} not scanned, audit ${submodules.length === 1 ? 'it' : 'them'} by itself: ${named}${more}`,
    );
  }
}
