/**
 * A job of GitHub Actions for tests: a repository on a remote, a checkout of it as actions/checkout makes one, GitHub's API on loopback, and the bundled Action started as
 * the runner starts it: inputs and event in variables, results in files.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, GIT_TEST_ENV, type Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { type FakePullRequest, servePullRequest } from '../../fixtures/github/pull-request.ts';
import { type GitHubFake, startGitHub } from '../../fixtures/github/server.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { ROOT } from '../house/source-text.ts';

export const TOKEN = 'a-token-of-a-test';
export const BUNDLE = join(ROOT, 'dist', 'action.cjs');

/** The runner's own is 24 (action.yml); this one shows that the bundle does not need it. */
const NODE = process.env['LEAKWARDEN_ACTION_NODE'] ?? process.execPath;

/** Returns a token that a rule finds by its checksum; another for each seed. */
export function secretOf(seed: string): string {
  return fillExample('{{crc32-base62-body:ghp_:30}}', seed);
}

export type JobResult = {
  readonly code: number;
  /** Everything that was printed. */
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** What a reader of the job sees: the log without its masks, summary, outputs, all files that were written, all that GitHub was sent. */
  readonly everything: string;
};

export type Job = {
  /** The remote: what people push to. */
  readonly origin: Repository;
  /** Where the runner checked it out. */
  readonly workspace: Repository;
  readonly fake: GitHubFake;
  readonly pull: FakePullRequest;
  id(name: string): string;
  /** Checks out a commit, one deep, without branches, as actions/checkout does. */
  checkout(commit: string, ...options: string[]): void;
  run(
    event: string,
    payload: Readonly<Record<string, unknown>>,
    inputs?: Readonly<Record<string, string>>,
    env?: Readonly<Record<string, string>>,
  ): Promise<JobResult>;
  /** The payload of a pull request from `base` to `head`, and its files as GitHub lists them. */
  pullRequest(base: string, head: string, more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
};

export async function createJob(prefix = ''): Promise<Job> {
  const folder = temporaryFolder();
  const origin = createRepository(join(folder, 'origin'));
  origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const workspace = createRepository(join(folder, 'workspace'));
  workspace.git('remote', 'add', 'origin', `file://${origin.folder}`);
  const fake = await startGitHub(TOKEN, prefix);
  const pull = servePullRequest(fake);
  let runs = 0;
  const id = (name: string): string => origin.git('rev-parse', name).trim();
  return {
    origin,
    workspace,
    fake,
    pull,
    id,
    checkout(commit, ...options) {
      workspace.git('fetch', '--quiet', '--no-tags', ...(options.length === 0 ? ['--depth=1'] : options), 'origin', commit);
      workspace.git('checkout', '--quiet', '--detach', '--force', 'FETCH_HEAD');
    },
    pullRequest(base, head, more = {}) {
      const range = `${base}...${head}`;
      const names = origin
        .git('diff', '--name-only', '-z', '--find-renames', range)
        .split('\0')
        .filter((name) => name !== '');
      pull.files = names.map((filename) => ({
        filename,
        patch: origin.git('diff', '--find-renames', range, '--', filename).replace(/^[\s\S]*?(?=@@)/, ''),
      }));
      origin.git('update-ref', 'refs/pull/7/head', head);
      const repository = { full_name: 'o/r' };
      const pull_request = {
        number: 7,
        base: { sha: id(base), ref: base, repo: repository },
        head: { sha: id(head), repo: repository },
        ...more,
      };
      return { action: 'synchronize', number: 7, pull_request };
    },
    async run(event, payload, inputs = {}, env = {}) {
      const files = join(folder, `run-${++runs}`);
      mkdirSync(files);
      const file = (name: string, content = ''): string => {
        writeFileSync(join(files, name), content);
        return join(files, name);
      };
      const given = { token: TOKEN, ...inputs };
      const variables = {
        ...GIT_TEST_ENV,
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: event,
        GITHUB_EVENT_PATH: file(
          'event.json',
          JSON.stringify({ repository: { full_name: 'o/r', default_branch: 'main', private: true }, ...payload }),
        ),
        GITHUB_REPOSITORY: 'o/r',
        GITHUB_REF: 'refs/heads/main',
        GITHUB_SHA: id('HEAD'),
        GITHUB_SERVER_URL: 'https://github.test',
        GITHUB_API_URL: fake.apiUrl,
        GITHUB_WORKSPACE: workspace.folder,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STEP_SUMMARY: file('summary'),
        RUNNER_TEMP: files,
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
        ...env,
      };
      const { code, log } = await start(variables, workspace.folder);
      const written = [inputs['report-file'], inputs['sarif-file']].flatMap((name) => (!name ? [] : [join(workspace.folder, name)]));
      const texts = written.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
      const [summary, output] = ['summary', 'output'].map((name) => readFileSync(join(files, name), 'utf8'));
      const unmasked = log
        .split('\n')
        .filter((line) => !line.startsWith('::add-mask::'))
        .join('\n');
      const everything = [unmasked, summary, output, ...texts, ...fake.asked.map(({ path, body }) => `${path} ${body}`)].join('\n');
      return { code, log, summary: summary ?? '', outputs: outputsOf(output ?? ''), everything };
    },
  };
}

function start(env: Readonly<Record<string, string>>, cwd: string): Promise<{ code: number; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [BUNDLE], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString();
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, log }));
  });
}

/** As the runner reads the file: `name<<MARK`, lines, `MARK`. */
function outputsOf(text: string): Record<string, string> {
  const found = text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name = '', , value = '']) => [name, value]));
}
