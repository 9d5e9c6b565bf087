/**
 * The job's surroundings: which repository, on which server, by which event; and an environment for git in which it may fetch and knows no more than it needs. In: the
 * runner's variables. Variables: docs.github.com "Default environment variables"; the header is that of actions/checkout.
 */
import { readFileSync, statSync } from 'node:fs';
import { reasonOf, ToolError } from '../core/errors.ts';
import { runGit } from '../git/run-git.ts';
import { objectAt, textAt } from './event.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Job = {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly owner: string;
  readonly repo: string;
  /** `https://github.com`. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  readonly ref: string;
  /** Everybody may read it, and the job's log, as far as is known. */
  readonly isPublic: boolean;
};

/** GitHub's limit for a payload is 25 MB. */
const MAX_EVENT_BYTES = 64 << 20;
/** Two names that are no way up a path. */
const REPOSITORY = /^(?!\.{1,2}\/)([\w.-]+)\/(?!\.{1,2}$)([\w.-]+)$/;

/** Throws ToolError bad-input where this is no job of GitHub Actions. */
export function readJob(env: Environment, apiUrl: string): Job {
  const [, owner = '', repo = ''] = REPOSITORY.exec(env['GITHUB_REPOSITORY'] ?? '') ?? [];
  const event = env['GITHUB_EVENT_NAME'] ?? '';
  if (event === '' || repo === '')
    throw new ToolError('bad-input', { message: 'this is no job of GitHub Actions: GITHUB_EVENT_NAME or GITHUB_REPOSITORY is missing' });
  const api = apiUrl || env['GITHUB_API_URL'] || 'https://api.github.com';
  if (!/^https?:$/.test(URL.canParse(api) ? new URL(api).protocol : ''))
    throw new ToolError('bad-input', { message: `github-api-url is no address: ${api}` });
  const payload = readEvent(env['GITHUB_EVENT_PATH'] ?? '');
  const repository = objectAt(payload, 'repository') ?? {};
  const visibility = textAt(repository, 'visibility');
  return {
    event,
    payload,
    owner,
    repo,
    serverUrl: (env['GITHUB_SERVER_URL'] || 'https://github.com').replace(/\/+$/, ''),
    apiUrl: api,
    ref: env['GITHUB_REF'] ?? '',
    isPublic: visibility === '' ? repository['private'] !== true : visibility === 'public',
  };
}

function readEvent(path: string): Readonly<Record<string, unknown>> {
  if (path === '') return {};
  try {
    if (statSync(path).size > MAX_EVENT_BYTES) throw new Error(`it is larger than ${MAX_EVENT_BYTES} bytes`);
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    throw new Error('it is no object');
  } catch (error) {
    // A parser's message quotes the file.
    const reason = error instanceof SyntaxError ? 'it is not JSON' : reasonOf(error);
    throw new ToolError('bad-input', { message: `the event's file GITHUB_EVENT_PATH cannot be read: ${reason}` }, { cause: error });
  }
}

/** Inputs hold tokens, and so do the runner's own variables; git needs none of them. */
const NOT_FOR_GIT = /^(?:INPUT_|ACTIONS_|GITHUB_TOKEN$|GH_TOKEN$)/;

/**
 * Returns the environment of git's processes. It may fetch with the token even where actions/checkout kept none (`persist-credentials: false`): by a header in the
 * environment, which no other process of the machine sees, and which takes the place of one that checkout wrote into the configuration.
 */
export function environmentOfGit(
  env: Environment,
  folder: string,
  { serverUrl }: Pick<Job, 'serverUrl'>,
  token: string,
  caFile: string,
): Environment {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_FOR_GIT.test(name)));
  const settings: [string, string][] = [['safe.directory', folder]];
  if (token !== '' && serverUrl.startsWith('https://')) {
    const header = `http.${serverUrl}/.extraheader`;
    // An empty value drops those that came before: GitHub refuses two.
    settings.push([header, ''], [header, `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`]);
  }
  const first = Number.parseInt(own['GIT_CONFIG_COUNT'] ?? '0', 10) || 0;
  const given = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return {
    ...own,
    ...Object.fromEntries(given),
    GIT_CONFIG_COUNT: String(first + settings.length),
    ...(caFile === '' ? {} : { GIT_SSL_CAINFO: caFile }),
  };
}

/** Returns the remote to fetch from: the checkout's own, else the server's address. */
export async function remoteOf(
  git: { readonly cwd: string; readonly env: Environment; readonly signal: AbortSignal },
  job: Job,
): Promise<string> {
  const { stdout } = await runGit(['remote'], git);
  const isThere = stdout.toString('latin1').split('\n').includes('origin');
  return isThere ? 'origin' : `${job.serverUrl}/${job.owner}/${job.repo}.git`;
}
