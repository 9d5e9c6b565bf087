/** The pure parts: what is written for people and machines, and what an environment becomes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOfPatch, lineWithin } from '../../src/action/diff-lines.ts';
import { subjectOf } from '../../src/action/event.ts';
import { code, escaped, renderPage } from '../../src/action/markdown.ts';
import { joinReports, outcomeOf, withVerdictsOf } from '../../src/action/outcome.ts';
import { environmentOfGit, readJob } from '../../src/action/repository.ts';
import { commentKey, isReview, isSameAuthor, keyOfComment, markComment, markFixed, markReview } from '../../src/action/review-marks.ts';
import { createRunner, MAX_SUMMARY_BYTES } from '../../src/action/runner.ts';
import { withLineHashes } from '../../src/action/upload-sarif.ts';
import type { Finding, Place, Report, Verdict } from '../../src/core/contracts.ts';
import { Secret } from '../../src/core/secret.ts';
import { ROOT } from '../house/source-text.ts';

const place = (path: string, commit?: string): Place => ({
  path,
  line: 3,
  column: 1,
  endLine: 3,
  endColumn: 9,
  span: { start: 0, end: 8 },
  ...(commit === undefined ? {} : { commit }),
});

const finding = (id: string, places: readonly Place[], verdict: Verdict = { state: 'unknown', why: 'not-asked' }): Finding => ({
  id,
  rule: 'a-rule',
  provider: 'A',
  name: 'A token',
  severity: 'high',
  confidence: 'high',
  entropy: 4,
  checksum: 'none',
  details: {},
  secret: new Secret(`value of ${id}`),
  preview: '',
  parts: {},
  places,
  verdict,
});

const report = (findings: readonly Finding[], more: Partial<Report> = {}): Report => ({
  tool: { name: 'leakwarden', version: '0' },
  started: '2024-01-01T00:00:00Z',
  inputs: [],
  findings,
  suppressed: [],
  problems: [],
  stats: { files: 1, bytes: 1, binaryFiles: 0, candidates: 0, rules: 1, threads: 1, seconds: 0, regexEngine: 'v8' },
  ...more,
});

const outcome = (one: Report, showsStorePaths = true): ReturnType<typeof outcomeOf> =>
  outcomeOf({ report: one, known: null, help: new Map(), failOn: 'any', showsStorePaths });

const links = { repository: 'https://github.test/o/r', head: 'a'.repeat(40), range: '1 commit' };
const LIVE: Verdict = {
  state: 'live',
  by: 'vault:https://vault.example',
  at: '2024-01-01T00:00:00Z',
  where: 'secret/app',
  version: '3',
  identity: 'alice',
  scopes: ['repo'],
  also: ['secret/other'],
  since: '2024-01-01T00:00:00Z',
};

describe('a page', () => {
  it('leaves findings out rather than grow too large, and says so', () => {
    const many = report(Array.from({ length: 500 }, (_, at) => finding(`${at}`.padStart(32, '0'), [place(`f${at}.txt`)])));
    const page = renderPage(outcome(many), links, 20_000);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(20_000);
    expect(page).toMatch(/\d+ more findings left out here/);
    expect(page).toContain('500 findings');
    expect(renderPage(outcome(many), links, 1)).toContain('500 more findings left out');
  });

  it('says what was not looked at', () => {
    const one = report([], { problems: [{ code: 'unreadable', where: 'a', data: { path: 'a|b', reason: '<b>' } }] });
    expect(renderPage(outcome(one), links, 9999)).toContain('cannot read a\\|b: &lt;b&gt;');
    expect(outcome(one).exitCode).toBe(3);
  });

  it('shows neither places of stores nor owners where everybody reads along', () => {
    const one = report([finding('1'.repeat(32), [place('a')], LIVE)]);
    expect(renderPage(outcome(one), links, 9999)).toContain('secret/app');
    const open = outcome(one, false);
    expect(open.live).toBe(1);
    expect(JSON.stringify(open.shown)).not.toMatch(/secret\/(?:app|other)|alice|vault\.example/);
    expect(renderPage(open, links, 9999)).toContain('live: place not shown since 2024-01-01, says vault');
  });

  it('escapes what Markdown and GitHub obey', () => {
    expect(escaped('@all #1 [a](b) <i> *x* `y` a|b')).toBe('&#64;all &#35;1 \\[a\\](b) &lt;i&gt; \\*x\\* \\`y\\` a\\|b');
    expect(escaped('see https://a.example/x_y?z=1.')).toBe('see <https://a.example/x_y?z=1.>');
    expect(code('a`b``c')).toBe('``` a`b``c ```');
    expect(code('a\nb')).toBe('`a\\u{a}b`');
  });
});

describe('reports', () => {
  it('are joined by finding, the places of the head first', () => {
    const commits = report([finding('1', [place('old', 'c1')], LIVE), finding('2', [place('b', 'c2')])]);
    const head = report([finding('1', [place('now')]), finding('3', [place('c')])]);
    const joined = joinReports(commits, head);
    expect(joined.findings.map(({ id, places }) => [id, places.map(({ path }) => path)])).toEqual([
      ['1', ['now', 'old']],
      ['2', ['b']],
      ['3', ['c']],
    ]);
    expect(withVerdictsOf(head, joined).findings.map(({ verdict }) => verdict.state)).toEqual(['live', 'unknown']);
  });
});

describe('the runner is told', () => {
  it('commands that no text can forge', () => {
    let log = '';
    const runner = createRunner((text) => {
      log += text;
    }, {});
    runner.annotate({ level: 'error', title: 'a,b:c', message: '1%\n::error::x', file: 'a,b:\n.txt', line: 3 });
    runner.say('::error::x');
    runner.say('a ##[set-output name=x]y');
    expect(log.split('\n')).toEqual([
      '::error file=a%2Cb%3A%0A.txt,line=3,title=a%2Cb%3Ac::1%25%0A::error::x',
      ':\u200b:error::x',
      'a ##\u200b[set-output name=x]y',
      '',
    ]);
  });

  it('outputs between marks of their own, and no summary that it would drop', () => {
    const folder = mkdtempSync(join(tmpdir(), 'leakwarden-runner-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
    const runner = createRunner(() => undefined, { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary });
    runner.output('range', 'a\nEOF\nother<<EOF');
    expect(readFileSync(output, 'utf8')).toMatch(/^range<<(leakwarden-\S+)\na\nEOF\nother<<EOF\n\1\n$/);
    expect(runner.summary('x'.repeat(MAX_SUMMARY_BYTES + 1))).toBe(false);
    expect(runner.summary('page')).toBe(true);
    expect(readFileSync(summary, 'utf8')).toBe('page\n');
  });
});

describe('the lines of a patch', () => {
  it('are those of its right side', () => {
    const patch = '@@ -1,2 +3,4 @@ x\n a\n@@ -9 +20 @@\n+b\n@@ -30,2 +40,0 @@\n-c\n-d';
    expect(linesOfPatch(patch)).toEqual([
      { first: 3, last: 6 },
      { first: 20, last: 20 },
    ]);
    expect(linesOfPatch(undefined)).toEqual([]);
    expect([lineWithin(1, 2, linesOfPatch(patch)), lineWithin(1, 4, linesOfPatch(patch)), lineWithin(5, 30, linesOfPatch(patch))]).toEqual([
      null,
      3,
      5,
    ]);
  });
});

describe('marks of comments', () => {
  it('are known again, with what they are about', () => {
    const key = commentKey('ab'.repeat(16), 'a.txt');
    expect(keyOfComment(markComment(key, 'text'))).toEqual({ key, isFixed: false });
    expect(keyOfComment(markFixed(key, 'text'))).toEqual({ key, isFixed: true });
    expect(keyOfComment(`quoted: ${markComment(key, 'text')}`)).toBeNull();
    expect([isReview(markReview('x')), isReview('x'), isReview(null)]).toEqual([true, false, false]);
    expect(commentKey('ab'.repeat(16), 'b.txt')).not.toBe(key);
    expect([isSameAuthor('x[bot]', 'x'), isSameAuthor('y', 'x'), isSameAuthor(undefined, 'x')]).toEqual([true, false, false]);
  });
});

describe("git's environment", () => {
  it('has the header for its server and no secrets of the runner', () => {
    const given = {
      PATH: '/bin',
      INPUT_TOKEN: 't',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'a.b',
      GIT_CONFIG_VALUE_0: 'c',
    };
    const env = environmentOfGit(given, '/w', { serverUrl: 'https://github.test' }, 'token', '/ca.pem');
    expect(Object.keys(env).filter((name) => /INPUT|ACTIONS/.test(name))).toEqual([]);
    expect([
      env['GIT_CONFIG_COUNT'],
      env['GIT_CONFIG_KEY_0'],
      env['GIT_CONFIG_KEY_1'],
      env['GIT_CONFIG_VALUE_1'],
      env['GIT_SSL_CAINFO'],
    ]).toEqual(['4', 'a.b', 'safe.directory', '/w', '/ca.pem']);
    expect([env['GIT_CONFIG_KEY_2'], env['GIT_CONFIG_VALUE_2'], env['GIT_CONFIG_KEY_3']]).toEqual([
      'http.https://github.test/.extraheader',
      '',
      'http.https://github.test/.extraheader',
    ]);
    expect(Buffer.from(env['GIT_CONFIG_VALUE_3']?.split(' ').at(-1) ?? '', 'base64').toString()).toBe('x-access-token:token');
    expect(environmentOfGit({}, '/w', { serverUrl: 'http://plain.test' }, 'token', '')).not.toHaveProperty('GIT_CONFIG_KEY_1');
  });
});

describe('a job', () => {
  const env = { GITHUB_EVENT_NAME: 'push', GITHUB_REPOSITORY: 'o/r' };

  it('is taken for public where nothing says that it is not', () => {
    expect(readJob(env, '').isPublic).toBe(true);
    expect(readJob({ ...env, GITHUB_API_URL: 'https://ghe.test/api/v3' }, '').apiUrl).toBe('https://ghe.test/api/v3');
    expect(readJob(env, 'https://other.test').apiUrl).toBe('https://other.test');
  });

  it.each([{}, { ...env, GITHUB_REPOSITORY: 'o/../r' }, { ...env, GITHUB_EVENT_PATH: '/nonexistent' }])('is refused: %j', (given) => {
    expect(() => readJob(given, '')).toThrow(/GITHUB_/);
  });

  it('has an address of the API', () => {
    for (const address of ['nowhere', 'file:///etc/passwd']) expect(() => readJob(env, address)).toThrow('github-api-url is no address');
  });
});

describe('the subject of an event', () => {
  const asked = { mode: 'auto', base: '', head: '' } as const;
  const id = 'a'.repeat(40);

  it('is what its payload says', () => {
    const pull = { number: 7, base: { sha: id, ref: 'main', repo: { full_name: 'o/r' } }, head: { sha: id, repo: null } };
    expect(subjectOf('pull_request_review', { pull_request: pull }, {}, asked)).toMatchObject({
      kind: 'pull-request',
      pull: { number: 7, isFork: true },
    });
    expect(subjectOf('create', { ref: 'v1', ref_type: 'tag', repository: { default_branch: 'main' } }, { GITHUB_SHA: id }, asked)).toEqual({
      kind: 'push',
      ref: 'refs/tags/v1',
      before: null,
      after: id,
      defaultBranch: 'main',
    });
    expect(subjectOf('release', { release: { tag_name: 'v1' } }, {}, asked)).toEqual({ kind: 'history', ref: 'refs/tags/v1' });
    expect(subjectOf('delete', { ref: 'x' }, {}, asked).kind).toBe('nothing');
    expect(subjectOf('push', {}, {}, { ...asked, mode: 'tree' })).toEqual({ kind: 'tree' });
  });

  it.each([
    ['an id that is an option', 'push', { ref: 'refs/heads/x', before: id, after: '--upload-pack=x' }, asked],
    ['a pull request without a number', 'pull_request', { pull_request: { base: { sha: id }, head: { sha: id } } }, asked],
    ['a head without a base', 'push', {}, { ...asked, head: 'x' }],
    ['a range for a tree', 'push', {}, { ...asked, base: 'x', mode: 'tree' as const }],
    ['a release without a tag', 'release', {}, asked],
  ])('is refused: %s', (_name, event, payload, given) => {
    expect(() => subjectOf(event, payload, {}, given)).toThrow(/./);
  });
});

describe('what is sent to code scanning', () => {
  it('is the report with hashes of its own (validated by test/tools/sarif-validate.mjs)', async () => {
    const text = withLineHashes(readFileSync(join(ROOT, 'test/reports/snapshots/small.sarif'), 'utf8'));
    await expect(`${JSON.stringify(JSON.parse(text), null, 2)}\n`).toMatchFileSnapshot('snapshots/upload.sarif');
  });
});
