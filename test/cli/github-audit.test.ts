/** `leakwarden audit --github` against a fake GitHub on loopback, with git's own server behind it. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { type Organisation, startOrganisation, TOKEN } from '../../fixtures/github/organisation.ts';
import { GITHUB_OPTIONS } from '../../src/cli/github-options.ts';
import type { Io } from '../../src/cli/io.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { TAKEN, VISIBILITIES } from '../../src/sources/github-repositories.ts';
import { GITHUB_KINDS } from '../../src/sources/github-texts.ts';
import { makeZip } from '../engine/unpack/make-archives.ts';
import { runInProcess } from './run-in-process.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/leakwarden.cjs', import.meta.url));
const leak = (seed: string): string => fillExample('{{crc32-base62-body:ghp_:30}}', seed);

type Place = { readonly path: string; readonly line: number; readonly commit?: string; readonly url?: string };
type Told = {
  readonly findings: { readonly id: string; readonly places: Place[] }[];
  readonly problems: { readonly code: string; readonly where: string; readonly message: string }[];
  readonly repositories: { readonly name: string }[];
  readonly inputs: readonly string[];
};
type Ran = { readonly code: number; readonly report: Told; readonly stdout: string; readonly stderr: string };

async function run(organisation: Organisation, argv: readonly string[], change: Partial<Io> = {}): Promise<Ran> {
  const format = argv.includes('-f') ? [] : ['-f', 'json'];
  const outside = { env: { ...GIT_TEST_ENV, ...organisation.env }, cwd: temporaryFolder(), ...change };
  const told = await runInProcess(['audit', ...format, '--no-config', '--threads', '1', ...argv], outside);
  return {
    report: told.stdout === '' ? { findings: [], problems: [], repositories: [], inputs: [] } : JSON.parse(told.stdout),
    ...told,
  };
}

/** Nothing to clone: its refs are asked for, and there are none. */
const EMPTY = (): void => undefined;

const placesOf = ({ report }: Ran): Place[] =>
  report.findings.flatMap(({ places }) => places).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
const pathsOf = (ran: Ran): string[] => placesOf(ran).map(({ path }) => path);
const found = ({ report }: Ran): unknown => ({ findings: report.findings, problems: report.problems, repositories: report.repositories });

/** Three repositories: a token that is there, one that is gone, none. */
async function three(): Promise<Organisation> {
  const organisation = await startOrganisation();
  organisation.add('web', (repository) => {
    repository.write('docs/read me.md', `one\ntwo\ntoken: ${leak('web')}\n`);
    repository.commit();
  });
  organisation.add('api', (repository) => {
    repository.write('deploy.sh', `TOKEN=${leak('api')}\n`);
    repository.commit();
    repository.write('deploy.sh', 'TOKEN=$1\n');
    repository.commit();
  });
  organisation.add('quiet', (repository) => {
    repository.write('a.txt', 'nothing\n');
    repository.commit();
  });
  return organisation;
}

describe('an organisation', () => {
  it('is audited with all its repositories, and findings carry the address of their page', async () => {
    const organisation = await three();
    const ran = await run(organisation, ['--github', 'acme']);
    expect(ran.stderr).toContain('3 repositories of acme');
    expect(ran.report.problems).toEqual([]);
    expect(ran.code).toBe(1);
    const places = placesOf(ran);
    expect(places.map(({ path, line }) => `${path}:${line}`)).toEqual(['acme/api/deploy.sh:1', 'acme/web/docs/read me.md:3']);
    const { origin } = organisation.fake;
    expect(places.map(({ url }) => url)).toEqual([
      `${origin}/acme/api/blob/${places[0]?.commit}/deploy.sh#L1`,
      `${origin}/acme/web/blob/${places[1]?.commit}/docs/read%20me.md?plain=1#L3`,
    ]);
    expect(ran.report.repositories.map(({ name }) => name)).toEqual(['acme/api', 'acme/quiet', 'acme/web']);
    expect(ran.report.inputs).toEqual([`${origin}/acme`]);
    for (const seed of ['web', 'api']) expect(ran.stdout + ran.stderr).not.toContain(leak(seed));
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
    expect(organisation.hosting.authorized.length).toBeGreaterThan(0);
  });

  it('is read page after page', async () => {
    const organisation = await startOrganisation();
    for (let index = 0; index < 130; index++)
      organisation.listed.push({ id: index, name: `r${index}`, full_name: `acme/r${index}`, size: 9e9, topics: [] });
    const ran = await run(organisation, ['--github', 'acme', '--max-clone-size', '1']);
    expect(ran.report.problems).toHaveLength(130);
    expect(new Set(ran.report.problems.map(({ code }) => code))).toEqual(new Set(['clone-failed']));
    expect(ran.report.problems[0]?.message).toContain('larger than 1048576 bytes');
    expect(ran.code).toBe(3);
  });

  it('is filtered by forks, archived, topics and visibility; a repository that is named is taken anyway', async () => {
    const organisation = await startOrganisation();
    const fields = {
      plain: {},
      fork: { fork: true },
      old: { archived: true },
      tagged: { topics: ['pci'] },
      open: { visibility: 'public' },
    };
    for (const [name, more] of Object.entries(fields)) organisation.add(name, EMPTY, more);
    const taken = async (...argv: string[]): Promise<string[]> =>
      (await run(organisation, ['--github', 'acme', ...argv])).report.repositories.map(({ name }) => name.slice(5));
    expect(await taken()).toEqual(['fork', 'old', 'open', 'plain', 'tagged']);
    expect(await taken('--forks', 'none', '--archived', 'none')).toEqual(['open', 'plain', 'tagged']);
    expect(await taken('--forks', 'only')).toEqual(['fork']);
    expect(await taken('--topic', 'pci', '--topic', 'other')).toEqual(['tagged']);
    expect(await taken('--visibility', 'public', '--github', 'acme/fork')).toEqual(['fork', 'open']);
    const limited = await run(organisation, ['--github', 'acme', '--max-repositories', '2']);
    expect(limited.report.problems.map(({ code }) => code)).toEqual(['github-limit']);
    expect(limited.code).toBe(3);
  });

  it('of which one fails is a problem, and the rest goes on', async () => {
    const organisation = await three();
    organisation.listed.push({ id: 77, name: 'gone', full_name: 'acme/gone', size: 1, topics: [] });
    organisation.listed.push({ id: 78, name: 'x', full_name: '../../etc', size: 1, topics: [] });
    const ran = await run(organisation, ['--github', 'acme', '--github', 'acme/missing']);
    expect(pathsOf(ran)).toEqual(['acme/api/deploy.sh', 'acme/web/docs/read me.md']);
    expect(ran.report.problems.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'github-failed acme/missing',
      'github-failed ../../etc',
      'clone-failed acme/gone',
    ]);
    const quiet = await run(organisation, ['--github', 'acme/quiet', '--github', 'acme/gone']);
    expect(quiet.code).toBe(3);
  });

  it('waits and tries again where GitHub limits or fails', async () => {
    const organisation = await three();
    organisation.fake.play('secondary-limit', 1, '/orgs/acme/repos');
    organisation.fake.play('bad-gateway', 1, '/users/acme');
    const ran = await run(organisation, ['--github', 'acme']);
    expect(ran.report.problems).toEqual([]);
    expect(pathsOf(ran)).toEqual(['acme/api/deploy.sh', 'acme/web/docs/read me.md']);
  });

  it.each([['odd-reply'], ['forbidden']] as const)('that answers with %s is a problem', async (fault) => {
    const organisation = await three();
    organisation.fake.play(fault, 9, '/orgs/acme/repos');
    const ran = await run(organisation, ['--github', 'acme', '--github', 'acme/web']);
    expect(ran.report.problems.map(({ code, where }) => `${code} ${where}`)).toEqual(['github-failed acme']);
    expect(pathsOf(ran)).toEqual(['acme/web/docs/read me.md']);
  });

  it('is asked with no token of another host', async () => {
    const organisation = await three();
    const { GITHUB_TOKEN: token = '' } = organisation.env;
    const env = { ...GIT_TEST_ENV, GITHUB_TOKEN: token, GH_TOKEN: token };
    const ran = await run(organisation, ['--github', 'acme', '--github-url', organisation.fake.origin], { env });
    expect(ran.report.problems.map(({ code }) => code)).toEqual(['github-failed']);
    expect(organisation.fake.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const named = { ...GIT_TEST_ENV, GH_ENTERPRISE_TOKEN: token };
    const allowed = await run(organisation, ['--github', 'acme/web', '--github-url', organisation.fake.origin], { env: named });
    expect(pathsOf(allowed)).toEqual(['acme/web/docs/read me.md']);
  });
});

describe('progress', () => {
  it('names the repository and its number, on a terminal alone, and leaves nothing behind', async () => {
    const organisation = await three();
    let said = '';
    const stderr = Object.assign(new PassThrough(), { isTTY: true as const });
    stderr.on('data', (chunk) => {
      said += chunk;
    });
    await run(organisation, ['--github', 'acme'], { stderr });
    for (const line of ['cloning 1 of 3 acme/api', 'cloning 2 of 3 acme/quiet', 'cloning 3 of 3 acme/web']) expect(said).toContain(line);
    expect(said.endsWith('\r\u001b[K')).toBe(true);
    const quiet = await run(organisation, ['--github', 'acme/quiet', '--quiet']);
    expect(quiet.stderr).toBe('');
  });
});

describe('an interruption', () => {
  it('ends the audit where it is, is told, and leaves no clone', async () => {
    const organisation = await three();
    const state = join(temporaryFolder(), 'state');
    let interrupt = (): void => undefined;
    organisation.hosting.beforeReply = async (path) => {
      if (path.includes('quiet.git')) interrupt();
    };
    const onInterrupt: Io['onInterrupt'] = (listener) => {
      interrupt = listener;
      return () => undefined;
    };
    const ran = await run(organisation, ['--github', 'acme', '--state', state], { onInterrupt });
    expect(ran.code).toBe(130);
    expect(ran.report.problems.map(({ code }) => code)).toEqual(['interrupted']);
    expect(pathsOf(ran)).toEqual(['acme/api/deploy.sh']);
    expect(readdirSync(state).map((name) => name.replace(/^[0-9a-f]+/, 'HOST'))).toEqual(['HOST-repository-2.history.json']);
    const early = await run(organisation, ['--github', 'acme'], {
      onInterrupt: (listener) => {
        listener();
        return () => undefined;
      },
    });
    expect(early.report.problems.map(({ code }) => code)).toEqual(['interrupted']);
  });
});

describe('beside the repositories', () => {
  async function talkative(): Promise<Organisation> {
    const organisation = await startOrganisation();
    organisation.add('api', EMPTY, { has_wiki: true });
    const at = '/repos/acme/api';
    const many = Array.from({ length: 140 }, (_, index) => ({ number: index + 1, title: `t${index}`, body: null }));
    const last = { number: 141, title: 'it fails', body: `with ${leak('issue')}` };
    const pull = { number: 142, title: `key ${leak('pull')}`, body: '', pull_request: {} };
    organisation.list(`${at}/issues`, [...many, last, pull]);
    organisation.list(`${at}/pulls`, [pull]);
    organisation.list(`${at}/pulls/142/reviews`, [
      { id: 5, body: `see ${leak('review')}` },
      { id: 6, body: '' },
    ]);
    const url = (kind: string, number: number): string => `${organisation.fake.apiUrl}${at}/${kind}/${number}`;
    organisation.list(`${at}/issues/comments`, [{ id: 7, body: leak('comment'), issue_url: url('issues', 141) }]);
    organisation.list(`${at}/pulls/comments`, [
      { id: 8, body: 'this?', diff_hunk: `@@\n+${leak('hunk')}`, pull_request_url: url('pulls', 142) },
    ]);
    organisation.list(`${at}/comments`, [{ id: 9, body: leak('commit-comment'), commit_id: 'a'.repeat(40) }]);
    organisation.list(`${at}/releases`, [{ id: 10, tag_name: 'v1/2', name: 'one', body: leak('release') }]);
    organisation.serve('acme/api.wiki.git', (repository) => {
      repository.write('Set-up.md', `${leak('wiki')}\n`);
      repository.commit();
    });
    return organisation;
  }

  it('issues, pull requests, reviews, comments, releases and wikis are read when asked for', async () => {
    const organisation = await talkative();
    const kinds = ['issues', 'pulls', 'comments', 'releases', 'wikis'];
    const ran = await run(organisation, ['--github', 'acme', ...kinds.flatMap((kind) => ['--also', kind])]);
    expect(ran.report.problems).toEqual([]);
    const { origin } = organisation.fake;
    const base = `${origin}/acme/api`;
    const wikiCommit = placesOf(ran).find(({ path }) => path.includes('.wiki/'))?.commit;
    expect(placesOf(ran).map(({ path, url }) => [path, url])).toEqual([
      ['acme/api.wiki/Set-up.md', `${base}/wiki/Set-up/${wikiCommit}`],
      [`acme/api/.git/commit/${'a'.repeat(40)}/comment/9`, `${base}/commit/${'a'.repeat(40)}#commitcomment-9`],
      ['acme/api/.git/issue/141', `${base}/issues/141`],
      ['acme/api/.git/issue/141/comment/7', `${base}/issues/141#issuecomment-7`],
      ['acme/api/.git/pull/142', `${base}/pull/142`],
      ['acme/api/.git/pull/142/diff-comment/8', `${base}/pull/142#discussion_r8`],
      ['acme/api/.git/pull/142/review/5', `${base}/pull/142#pullrequestreview-5`],
      ['acme/api/.git/release/v1/2', `${base}/releases/tag/v1/2`],
    ]);
    expect(pathsOf(await run(organisation, ['--github', 'acme']))).toEqual([]);
    expect(pathsOf(await run(organisation, ['--github', 'acme', '--also', 'issues']))).toEqual(['acme/api/.git/issue/141']);
  });

  it('a secret that is in no repository has no history, and is told with its page', async () => {
    const organisation = await talkative();
    const ran = await run(organisation, ['--github', 'acme', '--also', 'issues']);
    expect(ran.report.findings.map((finding) => 'history' in finding)).toEqual([false]);
    const file = join(temporaryFolder(), 'r.txt');
    await run(organisation, ['--github', 'acme', '--also', 'issues', '-f', 'text', '-o', file]);
    const read = readFileSync(file, 'utf8');
    expect(read).toContain(`acme/api/.git/issue/141:3:6\n      ${organisation.fake.origin}/acme/api/issues/141\n`);
    expect(read).not.toContain('git gc');
    expect(read).not.toContain('leakwarden fix');
  });

  it('comments of pull requests are read where issues are switched off', async () => {
    const organisation = await talkative();
    const off = { status: 410, data: { message: 'Issues are disabled for this repo' } };
    for (const path of ['issues', 'issues/comments']) organisation.fake.route(`GET /repos/acme/api/${path}`, () => off);
    const issueUrl = `${organisation.fake.apiUrl}/repos/acme/api/issues/142`;
    organisation.list('/repos/acme/api/issues/142/comments', [{ id: 77, body: leak('talk'), issue_url: issueUrl }]);
    const ran = await run(organisation, ['--github', 'acme/api', '--also', 'issues', '--also', 'comments']);
    expect(ran.report.problems).toEqual([]);
    expect(pathsOf(ran)).toContain('acme/api/.git/issue/142/comment/77');
  });

  it('a list that breaks off is a problem, whatever GitHub says', async () => {
    const organisation = await talkative();
    organisation.fake.route('GET /repos/acme/api/pulls/142/reviews', () => ({ status: 404, data: { message: 'Not Found' } }));
    const ran = await run(organisation, ['--github', 'acme/api', '--also', 'pulls']);
    expect(pathsOf(ran)).toEqual(['acme/api/.git/pull/142']);
    expect(ran.report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('acme/api: GitHub did not give pull requests: GET'),
    ]);
  });

  it('what a repository has not is nothing, what is refused is a problem', async () => {
    const organisation = await startOrganisation();
    organisation.add('api', EMPTY, { has_wiki: true });
    organisation.fake.route('GET /repos/acme/api/issues', () => ({ status: 410, data: { message: 'Issues are disabled for this repo' } }));
    for (const list of ['pulls', 'issues/comments', 'pulls/comments', 'comments', 'releases'])
      organisation.list(`/repos/acme/api/${list}`, []);
    expect((await run(organisation, ['--github', 'acme', '--also', 'all'])).report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('acme: GitHub did not give the list of gists'),
      expect.stringContaining('acme/api: GitHub did not give logs of Actions'),
    ]);
    organisation.fake.play('forbidden', 1, '/repos/acme/api/releases');
    const ran = await run(organisation, ['--github', 'acme/api', '--also', 'releases']);
    expect(ran.report.problems.map(({ code }) => code)).toEqual(['github-failed']);
    expect(ran.code).toBe(3);
  });

  it('gists of members are cloned, with their comments', async () => {
    const organisation = await startOrganisation();
    organisation.fake.route('GET /user', () => ({ data: { login: 'ada' } }));
    organisation.list('/orgs/acme/members', [{ login: 'ada' }, { login: 'bob' }]);
    organisation.list('/gists', [{ id: 'aa11' }]);
    organisation.list('/users/bob/gists', [{ id: 'bb22' }, { id: '../x' }]);
    organisation.list('/gists/bb22/comments', []);
    organisation.list('/gists/aa11/comments', [{ id: 3, body: leak('gist-comment') }]);
    for (const id of ['aa11', 'bb22']) {
      organisation.serve(`gist/${id}.git`, (repository) => {
        repository.write('a.sh', `${leak(id)}\n`);
        repository.commit();
        repository.write('a.sh', 'clean\n');
        repository.commit();
      });
    }
    const ran = await run(organisation, ['--github', 'acme', '--also', 'gists']);
    expect(ran.report.problems).toEqual([]);
    const commits = placesOf(ran).map(({ commit }) => commit);
    const { origin } = organisation.fake;
    expect(placesOf(ran).map(({ path, url }) => [path, url])).toEqual([
      ['ada/gist:aa11/.git/comment/3', `${origin}/gist/ada/aa11?permalink_comment_id=3`],
      ['ada/gist:aa11/a.sh', `${origin}/gist/ada/aa11/${commits[1]}`],
      ['bob/gist:bb22/a.sh', `${origin}/gist/bob/bb22/${commits[2]}`],
    ]);
  });
});

describe('a state', () => {
  const clonesOf = ({ fake }: Organisation): string[] =>
    fake.asked
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/git-upload-pack') && !path.startsWith('/api'))
      .map(({ path }) => path.split('/')[2] ?? '');

  it('spares what did not move and had nothing, and comes to the same', async () => {
    const organisation = await three();
    const state = join(temporaryFolder(), 'state');
    const first = await run(organisation, ['--github', 'acme', '--state', state]);
    const asked = (): string[] => clonesOf(organisation).splice(0);
    expect(new Set(asked())).toEqual(new Set(['api.git', 'quiet.git', 'web.git']));
    organisation.fake.asked.length = 0;
    const again = await run(organisation, ['--github', 'acme', '--state', state]);
    expect(found(again)).toEqual(found(first));
    const kept = readdirSync(state).filter((name) => name.endsWith('.json'));
    expect(kept).toHaveLength(3);
    for (const name of kept) {
      const text = readFileSync(join(state, name), 'utf8');
      for (const seed of ['web', 'api']) expect(text).not.toContain(leak(seed));
    }
    expect(existsSync(join(state, 'lock'))).toBe(false);
    // One of a clone's two requests lists refs, which is asked of all.
    const counts = (name: string): number => clonesOf(organisation).filter((one) => one === name).length;
    expect(counts('quiet.git')).toBeLessThan(counts('web.git'));
    organisation.add('quiet', (repository) => {
      repository.write('a.txt', `${leak('later')}\n`);
      repository.commit();
    });
    const moved = await run(organisation, ['--github', 'acme', '--state', state]);
    expect(found(moved)).toEqual(found(await run(organisation, ['--github', 'acme'])));
    expect(pathsOf(moved)).toEqual(['acme/api/deploy.sh', 'acme/quiet/a.txt', 'acme/web/docs/read me.md']);
  });

  it('is audited anew where its files say something else, and of other rules', async () => {
    const organisation = await three();
    const state = join(temporaryFolder(), 'state');
    const only = ['--github', 'acme', '--state', state, '--only', 'private-key-pkcs12'];
    const nothing = await run(organisation, only);
    expect([nothing.code, pathsOf(nothing)]).toEqual([0, []]);
    const whole = await run(organisation, ['--github', 'acme', '--state', state]);
    expect(pathsOf(whole)).toEqual(['acme/api/deploy.sh', 'acme/web/docs/read me.md']);
    for (const [index, name] of readdirSync(state)
      .filter((one) => one.endsWith('.json'))
      .entries())
      writeFileSync(
        join(state, name),
        ['{', '[]', '{"schema":"leakwarden/github-audit-state@1","refs":"","repository":{}}'][index % 3] ?? '',
      );
    expect(found(await run(organisation, ['--github', 'acme', '--state', state]))).toEqual(found(whole));
  });

  it('of a run that was killed lets the next one go on where it was, with the same result', async () => {
    const organisation = await three();
    const state = join(temporaryFolder(), 'state');
    const whole = await run(organisation, ['--github', 'acme']);
    let letGo = (): void => undefined;
    let isHeld = false;
    const held = new Promise<void>((resolve) => {
      organisation.hosting.beforeReply = async (path) => {
        if (!path.includes('web.git')) return;
        isHeld = true;
        resolve();
        await new Promise<void>((go) => {
          letGo = go;
        });
      };
    });
    const argv = ['audit', '-f', 'json', '--no-config', '--threads', '1', '--github', 'acme', '--state', state];
    const child = execFile(process.execPath, [PROGRAM, ...argv], { env: { ...GIT_TEST_ENV, ...organisation.env }, cwd: temporaryFolder() });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await Promise.race([held, ended]);
    child.kill('SIGKILL');
    await ended;
    expect(isHeld).toBe(true);
    organisation.hosting.beforeReply = async () => undefined;
    letGo();
    expect(readdirSync(state).filter((name) => name.endsWith('.json'))).toHaveLength(2);
    organisation.fake.asked.length = 0;
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const resumed = await run(organisation, ['--github', 'acme', '--state', state], { version });
    expect(found(resumed)).toEqual(found(whole));
    expect(readdirSync(join(state)).filter((name) => name.startsWith('clones') || name === 'lock')).toEqual([]);
    expect(clonesOf(organisation).filter((name) => name === 'quiet.git')).toHaveLength(1);
  });

  it('is used by one audit at a time', async () => {
    const organisation = await three();
    const state = temporaryFolder();
    const { takeLock } = await import('../../src/system/lock.ts');
    const lock = takeLock(join(state, 'lock'));
    const ran = await run(organisation, ['--github', 'acme', '--state', state]);
    lock?.release();
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('is in use by another audit');
  });
});

describe('logs of Actions', () => {
  it('are read once, unless something was found in them; the token stays at home', async () => {
    const organisation = await startOrganisation();
    organisation.add('api', EMPTY);
    const { fake } = organisation;
    const runs = [
      { id: 501, status: 'completed', run_attempt: 2 },
      { id: 502, status: 'in_progress', run_attempt: 1 },
      { id: 503, status: 'completed', run_attempt: 1 },
    ];
    fake.route('GET /repos/acme/api/actions/runs', () => ({ data: { total_count: runs.length, workflow_runs: runs } }));
    const location = `${fake.origin.replace('127.0.0.1', 'localhost')}/storage`;
    fake.route('GET /repos/acme/api/actions/runs/{id}/attempts/{attempt}/logs', ({ params }) => {
      if (params['id'] === '503') return { status: 410, data: { message: 'Gone' } };
      return { status: 302, headers: { location: `${location}/${params['id']}-${params['attempt']}?sig=secret` } };
    });
    const git = fake.pages;
    fake.pages = async (asked) => {
      if (!asked.path.startsWith('/storage/')) return git(asked);
      const text = asked.path.includes('501-1') ? `build\nTOKEN=${leak('log')}\n` : 'fine\n';
      return { body: makeZip([{ name: '0_build.txt', bytes: Buffer.from(text) }]) };
    };
    const state = join(temporaryFolder(), 'state');
    const argv = ['--github', 'acme/api', '--also', 'logs', '--state', state];
    const ran = await run(organisation, argv);
    expect(ran.report.problems).toEqual([]);
    expect(placesOf(ran).map(({ url }) => url)).toEqual([`${fake.origin}/acme/api/actions/runs/501/attempts/1`]);
    expect(pathsOf(ran)).toEqual(['acme/api/.git/run/501/1.zip!0_build.txt']);
    const stored = fake.asked.filter(({ path }) => path.startsWith('/storage/'));
    expect(stored.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    fake.asked.length = 0;
    expect(found(await run(organisation, argv))).toEqual(found(ran));
    expect(fake.asked.filter(({ path }) => path.startsWith('/storage/')).map(({ path }) => path.slice(0, 14))).toEqual(['/storage/501-1']);
  });
});

describe('options', () => {
  it('name what there is', () => {
    const choicesOf = (name: string): readonly string[] | undefined => GITHUB_OPTIONS.find((option) => option.name === name)?.choices;
    expect(choicesOf('also')).toEqual([...GITHUB_KINDS, 'all']);
    expect([choicesOf('forks'), choicesOf('archived')]).toEqual([TAKEN, TAKEN]);
    expect(choicesOf('visibility')).toEqual(VISIBILITIES);
  });
});

describe('mistakes in options', () => {
  it.each([
    [['--github', 'a/b/c'], '--github takes OWNER or OWNER/REPO'],
    [['--github', '../x'], '--github takes OWNER or OWNER/REPO'],
    [['--github', 'acme', '.'], '--github takes no REPO'],
    [['--github', 'acme', '--range', 'a..b'], '--range is for repositories that are here'],
    [['--forks', 'none'], '--forks belongs to --github'],
    [['--github', 'acme', '--forks', 'some'], '--forks must be one of'],
    [['--github', 'acme', '--github-url', 'http://example.com'], '--github-url is no https address'],
    [['--github', 'acme', '--max-repositories', '0'], '--max-repositories must be a whole number'],
    [['--github', 'acme/api', '--also', 'gists'], 'gists belong to users'],
  ])('%j', async (argv, words) => {
    const ran = await run(await startOrganisation(), argv);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(words);
  });
});
