/**
 * What the stores are for, on the command line over a real OpenBao: a password that looks like nothing is blocked before it is committed, with nobody asked; after
 * its rotation the same commit is told as superseded, with the time of its exposure; a second sync reads what moved; and no value is in any file that is written.
 * `npm run bench -- stores` does the same with 2,000 secrets.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GIT_TEST_ENV } from '../../fixtures/git-repository.ts';
import { startProviders } from '../../fixtures/issuers/providers.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { findOpenBao, type RealOpenBao, ROOT_TOKEN, startOpenBao } from '../stores/real-openbao.ts';
import { until } from '../stores/real-server.ts';
import { type Ran, runInProcess } from './run-in-process.ts';

const binary = findOpenBao();
const why = binary ? '' : ' [skipped: no OpenBao; LEAKWARDEN_OPENBAO names its binary]';
const SECRETS = 60;
/** Two of each kind of fieldsOf(): each finding costs a slow digest. */
const LEAKED = 12;
const VERSIONS = 5;

const digest = (seed: string): Buffer => createHash('sha512').update(seed).digest();
/** What people choose: a season, a year, a sign. */
function lowPassword(seed: string): string {
  const [season = 0, year = 0] = digest(seed);
  return `${['Winter', 'Sommer', 'Herbst', 'Spring'][season % 4]}${1990 + (year % 40)}!`;
}

/** Values of the kinds that stores hold, the hard ones for escapes among them. */
function fieldsOf(secret: number, version: number): Record<string, string> {
  const seed = digest(`${secret} ${version}`);
  const text = seed.toString('base64url');
  switch (secret % 6) {
    case 0:
      return { password: `${text.slice(0, 30)}"\\/ä%+${text.slice(30, 40)}` };
    case 1:
      return { token: seed.toString('hex').slice(0, 40), user: `app-${secret}` };
    case 2:
      return { url: `postgres://app:${text.slice(0, 32)}@db.example:5432/x` };
    case 3:
      return { config: JSON.stringify({ api: { key: text.slice(0, 36), retries: 3 }, region: 'eu' }) };
    case 4:
      return { 'key.pem': `-----BEGIN EC PRIVATE KEY-----\n${seed.toString('base64')}\n-----END EC PRIVATE KEY-----\n` };
    default:
      return { env: `FIRST=${text.slice(0, 34)}\nSECOND=${seed.toString('base64').slice(40, 80)}\n` };
  }
}

describe.skipIf(!binary)(`the stores on the command line, over a real OpenBao${why}`, () => {
  let bao: RealOpenBao;
  let home = '';
  let cwd = '';
  beforeAll(async () => {
    bao = await startOpenBao(binary ?? '');
  }, 90_000);
  afterAll(() => bao?.stop());
  beforeEach(async () => {
    await bao.call('DELETE', 'sys/mounts/secret');
    await bao.call('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await until(async () => Boolean(await bao.call('GET', 'secret/metadata/?scan=true').catch(({ message }) => / 404 /.test(message))));
    home = mkdtempSync(join(tmpdir(), 'leakwarden-bao-home-'));
    cwd = join(home, 'work');
    mkdirSync(cwd);
    git('init', '--quiet', '--initial-branch=main');
  }, 60_000);
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const git = (...words: string[]): string =>
    execFileSync('git', words, {
      cwd,
      env: { ...GIT_TEST_ENV, HOME: home, GIT_AUTHOR_DATE: COMMITTED, GIT_COMMITTER_DATE: COMMITTED },
    }).toString();
  const COMMITTED = '2026-02-01T08:00:00Z';
  const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
  const put = (path: string, data: object): Promise<unknown> => bao.call('POST', `secret/data/${path}`, { data });
  const audited = (): number => readFileSync(bao.auditLog, 'utf8').split('\n').length;

  /** `env`: with the token or without, as a hook would run. */
  async function run(line: string, env: Record<string, string> = { VAULT_TOKEN: ROOT_TOKEN }, input = ''): Promise<Ran> {
    const outside = {
      env: { ...GIT_TEST_ENV, HOME: home, PATH: process.env['PATH'], ...env },
      cwd,
      stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
      now: () => new Date(),
      clockMs: () => performance.now(),
    };
    return runInProcess(line.split(' '), outside);
  }

  async function sync(): Promise<{ read: number; requests: number }> {
    const { code, stdout, stderr } = await run('store sync');
    expect(code, stderr).toBe(0);
    const [, read, requests] = /(\d+) read anew, .* (\d+) requests/.exec(stdout) ?? [];
    return { read: Number(read), requests: Number(requests) };
  }

  it('a stored password that looks like nothing is blocked before it is committed, and told as what it is after its rotation', async () => {
    const low = lowPassword('of the database');
    await put('app/db', { user: 'app', password: low });
    await run(`store add vault --name team --address ${bao.origin} --path secret`);
    await sync();
    write('app.ini', `[db]\nuser = app\npassword = "${low}"\n`);
    git('add', '.');
    const asked = audited();
    const blocked = await run('guard pre-commit', {});
    expect([blocked.code, audited()]).toEqual([1, asked]);
    expect(blocked.stdout + blocked.stderr).toContain('secret/app/db#password');
    expect(blocked.stdout + blocked.stderr).not.toContain(low);

    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--no-verify', '-m', 'settings');
    const found = async (line: string): Promise<Record<string, unknown>[]> =>
      JSON.parse((await run(line, {})).stdout).findings.map(({ verdict }: { verdict: object }) => verdict);
    const live = { state: 'live', where: 'secret/app/db#password', version: '1', exposure: { from: COMMITTED, until: null } };
    expect(await found('audit -f json')).toEqual([expect.objectContaining(live)]);
    await put('app/db', { user: 'app', password: digest('the next').toString('hex') });
    await sync();
    const versions = (await bao.call('GET', 'secret/metadata/app/db')) as unknown as {
      data: { versions: Record<string, { created_time: string }> };
    };
    const rotated = new Date(versions.data.versions['2']?.created_time ?? '').getTime();
    const [superseded] = await found('audit -f json');
    expect(superseded).toMatchObject({ state: 'superseded', where: 'secret/app/db#password', exposure: { from: COMMITTED } });
    const ended = superseded?.['exposure'] as { until: string } | undefined;
    expect(Math.abs(new Date(ended?.until ?? 0).getTime() - rotated)).toBeLessThan(1000);
    expect((await run('guard pre-commit --fail-on live', {})).code).toBe(0);
  }, 120_000);

  it('a token that was rotated is superseded while nobody has proven it dead, and retired once its issuer refuses it', async () => {
    const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'of the pipeline');
    const github = await startProviders();
    github.put('api.github.com at home', token, { id: '1', owner: 'alice', scopes: ['repo'] });
    await put('ci/github', { token });
    await run(`store add vault --name team --address ${bao.origin} --path secret`);
    writeFileSync(
      join(home, '.config/leakwarden/issuers.toml'),
      `[github]\ninstallations = ["${github.installation('api.github.com')}"]\npublic = false\n`,
      { mode: 0o600 },
    );
    await sync();
    write('ci.env', `GITHUB_TOKEN=${token}\n`);
    const verdict = async (check: string): Promise<Record<string, unknown>> =>
      JSON.parse((await run(`scan -f json --check ${check}`, {})).stdout).findings[0].verdict;
    expect(await verdict('stores')).toMatchObject({ state: 'live', where: 'secret/ci/github#token' });
    await put('ci/github', { token: fillExample('{{crc32-base62-body:ghp_:30}}', 'the next') });
    await sync();
    expect(await verdict('stores')).toMatchObject({ state: 'superseded', where: 'secret/ci/github#token', version: '1' });
    expect(await verdict('all')).toMatchObject({ state: 'live', by: 'GitHub' });
    const body = JSON.stringify({ credentials: [token] });
    await fetch(`${github.installation('api.github.com')}/credentials/revoke`, { method: 'POST', body });
    expect(await verdict('all')).toMatchObject({ state: 'retired', by: 'GitHub' });
  }, 120_000);

  it('the audit log says where a value was written and read, and no secret is read for it', async () => {
    const leaked = digest('of the audit log').toString('base64url');
    await put('app/api', { token: leaked });
    await bao.call('GET', 'secret/data/app/api');
    await run(`store add vault --name team --address ${bao.origin}`);
    const token = { VAULT_TOKEN: ROOT_TOKEN };
    const found = await run(`store trail team --log ${bao.auditLog}`, token, leaked);
    expect([found.code, found.stdout.replace(/1 time.*/g, '')]).toEqual([
      0,
      'written   secret/data/app/api  \nread      secret/data/app/api  \n',
    ]);
    const never = await run(`store trail team --log ${bao.auditLog}`, token, `${leaked}x`);
    expect([never.code, never.stdout]).toEqual([0, 'the log does not have it\n']);
    expect((await run('store trail team', token, leaked)).code).toBe(2);
    expect((await run(`store trail tem --log ${bao.auditLog}`, token, leaked)).stderr).toContain(
      'there is no store tem (did you mean team?)',
    );
    expect((await run(`store trail team --log ${bao.auditLog} --device other`, token, leaked)).stderr).toContain('no audit device other');
    expect(found.stdout + found.stderr).not.toContain(leaked);
  }, 120_000);

  it('a second sync asks for what is there, and reads what moved', async () => {
    for (let version = 1; version <= VERSIONS; version++)
      await Promise.all(Array.from({ length: SECRETS }, (_, n) => put(`app-${n % 7}/secret-${n}`, fieldsOf(n, version))));
    await run(`store add vault --name team --address ${bao.origin} --path secret`);
    const first = await sync();
    const second = await sync();
    await put('app-3/secret-3', fieldsOf(3, 99));
    const third = await sync();
    expect([first.read, second.read, third.read]).toEqual([SECRETS, 0, 1]);
    // One for each version that can be read, and the lists.
    expect(first.requests).toBeLessThanOrEqual(SECRETS * VERSIONS + 30);
    expect(second.requests).toBeLessThanOrEqual(SECRETS + 30);
    expect(third.requests).toBe(second.requests + 1);
  }, 120_000);

  it('no stored value is in a file that is written, whole or in part, in any form', async () => {
    const known: string[] = [];
    for (let version = 1; version <= 2; version++) {
      const stored = Array.from({ length: LEAKED }, (_, n) => fieldsOf(n, version));
      await Promise.all(stored.map((fields, n) => put(`app/secret-${n}`, fields)));
      known.push(...stored.flatMap((fields) => Object.entries(fields).flatMap(([name, value]) => (name === 'user' ? [] : [value]))));
    }
    const low = lowPassword('of everybody');
    await put('app/low', { password: low });
    known.push(low);
    await run(`store add vault --name team --address ${bao.origin} --path secret`);
    await sync();
    write('leak.txt', known.map((value, n) => `password_${n} = ${JSON.stringify(value)}\n`).join(''));
    write('more.txt', known.map((value) => Buffer.from(`{"v":"${value}"}`).toString('base64')).join('\n'));
    git('add', '.');
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--no-verify', '-m', 'leaks');
    const out = join(home, 'out');
    mkdirSync(out);
    const printed: string[] = [];
    for (const format of ['text', 'json', 'jsonl', 'sarif', 'csv']) {
      printed.push(await sayAll(`scan -f ${format} -o ${out}/scan.${format}`));
    }
    for (const line of [
      `audit -f json -o ${out}/audit.json --state ${out}/state`,
      `check ${out}/scan.json`,
      'baseline create',
      'store status',
      'store status --json',
      'store list',
      'store sync --full',
    ])
      printed.push(await sayAll(line));
    const report = JSON.parse(readFileSync(join(out, 'scan.json'), 'utf8'));
    expect(report.findings.length).toBeGreaterThan(known.length / 2);
    const forms = known.flatMap(secretTextsOf).flatMap(formsOf);
    expect(forms.length).toBeGreaterThan(4 * known.length);
    const files = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !relative(cwd, path).match(/^(?:\.git\/|leak\.txt$|more\.txt$)/));
    for (const written of ['index', 'index.key', 'stores.toml', 'scan.sarif', 'audit.json', 'state', 'baseline.jsonl'])
      expect(files.map((path) => path.slice(path.lastIndexOf('/') + 1))).toContain(written);
    const texts = [...files.map((path) => [path, readFileSync(path).toString('latin1')]), ['what was printed', printed.join('\n')]];
    const leaks = texts.flatMap(([path = '', text = '']) => forms.filter((form) => text.includes(form)).map(() => path));
    expect(leaks).toEqual([]);
  }, 240_000);

  async function sayAll(line: string): Promise<string> {
    const { stdout, stderr } = await run(line);
    return stdout + stderr;
  }
});

/** Returns the secrets in a value of fieldsOf(): what must not be anywhere. */
function secretTextsOf(value: string): string[] {
  const [, password] = /^postgres:\/\/app:(.*)@/.exec(value) ?? [];
  const [, key] = /"key":"(.*?)"/.exec(value) ?? [];
  const inner = value.match(/(?<==).*$/gm) ?? [];
  const pem = /KEY-----\n(.*)\n-----/.exec(value)?.[1];
  const found = [password, key, pem, ...(value.startsWith('FIRST=') ? inner : [])].filter((one) => one !== undefined);
  return found.length > 0 ? found : [value];
}

/** Returns the forms of item 5 of the issue, of the whole and of its first 16 characters, and hexadecimal. */
function formsOf(value: string): string[] {
  return [value, value.slice(0, 16)].flatMap((text) => {
    const latin1 = (form: string): string => Buffer.from(form).toString('latin1');
    const base64 = [0, 1, 2].flatMap((lead) => {
      const whole = Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]).toString('base64');
      // The characters that hold bits of this text alone.
      const own = whole.slice(lead === 0 ? 0 : lead + 1, Math.floor((8 * (lead + Buffer.byteLength(text))) / 6));
      return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
    });
    const plain = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('hex')];
    return [...plain.map(latin1), ...base64];
  });
}
