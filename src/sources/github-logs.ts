/**
 * Logs of GitHub Actions: the archive of each run's last attempts, newest first, as a blob that the engine opens like any other zip. GitHub answers with an address
 * on a host of storage that changes; it is asked without the token. Expired logs (404, 410) are nothing. docs.github.com/rest/actions/workflow-runs.
 */
import type { Problem } from '../core/contracts.ts';
import { type GitHub, GitHubError } from '../net/github-client.ts';
import { listEntries, numberOf, textOf } from '../net/github-list.ts';
import { type GitHubUnit, problemOf } from './github-repositories.ts';

export type LogReader = {
  /** Fetches an address without the token. Throws GitHubError. */
  readonly fetch: (url: string) => Promise<Buffer>;
  /** Whether the logs of an attempt (`RUN-ATTEMPT`) of the repository whose turn it is had no match the last time. */
  readonly isDone: (attempt: string) => boolean;
};

/** Runs of a repository. Logs are kept for 90 days; GitHub lists no more than these for a filter, and without one they would be days of downloads. */
const MAX_RUNS = 1000;
/** Of one run; older ones were run again. */
const MAX_ATTEMPTS = 10;

type Text = { readonly path: string; readonly bytes: Uint8Array };

export async function* logsOf(unit: GitHubUnit, github: GitHub, logs: LogReader): AsyncGenerator<Text | Problem> {
  const parameters = { owner: unit.owner, repo: unit.shown.slice(unit.owner.length + 1) };
  let count = 0;
  for await (const run of listEntries(github, '/repos/{owner}/{repo}/actions/runs', parameters, { member: 'workflow_runs' })) {
    const id = numberOf(run, 'id');
    // What still runs has no logs yet.
    if (id === null || textOf(run, 'status') !== 'completed') continue;
    count++;
    if (count > MAX_RUNS) {
      const data = { name: unit.shown, what: 'runs of Actions', count: `more than ${MAX_RUNS}`, limit: MAX_RUNS };
      yield { code: 'github-limit', where: unit.shown, data };
      return;
    }
    const last = numberOf(run, 'run_attempt') ?? 1;
    for (let attempt = last; attempt > Math.max(0, last - MAX_ATTEMPTS); attempt--) {
      if (logs.isDone(`${id}-${attempt}`)) continue;
      const read = await readLog(github, { ...parameters, id, attempt }, logs);
      if (read instanceof GitHubError) yield problemOf(unit.shown, `the logs of run ${id}`, read.message);
      else if (read !== null) yield { path: `${unit.shown}/.git/run/${id}/${attempt}.zip`, bytes: read };
    }
  }
}

/** Returns the archive, null where there is none any more, or what kept it from being read. */
async function readLog(
  github: GitHub,
  parameters: Readonly<Record<string, string | number>>,
  { fetch }: LogReader,
): Promise<Buffer | GitHubError | null> {
  try {
    const { headers } = await github.request('GET /repos/{owner}/{repo}/actions/runs/{id}/attempts/{attempt}/logs', { ...parameters });
    if (headers.location === undefined) throw new GitHubError('server', 0, 'GitHub gave no address');
    return await fetch(headers.location);
  } catch (error) {
    if (!(error instanceof GitHubError) || error.why === 'interrupted') throw error;
    return error.why === 'missing' ? null : error;
  }
}
