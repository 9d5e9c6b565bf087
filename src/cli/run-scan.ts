/**
 * Runs one scan for a command: rules, suppressions, progress, Ctrl-C. What comes out is a report, marked as incomplete when it was interrupted.
 * Called by scan, baseline and rules; the path of the data itself is src/pipeline.ts.
 */
import type { IssuerAsker, Report, Source } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import type { Ruleset } from '../ruleset/load.ts';
import type { SourceRequest } from '../sources/index.ts';
import type { SuppressSettings } from '../suppress/settings.ts';
import { excludeFrom } from './excluding-source.ts';
import { type Given, isSet, optionOf, optionsNamed } from './given.ts';
import { type Io, note } from './io.ts';
import { openChecker } from './open-checker.ts';
import { createProgress, NO_PROGRESS } from './progress.ts';
import { counted, offline, type SettingOptions, type Settings } from './settings.ts';

export type ScanPlan = {
  readonly settings: Settings;
  readonly ruleset: Ruleset;
  readonly suppressions: SuppressSettings;
  readonly sources: readonly Source[];
  /** As the report names them. */
  readonly inputs: readonly string[];
  readonly hasProgress: boolean;
  /** After so many seconds the scan ends where it is, and its report says so. */
  readonly timeBudgetSeconds?: number;
  /** Asks issuers where the user said so; left out by commands that never ask anybody. */
  readonly issuers?: IssuerAsker | null;
};

/** Throws ToolError of kind usage. */
export async function performScan(plan: ScanPlan, io: Io): Promise<Report> {
  const [{ runScan }, { createSuppressors }] = await Promise.all([import('../pipeline.ts'), import('../suppress/index.ts')]);
  const { settings, ruleset, suppressions, sources, inputs } = plan;
  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  const progress = plan.hasProgress ? createProgress((text) => io.stderr.write(text), io.clockMs) : NO_PROGRESS;
  let excluded = 0;
  const check = plan.issuers === undefined ? offline(settings.check) : settings.check;
  const opened = await openChecker(check, settings.comparesGuessable, io);
  const { timeBudgetSeconds } = plan;
  let isSpent = false;
  const spend = (): void => {
    isSpent = true;
    interruption.abort();
  };
  const timer = timeBudgetSeconds === undefined ? undefined : setTimeout(spend, 1000 * timeBudgetSeconds);
  try {
    const report = await runScan({
      sources: sources.map((source) => excludeFrom(source, settings, () => excluded++)),
      inputs,
      ruleset,
      suppressors: (idOf) => createSuppressors(suppressions, idOf),
      threads: settings.threads,
      workerFile: io.workerFile,
      binary: settings.binary,
      maxDecodeDepth: settings.maxDecodeDepth,
      isAudit: settings.minConfidence.level === 'low',
      archiveDepth: settings.archiveDepth,
      checker: opened.checker,
      issuers: plan.issuers ?? null,
      wantsValues: opened.wantsValues,
      stored: opened.stored,
      signal: interruption.signal,
      version: io.version,
      now: io.now,
      onProgress: progress.show,
    });
    progress.stop();
    for (const notice of opened.notices()) note(io, notice);
    if (excluded > 0) note(io, `${counted(excluded, 'file was', 'files were')} left out by scan.exclude`);
    if (isSpent) return markSpent(report, timeBudgetSeconds ?? 0);
    return interruption.signal.aborted ? markInterrupted(report) : report;
  } finally {
    clearTimeout(timer);
    progress.stop();
    stopListening();
  }
}

function markInterrupted(report: Report): Report {
  if (report.problems.some(({ code }) => code === 'interrupted')) return report;
  return { ...report, problems: [...report.problems, { code: 'interrupted', where: report.inputs.join(' '), data: {} }] };
}

/** What the sources took for an interruption was the clock. */
function markSpent(report: Report, seconds: number): Report {
  const others = report.problems.filter(({ code }) => code !== 'interrupted');
  return { ...report, problems: [...others, { code: 'time-spent', where: report.inputs.join(' '), data: { seconds } }] };
}

/** Returns the sources of operands: paths, `-` for stdin; nothing means the working directory. `isStaged`: the index instead. */
export async function openSources(operands: readonly string[], given: Given, io: Io): Promise<Pick<ScanPlan, 'sources' | 'inputs'>> {
  const { SOURCES } = await import('../sources/index.ts');
  const isStaged = isSet(given, 'staged');
  if (isStaged && operands.length > 0) throw new ToolError('bad-option', { message: '--staged takes no PATH' });
  const inputs = operands.length === 0 ? ['.'] : operands;
  const request: SourceRequest = { inputs, cwd: io.cwd, env: io.env, noIgnore: isSet(given, 'no-ignore'), stdin: io.stdin };
  if (isStaged) return { sources: [SOURCES.staged(request)], inputs: ['--staged'] };
  const sources: Source[] = [];
  if (inputs.includes('-')) sources.push(SOURCES.stdin(request));
  if (inputs.some((input) => input !== '-')) sources.push(SOURCES.files(request));
  return { sources, inputs };
}

/** Returns the options that settings are made of. */
export function settingOptionsOf(given: Given): SettingOptions {
  const text = (name: string): string | undefined => optionOf(given, name);
  const options = {
    config: text('config'),
    threads: text('threads'),
    maxDecodeDepth: text('max-decode-depth'),
    maxArchiveDepth: text('max-archive-depth'),
    minConfidence: text('min-confidence'),
    failOn: text('fail-on'),
    check: text('check'),
    baseline: text('baseline'),
    binary: isSet(given, 'binary') ? true : undefined,
    noConfig: isSet(given, 'no-config'),
    noBaseline: isSet(given, 'no-baseline'),
    rules: optionsNamed(given, 'rules'),
    only: optionsNamed(given, 'only'),
    disable: optionsNamed(given, 'disable'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as SettingOptions;
}

/** Returns whether a progress line may be drawn: the user watches and has not said no. */
export function wantsProgress(given: Given, io: Io): boolean {
  return io.stderr.isTTY === true && !isSet(given, 'no-progress') && !isSet(given, 'quiet');
}
