/**
 * The GitHub Action from the runner's variables to its exit code:
 *
 * ```
 * inputs, event ─► range (fetched where it is missing) ─► stores ─► scan: commits, files of the head ─► values masked ─► summary, review, check run, annotations, SARIF, outputs
 * ```
 * What is asked of GitHub and what it is told lies in src/action; what a scan is, in run-scan.ts and run-audit.ts. docs/action.md says what users see.
 */

import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { subjectOf } from '../action/event.ts';
import { type Found, findRange } from '../action/find-range.ts';
import { type Inputs, readInputs } from '../action/inputs.ts';
import { maskValues } from '../action/mask-values.ts';
import { joinReports, type Outcome, outcomeOf, withVerdictsOf } from '../action/outcome.ts';
import { environmentOfGit, type Job, readJob, remoteOf } from '../action/repository.ts';
import { createRunner, type Runner, safeLine } from '../action/runner.ts';
import type { Report } from '../core/contracts.ts';
import { EXIT, hintOf, ToolError } from '../core/errors.ts';
import { countRange, forgetFetched, type Remote } from '../git/complete-range.ts';
import { findWorkTree } from '../git/find-work-tree.ts';
import type { REPORTERS } from '../reports/index.ts';
import { shortId } from '../reports/timeline.ts';
import { ActionScans } from './action-scans.ts';
import { prepareStores } from './action-stores.ts';
import { tellGitHub } from './action-tell.ts';
import type { Io, Output } from './io.ts';
import { counted } from './settings.ts';
import { writeFileAtomically } from './write-output.ts';

type Scanned = Exclude<Found, { kind: 'nothing' }>;

/** Never throws. */
export async function runAction(io: Io): Promise<number> {
  const runner = createRunner((text) => io.stdout.write(text), io.env);
  try {
    const code = await new ActionRun(io, runner, readInputs(io.env)).run();
    runner.output('exit-code', String(code));
    return code;
  } catch (error) {
    const isOurs = error instanceof ToolError;
    const message = isOurs ? `${error.message}; ${hintOf(error.code, error.data)}` : `this is a bug in leakwarden ${io.version}`;
    runner.annotate({ level: 'error', title: 'leakwarden', message });
    if (!isOurs) for (const line of (error instanceof Error ? (error.stack ?? '') : String(error)).split('\n')) runner.say(line);
    const code = isOurs ? EXIT.usage : EXIT.bug;
    runner.output('exit-code', String(code));
    return code;
  }
}

class ActionRun {
  readonly #io: Io;
  readonly #runner: Runner;
  readonly #inputs: Inputs;
  readonly #interruption = new AbortController();

  constructor(io: Io, runner: Runner, inputs: Inputs) {
    this.#io = io;
    this.#runner = runner;
    this.#inputs = inputs;
  }

  async run(): Promise<number> {
    const { signal } = this.#interruption;
    const { text } = this.#inputs;
    for (const name of ['token', 'index-key'] as const) if (text(name) !== '') this.#runner.mask(text(name));
    const stopListening = this.#io.onInterrupt(() => this.#interruption.abort());
    try {
      const job = readJob(this.#io.env, text('github-api-url'));
      const folder = resolve(this.#io.env['GITHUB_WORKSPACE'] || this.#io.cwd, text('path'));
      const root = findWorkTree(folder);
      if (root === null) throw new ToolError('no-checkout', { path: folder });
      const caFile = text('ca-file') === '' ? '' : resolve(folder, text('ca-file'));
      const env = environmentOfGit(this.#io.env, root, job, text('token'), caFile);
      const git = { cwd: root, env, signal };
      const where: Remote = { ...git, remote: await remoteOf(git, job) };
      const subject = subjectOf(job.event, job.payload, this.#io.env, this.#inputs.asked);
      try {
        const found = await findRange(subject, where);
        if (found.kind === 'nothing') return this.#nothing(found.why);
        return await this.#scan(found, subject.kind === 'pull-request' ? subject.pull : null, job, where);
      } finally {
        await forgetFetched({ ...git, signal: new AbortController().signal });
      }
    } finally {
      stopListening();
    }
  }

  #nothing(why: string): number {
    this.#runner.say(`leakwarden: nothing to scan: ${why}`);
    for (const name of ['findings', 'new-findings', 'live-findings', 'scanned-commits']) this.#runner.output(name, '0');
    return EXIT.clean;
  }

  async #scan(
    found: Scanned,
    pull: { readonly number: number; readonly isFork: boolean } | null,
    job: Job,
    where: Remote,
  ): Promise<number> {
    const inputs = this.#inputs;
    const io = this.#quietIo(where.cwd, where.env);
    const stores = await prepareStores(
      inputs,
      { ...io, cwd: this.#io.env['GITHUB_WORKSPACE'] || where.cwd, env: this.#io.env },
      this.#runner,
      where.signal,
    );
    try {
      const { LEAKWARDEN_INDEX_KEY, XDG_CONFIG_HOME, XDG_STATE_HOME } = stores.io.env;
      const scans = await ActionScans.open(inputs, { ...io, env: { ...where.env, LEAKWARDEN_INDEX_KEY, XDG_CONFIG_HOME, XDG_STATE_HOME } });
      const { report, judged, known } = await this.#reports(found, scans);
      const commits = await commitsOf(found, report, where);
      const outcome = outcomeOf({
        report,
        known,
        help: scans.helpOf(report),
        failOn: inputs.failOn,
        showsStorePaths: inputs.showsStorePaths ?? !job.isPublic,
      });
      this.#print(report, outcome, scans);
      this.#files(report, judged, scans);
      const links = { repository: `${job.serverUrl}/${job.owner}/${job.repo}`, head: found.head, range: wordsOf(found, commits) };
      const sarif = judged !== null && inputs.uploadsSarif ? { text: scans.render('sarif', judged), started: judged.started } : null;
      const token = inputs.text('token');
      const request = { inputs, job, outcome, links, pull, sarif, token, ref: refOf(found, pull, job), io, signal: where.signal };
      await tellGitHub(request, this.#runner, (ms) => pause(ms, undefined, { signal: where.signal }));
      for (const note of [...stores.notes, ...(await scans.changedSettings(found, where))]) this.#runner.notice(note);
      this.#outputs(found, outcome, commits);
      return outcome.exitCode;
    } finally {
      stores.remove();
    }
  }

  /** The scans, each of which has its values masked before the next one begins. `judged`: all files of the head, with the verdicts of the report. */
  async #reports(
    found: Scanned,
    scans: ActionScans,
  ): Promise<{ report: Report; judged: Report | null; known: ReadonlySet<string> | null }> {
    const masked = new Set<string>();
    const mask = (report: Report): Report => {
      maskValues(report, this.#runner, masked);
      return report;
    };
    const wantsSarif = this.#inputs.text('sarif-file') !== '' || this.#inputs.uploadsSarif;
    const atHead = found.kind !== 'commits' || wantsSarif ? mask(await scans.tree(found.head, found.kind === 'tree')) : null;
    const report = mask(await reportOf(found, atHead, scans));
    const base = found.kind === 'commits' && report.findings.length > 0 ? found.base : null;
    const known = base === null ? null : idsOf(mask(await scans.tree(base)));
    return { report, judged: atHead === null ? null : withVerdictsOf(atHead, report), known };
  }

  /** What commands say goes to the log, where no line of it is a command. */
  #quietIo(cwd: string, env: Io['env']): Io {
    const lines = (): Output =>
      new Writable({
        decodeStrings: false,
        write: (chunk: unknown, _encoding, done) => {
          for (const line of String(chunk).split('\n')) if (line.trim() !== '') this.#runner.say(safeLine(line));
          done();
        },
      });
    return { ...this.#io, cwd, env, stdout: lines(), stderr: lines() };
  }

  #print(report: Report, outcome: Outcome, scans: ActionScans): void {
    const shown = { ...report, findings: outcome.shown.map(({ finding }) => finding), suppressed: [] };
    this.#runner.print(`leakwarden: ${counted(shown.findings.length, 'finding', 'findings')}`, [scans.render('text', shown)]);
  }

  #files(report: Report, atHead: Report | null, scans: ActionScans): void {
    const base = this.#io.env['GITHUB_WORKSPACE'] || this.#io.cwd;
    const write = (name: 'report-file' | 'sarif-file', format: keyof typeof REPORTERS, content: Report | null): void => {
      const file = this.#inputs.text(name);
      if (file === '' || content === null) return;
      writeFileAtomically(resolve(base, file), [scans.render(format, content)], { isPrivate: false });
      this.#runner.output(name, file);
    };
    write('report-file', 'json', report);
    write('sarif-file', 'sarif', atHead);
  }

  #outputs(found: Scanned, outcome: Outcome, commits: number): void {
    const values = {
      'findings': outcome.shown.length,
      'new-findings': outcome.fresh,
      'live-findings': outcome.live,
      'scanned-commits': commits,
      'range': found.kind === 'commits' ? `${found.base ?? ''}..${found.head}` : found.kind,
    };
    for (const [name, value] of Object.entries(values)) this.#runner.output(name, String(value));
  }
}

async function reportOf(found: Scanned, atHead: Report | null, scans: ActionScans): Promise<Report> {
  if (found.kind === 'commits') return scans.commits(found);
  if (atHead === null) throw new Error('the head was not scanned');
  return found.kind === 'tree' ? atHead : joinReports(await scans.history(found.tip), atHead);
}

async function commitsOf(found: Scanned, report: Report, where: Remote): Promise<number> {
  return found.kind === 'commits' ? countRange([found.after], found.not, where) : (report.stats.commits ?? 0);
}

/** Ids of all that is there, what is suppressed included: it is not new. */
function idsOf({ findings, suppressed }: Report): Set<string> {
  return new Set([...findings, ...suppressed.map(({ finding }) => finding)].map(({ id }) => id));
}

function wordsOf(found: Scanned, commits: number): string {
  const amount = counted(commits, 'commit', 'commits');
  if (found.kind === 'commits') return `${amount} up to ${shortId(found.head)}`;
  return found.kind === 'tree' ? `the files of ${shortId(found.head)}` : `the whole history, ${amount}`;
}

function refOf(found: Scanned, pull: { readonly number: number } | null, job: Job): string {
  if (pull !== null) return `refs/pull/${pull.number}/head`;
  return found.kind === 'commits' && found.ref.startsWith('refs/') ? found.ref : job.ref;
}
