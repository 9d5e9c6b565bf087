/**
 * What people wrote beside the repositories of a GitHub, as an audit reads it: the source of it without what the configuration excludes, progress, and which logs of
 * Actions need no second look, kept when a repository's turn is over. Called by run-github-audit.ts; the texts themselves come from src/sources/github-texts.ts.
 */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import type { AuditRequest } from '../pipeline.ts';
import type { LogReader } from '../sources/github-logs.ts';
import type { GitHubUnit } from '../sources/github-repositories.ts';
import { createGitHubTextsSource, type GitHubTextsRequest } from '../sources/github-texts.ts';
import type { GitHubAuditState } from './github-audit-state.ts';
import type { Io } from './io.ts';
import { createProgress, NO_PROGRESS } from './progress.ts';
import { type AuditPlan, requestOf } from './run-audit.ts';

export type GitHubTexts = {
  readonly request: Pick<NonNullable<AuditRequest['texts']>, 'sources' | 'onScanned'>;
  /** Ends the progress line and keeps what is done; may be called twice. */
  readonly done: () => void;
};

type Request = Pick<GitHubTextsRequest, 'github' | 'units' | 'kinds'> & {
  readonly plan: AuditPlan;
  readonly io: Io;
  readonly fetch: LogReader['fetch'];
  /** null: all logs are read. */
  readonly state: GitHubAuditState | null;
  readonly engine: string;
  /** Told when the first repository's turn comes. */
  readonly onBegin: () => void;
};

/** As github-logs.ts calls them. */
const LOG_PATH = /\/\.git\/run\/(\d{1,16})\/(\d{1,9})\.zip$/;

export function openGitHubTexts({ plan, io, github, units, kinds, fetch, state, engine, onBegin }: Request): GitHubTexts {
  const { isExcluded } = requestOf(plan, io);
  let progress = NO_PROGRESS;
  const counts = { files: 0, bytes: 0, totalFiles: 0 };
  let logs: { readonly unit: GitHubUnit; readonly done: Set<string>; readonly before: number } | null = null;
  const keepLogs = (): void => {
    if (logs !== null && logs.done.size > logs.before) state?.keepLogs(logs.unit, engine, logs.done);
    logs = null;
  };
  const onUnit = (unit: GitHubUnit): void => {
    keepLogs();
    onBegin();
    if (progress === NO_PROGRESS && plan.hasProgress) progress = createProgress((text) => io.stderr.write(text), io.clockMs);
    if (state === null || unit.kind !== 'repository' || !kinds.has('logs')) return;
    const done = new Set(state.doneLogs(unit, engine));
    logs = { unit, done, before: done.size };
  };
  const reader: LogReader = { fetch, isDone: (attempt) => logs?.done.has(attempt) === true };
  const source = createGitHubTextsSource({ github, units, kinds, logs: reader, onUnit });
  const withoutExcluded: Source = {
    kind: source.kind,
    async *blobs(signal): AsyncGenerator<BlobRef | Problem> {
      for await (const item of source.blobs(signal)) {
        if ('provenance' in item && isExcluded(item.provenance.path)) continue;
        if ('provenance' in item && item.kind === 'bytes') counts.bytes += item.bytes.length;
        yield item;
      }
    },
  };
  const onScanned = (path: string, isClean: boolean): void => {
    counts.files++;
    progress.show(counts);
    const run = LOG_PATH.exec(path);
    if (run && isClean) logs?.done.add(`${run[1]}-${run[2]}`);
  };
  return {
    request: { sources: [withoutExcluded], onScanned },
    done: () => {
      keepLogs();
      progress.stop();
      progress = NO_PROGRESS;
    },
  };
}
