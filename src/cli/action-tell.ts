/**
 * Tells GitHub what came of a run: the job's summary, one review of the pull request, a check run, annotations, SARIF. In: an outcome. Whatever GitHub does not let us
 * do is said and left; the summary and the job's own state are always there. Called by run-action.ts.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { annotationsOf, withinStepLimits } from '../action/annotations.ts';
import { putCheckRun } from '../action/check-run.ts';
import type { Inputs } from '../action/inputs.ts';
import { headline, type Links, renderPage } from '../action/markdown.ts';
import type { Outcome } from '../action/outcome.ts';
import type { Job } from '../action/repository.ts';
import { keepReview } from '../action/review.ts';
import { MAX_SUMMARY_BYTES, type Runner } from '../action/runner.ts';
import { uploadSarif } from '../action/upload-sarif.ts';
import { reasonOf, ToolError } from '../core/errors.ts';
import { createGitHubClient, type GitHub, GitHubError } from '../net/github-client.ts';
import type { Io } from './io.ts';

export type ToTell = {
  readonly inputs: Inputs;
  readonly job: Job;
  readonly outcome: Outcome;
  readonly links: Links;
  readonly pull: { readonly number: number; readonly isFork: boolean } | null;
  readonly sarif: { readonly text: string; readonly started: string } | null;
  readonly token: string;
  readonly ref: string;
  readonly io: Io;
  readonly signal: AbortSignal;
};

/** What lies below it is taken off: a mark and the runner's line feed. */
const SUMMARY_BYTES = MAX_SUMMARY_BYTES - 1024;

export async function tellGitHub(told: ToTell, runner: Runner, sleep: (ms: number) => Promise<void>): Promise<void> {
  const { inputs, outcome, links, token } = told;
  if (inputs.hasSummary) runner.summary(renderPage(outcome, links, SUMMARY_BYTES));
  const done = token === '' ? { commented: new Set<string>(), hasCheckRun: false } : await tellByApi(told, runner, sleep);
  if (!done.hasCheckRun && inputs.hasAnnotations) {
    const left = annotationsOf(outcome).filter(({ key }) => !done.commented.has(key));
    for (const annotation of withinStepLimits(left)) runner.annotate(annotation);
  }
  runner.say(headline(outcome));
}

async function tellByApi(
  told: ToTell,
  runner: Runner,
  sleep: (ms: number) => Promise<void>,
): Promise<{ commented: ReadonlySet<string>; hasCheckRun: boolean }> {
  const { inputs, job, outcome, links, pull, sarif, ref } = told;
  const { octokit, close } = await openClient(told, runner);
  const place = { owner: job.owner, repo: job.repo, head: links.head };
  try {
    const review =
      pull === null || !inputs.hasReview
        ? null
        : await tried(pull.isFork ? 'the review (a fork’s token reads only)' : 'the review', runner, () =>
            keepReview(octokit, { ...place, number: pull.number }, outcome, links),
          );
    for (const note of review?.notes ?? []) runner.notice(note);
    const commented = review?.commented ?? new Set<string>();
    const placed = inputs.hasAnnotations ? annotationsOf(outcome).filter(({ key }) => !commented.has(key)) : [];
    const isPut = inputs.hasCheckRun ? await tried('the check run', runner, () => put(octokit, told, placed)) : null;
    if (sarif !== null) {
      const upload = { owner: job.owner, repo: job.repo, commit: links.head, ref, started: sarif.started };
      const state = await tried('the upload to code scanning', runner, () => uploadSarif(octokit, upload, sarif.text, sleep));
      if (state === 'pending') runner.notice('code scanning has taken the report and is still at work on it');
    }
    return { commented, hasCheckRun: isPut === true };
  } finally {
    await close();
  }
}

async function put(octokit: GitHub, { job, outcome, links }: ToTell, placed: ReturnType<typeof annotationsOf>): Promise<true> {
  await putCheckRun(octokit, { owner: job.owner, repo: job.repo, head: links.head }, outcome, links, placed);
  return true;
}

async function openClient(
  { inputs, job, token, io, signal }: ToTell,
  runner: Runner,
): Promise<Awaited<ReturnType<typeof createGitHubClient>>> {
  const caFile = inputs.text('ca-file');
  const onPause = (seconds: number): void => runner.say(`leakwarden: GitHub asks for a pause of ${seconds} s`);
  return createGitHubClient({
    apiUrl: job.apiUrl,
    token,
    env: io.env,
    version: io.version,
    signal,
    onPause,
    ...(caFile === '' ? {} : { ca: readCa(resolve(io.cwd, caFile)) }),
  });
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ToolError('bad-input', { message: `ca-file cannot be read: ${reasonOf(error)}` }, { cause: error });
  }
}

/** Returns null where GitHub did not do it, which is said: a missing permission calmly, since a fork's token only reads. */
async function tried<T>(what: string, runner: Runner, doing: () => Promise<T>): Promise<T | null> {
  try {
    return await doing();
  } catch (error) {
    if (!(error instanceof GitHubError) || error.why === 'interrupted') throw error;
    const isRefused = ['forbidden', 'missing', 'unauthorized'].includes(error.why);
    const sentence = `${what} was left out: ${error.message}`;
    if (isRefused) runner.say(`leakwarden: ${sentence}`);
    else runner.annotate({ level: 'warning', title: 'leakwarden', message: sentence });
    return null;
  }
}
