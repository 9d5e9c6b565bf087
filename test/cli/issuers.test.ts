/** `--check issuers` and `all` as whole command lines inside of the process, against issuers on loopback that the user's issuers.toml names. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Providers, startProviders } from '../../fixtures/issuers/providers.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { type Ran, runInProcess } from './run-in-process.ts';

const token = (seed: string): string => fillExample('{{crc32-base62-body:ghp_:30}}', seed);
const LIVE = token('live');
const DEAD = token('dead');
const HOST = 'api.github.com at home';

describe('issuers on the command line', () => {
  let home = '';
  let cwd = '';
  let fake: Providers;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'leakwarden-issuers-'));
    cwd = join(home, 'work');
    mkdirSync(cwd);
    fake = await startProviders();
    fake.put(HOST, LIVE, { id: '1', owner: 'alice', scopes: ['repo', 'workflow'] });
    settings(`[github]\ninstallations = ["${fake.installation('api.github.com')}"]\npublic = false\n`);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function settings(text: string): void {
    const folder = join(home, '.config/leakwarden');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'issuers.toml'), text, { mode: 0o600 });
  }
  const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    execFileSync('git', [...who, ...args], { cwd, stdio: 'ignore', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
  };

  async function run(line: string, env: Record<string, string> = {}): Promise<Ran> {
    const said = await runInProcess(line.split(' '), {
      env: { HOME: home, PATH: process.env['PATH'], ...env },
      cwd,
      now: () => new Date('2026-03-01T12:00:00Z'),
    });
    // Whatever happened, the values are nowhere.
    for (const value of [LIVE, DEAD]) expect(said.stdout + said.stderr).not.toContain(value);
    return said;
  }

  type Shown = { readonly findings: readonly { readonly verdict: Record<string, unknown> }[]; readonly problems: readonly unknown[] };
  const verdictsOf = (stdout: string): Record<string, unknown>[] => (JSON.parse(stdout) as Shown).findings.map(({ verdict }) => verdict);

  it.each(['scan', 'scan --check stores', 'scan --check none', 'baseline create --check issuers'])('%s asks nobody', async (line) => {
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    await run(line);
    expect(fake.asked).toEqual([]);
  });

  it('asks for --check issuers, says first whom, and reports live ones first', async () => {
    write('a.env', `GITHUB_TOKEN=${DEAD}\n`);
    write('b.env', `GITHUB_TOKEN=${LIVE}\nAGAIN=${LIVE}\n`);
    const { code, stdout, stderr } = await run('scan --check issuers');
    expect(code).toBe(1);
    expect(stderr).toContain(`note: asking issuers whether credentials work: 2 values to ${new URL(fake.origin).host}`);
    expect(fake.asked).toHaveLength(2);
    expect(stdout).toContain('(alice; may repo workflow), says GitHub');
    expect(stdout).toContain('retired, says GitHub');
    expect(stdout.indexOf('alice')).toBeLessThan(stdout.indexOf('retired'));
    const json = verdictsOf((await run('scan --check issuers -f json')).stdout);
    expect(json).toMatchObject([
      { state: 'live', by: 'GitHub', identity: 'alice', scopes: ['repo', 'workflow'], at: '2026-03-01T12:00:00.000Z' },
      { state: 'retired', by: 'GitHub' },
    ]);
  });

  it('can fail on live ones alone, and is incomplete where somebody did not answer', async () => {
    write('a.env', `GITHUB_TOKEN=${DEAD}\n`);
    expect((await run('scan --check issuers --fail-on live')).code).toBe(0);
    fake.play('throttled', 'everything');
    const { code, stderr, stdout } = await run('scan --check issuers --fail-on live');
    expect([code, stdout + stderr]).toEqual([3, expect.stringContaining('did not say whether they work: too many questions')]);
    expect(stdout).toContain('not known whether live: GitHub is not to be asked that much');
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    fake.play(null);
    expect((await run('scan --check issuers --fail-on live')).code).toBe(1);
  });

  it('--check all asks the index and the issuers', async () => {
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    const { stdout, stderr } = await run('scan --check all -f json');
    expect(stderr).toContain('there is no index of your stores');
    expect(verdictsOf(stdout)).toMatchObject([{ state: 'live', by: 'GitHub' }]);
    expect((await run('scan', { LEAKWARDEN_CHECK: 'issuers' })).stdout).toContain('says GitHub');
  });

  it('audits with the same questions', async () => {
    git('init', '-q');
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    git('add', '.');
    git('commit', '-qm', 'a');
    write('a.env', `GITHUB_TOKEN=${DEAD}\n`);
    git('commit', '-qam', 'b');
    const { stdout } = await run('audit --check issuers -f json');
    expect(verdictsOf(stdout).map(({ state }) => state)).toEqual(['live', 'retired']);
    expect(fake.asked).toHaveLength(2);
  });

  it('checks a saved report: what stands at its places, and values of --reveal', async () => {
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    write('b.env', `GITHUB_TOKEN=${DEAD}\n`);
    await run(`scan -f json -o ${join(home, 'plain.json')}`);
    await run(`scan -f json -o ${join(home, 'full.json')} --reveal`);
    expect(fake.asked).toEqual([]);
    write('other.env', `GITHUB_TOKEN=${token('unasked')}\n`);
    const plain = await run(`check ${join(home, 'plain.json')} --check issuers -f json`);
    expect(verdictsOf(plain.stdout).map(({ state }) => state)).toEqual(['live', 'retired']);
    expect(fake.asked).toHaveLength(2);
    rmSync(join(cwd, 'a.env'));
    rmSync(join(cwd, 'b.env'));
    const full = await run(`check ${join(home, 'full.json')} --check issuers -f json`);
    expect(verdictsOf(full.stdout).map(({ state }) => state)).toEqual(['live', 'retired']);
    const changed = await run(`check ${join(home, 'plain.json')} --check issuers -f json`);
    expect(verdictsOf(changed.stdout)).toEqual([
      { state: 'unknown', why: 'changed' },
      { state: 'unknown', why: 'changed' },
    ]);
  });

  it('the guard stays offline, whatever the environment says', async () => {
    git('init', '-q');
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    git('add', '.');
    const blocked = await run('guard pre-commit', { LEAKWARDEN_CHECK: 'issuers' });
    expect([blocked.code, fake.asked]).toEqual([1, []]);
    const refused = await run('guard pre-commit --check issuers');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--check must be one of stores, none, not issuers')]);
  });

  it('a repository can neither ask for it nor say whom', async () => {
    write('leakwarden.toml', '[check]\nwith = "issuers"\n');
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    const asked = await run('scan');
    expect([asked.code, fake.asked]).toEqual([2, []]);
    write('leakwarden.toml', '[rules]\nfiles = ["own.yml"]\n');
    const rule = [
      '- id: own-key',
      '  name: Own key',
      '  provider: Own',
      '  category: cloud',
      '  description: A key of a test.',
      '  severity: high',
      '  keywords: [own_]',
      "  pattern: '(?P<secret>own_[0-9a-f]{32})'",
      '  check: { get: https://<own-host>/me, bearer: secret, live: [200], retired: [401] }',
      "  not: [{ text: 'own_', because: too short }]",
    ].join('\n');
    write('own.yml', `${rule}\n`);
    settings(`[own]\ninstallations = ["${fake.origin}"]\n`);
    write('a.env', 'OWN_KEY=own_0123456789abcdef0123456789abcdef\n');
    const foreign = await run('scan --check issuers');
    expect([foreign.stdout, fake.asked]).toEqual([expect.stringContaining('nothing can check it'), []]);
    await run('scan --check issuers --no-config --rules own.yml');
    expect(fake.asked).toHaveLength(1);
  });

  it.each([
    ['[github]\ninstallations = "x"\n', 'installations is a list'],
    ['[github]\ninstallations = ["http://git.example"]\n', 'each is an https address'],
    ['[github]\ninstallations = ["https://me:pw@git.example"]\n', 'each is an https address'],
    ['[GitHub]\n', 'small letters'],
    ['[github]\npublic = "no"\n', 'public is true or false'],
    ['[github]\nhost = 7\n', 'host must be a text'],
    ['github = 1\n', 'it is no table'],
    ['[github\n', 'issuers.toml'],
  ])('refuses an issuers.toml such as %j', async (text, said) => {
    settings(text);
    write('a.env', `GITHUB_TOKEN=${LIVE}\n`);
    const { code, stderr } = await run('scan --check issuers');
    expect([code, stderr, fake.asked]).toEqual([2, expect.stringContaining(said), []]);
  });

  it('refuses one that others may write to', async () => {
    chmodSync(join(home, '.config/leakwarden/issuers.toml'), 0o666);
    expect((await run('scan --check issuers')).stderr).toContain('others may write to it');
  });

  it('knows who may be asked about --check', async () => {
    const { stdout } = await run('scan --help');
    expect(stdout).toMatch(/issuers\s+\(sends\s+each\s+credential\s+to\s+whoever\s+made\s+it\)/);
    expect((await run('guard --help')).stdout).not.toContain('issuers');
    expect((await run('scan --check issuer')).stderr).toContain('did you mean issuers?');
  });
});
