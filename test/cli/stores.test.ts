/** The store commands, verdicts and `check`, whole command lines inside of the process, over a store in memory that is put into the registry. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../src/core/stores.ts';
import { STORE_KINDS } from '../../src/stores/index.ts';
import type { StoreKind } from '../../src/stores/store-kind.ts';
import { MemoryStore } from '../check/memory-store.ts';
import { type Ran, runInProcess } from './run-in-process.ts';

const random = (seed: string): string => createHash('sha256').update(seed).digest('hex').slice(0, 40);
const TOKEN = random('live token');
const OLD = random('old token');
const LOW = 'Winter2024!';

let store: MemoryStore;
const kinds = STORE_KINDS as StoreKind[];
const memory: StoreKind = {
  kind: 'memory',
  name: 'Memory, for tests',
  settings: [{ name: 'address', help: 'where it is', isRequired: true }],
  create: () => store,
};

describe('stores on the command line', () => {
  let cwd = '';
  let home = '';
  let now = new Date('2026-03-01T12:00:00Z');
  beforeAll(() => void kinds.push(memory));
  afterAll(() => void kinds.splice(kinds.indexOf(memory), 1));
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'leakwarden-home-'));
    cwd = join(home, 'work');
    mkdirSync(cwd);
    now = new Date('2026-03-01T12:00:00Z');
    store = new MemoryStore();
    store.put('app/db', { password: LOW, user: 'app' });
    store.put('app/token', { '': OLD });
    store.put('app/token', { '': TOKEN });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  async function run(line: string, env: Record<string, string> = {}): Promise<Ran> {
    return runInProcess(line.split(' '), { env: { HOME: home, PATH: process.env['PATH'], ...env }, cwd, now: () => now });
  }

  async function synced(): Promise<void> {
    await run('store add memory --name team --address memory://here');
    const { code, stderr } = await run('store sync');
    expect(code, stderr).toBe(0);
  }

  const index = (): string => join(home, '.local/state/leakwarden/index');
  const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
  const json = async (
    line: string,
  ): Promise<{ findings: { rule: string; verdict: Record<string, unknown>; places: { path: string }[] }[] }> =>
    JSON.parse((await run(line)).stdout);

  it("names stores, in the user's own file of mode 0600", async () => {
    const added = await run('store add memory --name team --address memory://here');
    expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('next: leakwarden store sync team')]);
    const file = join(home, '.config/leakwarden/stores.toml');
    expect(readFileSync(file, 'utf8')).toBe('[[store]]\nname = "team"\nkind = "memory"\naddress = "memory://here"\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run('store list')).stdout).toContain('team  memory  address=memory://here');
    for (const [line, said] of [
      ['store add memory --name team --address x', 'a store called team is there already'],
      ['store add memry --name b', 'did you mean memory'],
      ['store add memory --name b', 'needs --address'],
      ['store add memory --name b --region x', 'a store of kind memory has no --region'],
      ['store sync tem', 'there is no store tem (did you mean team?)'],
    ]) {
      const { code, stderr } = await run(line ?? '');
      expect([code, stderr], line).toEqual([2, expect.stringContaining(said ?? '')]);
    }
    chmodSync(file, 0o666);
    expect((await run('store list')).stderr).toContain('others may write to it');
  });

  it('knows no store yet, and says how to name one', async () => {
    const { code, stderr } = await run('store sync');
    expect([code, stderr]).toEqual([2, expect.stringContaining('leakwarden store add')]);
    const status = await run('store status');
    expect([status.code, status.stdout]).toEqual([3, expect.stringContaining('there is no index yet')]);
  });

  it('syncs, says what it did, and a second time reads nothing', async () => {
    await run('store add memory --name team --address memory://here');
    const first = await run('store sync');
    expect([first.code, first.stdout]).toEqual([0, 'team: 2 secrets, 2 read anew, 3 values added, 0.0 s\n']);
    for (const file of [index(), join(home, '.config/leakwarden/index.key')]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run('store sync')).stdout).toBe('team: 2 secrets, 0 read anew, 0 values added, 0.0 s\n');
    const status = await run('store status');
    expect([status.code, status.stdout]).toEqual([
      0,
      expect.stringContaining('index: 3 values, 1 of them guessable; written 0 min ago, expires 2026-03-02T12:00:00.000Z'),
    ]);
    expect(JSON.parse((await run('store status --json')).stdout)).toMatchObject({
      stores: [{ name: 'team', secrets: 2, versions: 3, failure: null }],
    });
  });

  it('names what it cannot read, and exits 3', async () => {
    await run('store add memory --name team --address memory://here');
    store.refused.add('app/token');
    const partial = await run('store sync');
    expect([partial.code, partial.stderr]).toEqual([3, expect.stringContaining('memory:test: app/token cannot be read: denied')]);
    store.failure = new StoreError('sealed', 'the store is sealed');
    const failed = await run('store sync');
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining('team cannot be read: the store is sealed')]);
    const status = await run('store status');
    expect([status.code, status.stdout]).toEqual([3, expect.stringContaining('not read: the store is sealed')]);
  });

  it('a scan says what is live and since when, live ones first, and can fail on those alone', async () => {
    await synced();
    write('a.env', `API_TOKEN=${OLD}\nOTHER_TOKEN=${random('nobody knows')}\n`);
    expect((await run('scan --fail-on live')).code).toBe(0);
    write('b.env', `API_TOKEN=${TOKEN}\n`);
    const { findings } = await json('scan -f json');
    expect(findings.map(({ verdict, places }) => [verdict['state'], places[0]?.path])).toEqual([
      ['live', 'b.env'],
      ['superseded', 'a.env'],
      ['unknown', 'a.env'],
    ]);
    expect(findings[0]?.verdict).toMatchObject({ by: 'memory:test', where: 'app/token', version: '2', since: '2026-01-01T00:00:00.000Z' });
    const text = await run('scan --fail-on live');
    expect([text.code, text.stdout]).toEqual([
      1,
      expect.stringContaining('live: app/token (version 2) since 2026-01-01, says memory:test'),
    ]);
    expect(text.stdout).toContain('; 1 live)');
    expect((await json('scan -f json --check none')).findings.every(({ verdict }) => verdict['why'] === 'not-asked')).toBe(true);
  });

  it('an index that is old, damaged or not there makes verdicts unknown, each with its reason', async () => {
    write('b.env', `API_TOKEN=${TOKEN}\n`);
    const why = async (line = 'scan -f json'): Promise<unknown> => (await json(line)).findings[0]?.verdict['why'];
    expect(await why()).toBe('not-asked');
    expect(await why('scan -f json --check stores')).toBe('no-index');
    await synced();
    now = new Date('2026-03-02T12:00:00Z');
    expect(await why()).toBe('index-expired');
    expect((await run('scan')).stderr).toContain('expired 2026-03-02T12:00:00.000Z');
    now = new Date('2026-03-01T13:00:00Z');
    writeFileSync(index(), readFileSync(index()).subarray(0, 300));
    expect(await why()).toBe('index-unreadable');
    const { code, stderr } = await run('store sync');
    expect([code, stderr]).toEqual([0, expect.stringContaining('all is read anew')]);
    expect(await why()).toBe(undefined);
    chmodSync(join(home, '.config/leakwarden/index.key'), 0o644);
    expect(await why()).toBe('index-unreadable');
    expect((await run('store sync')).stderr).toContain('others may read it; chmod 600 it');
  });

  it('takes the key of the file that the environment names', async () => {
    const key = join(home, 'key');
    writeFileSync(key, `${random('k')}${random('k').slice(0, 24)}\n`, { mode: 0o600 });
    await run('store add memory --name team --address memory://here');
    expect((await run('store sync', { LEAKWARDEN_INDEX_KEY_FILE: key })).code).toBe(0);
    expect(existsSync(join(home, '.config/leakwarden/index.key'))).toBe(false);
    expect((await run('store status', { LEAKWARDEN_INDEX_KEY_FILE: key })).code).toBe(0);
    expect((await run('store status')).stdout).toContain('the index cannot be used');
  });

  it('check: verdicts for a report, by its values or by what stands at its places', async () => {
    write('a.env', `API_TOKEN=${OLD}\nMY_TOKEN=${TOKEN}\nGONE_TOKEN=${random('changed')}\n`);
    await run(`scan -f json -o ${join(cwd, 'report.json')}`);
    await run(`scan -f json -o ${join(cwd, 'values.json')} --reveal`);
    const report = join(cwd, 'report.json');
    const before = readFileSync(report, 'utf8');
    expect((await json(`check ${report} -f json`)).findings[0]?.verdict['why']).toBe('no-index');
    await synced();
    write('a.env', `\n\nAPI_TOKEN=${OLD}\nMY_TOKEN=${TOKEN}\n`);
    const checked = await run(`check ${report} -f json`);
    expect(
      JSON.parse(checked.stdout).findings.map(({ verdict }: { verdict: { state: string; why?: string } }) => verdict.why ?? verdict.state),
    ).toEqual(['live', 'superseded', 'changed']);
    expect(checked.stderr).toContain('1 finding is no longer at the places');
    expect(readFileSync(report, 'utf8')).toBe(before);
    rmSync(join(cwd, 'a.env'));
    const { findings } = await json(`check ${join(cwd, 'values.json')} -f json`);
    expect(findings.map(({ verdict }) => verdict['why'] ?? verdict['state'])).toEqual(['live', 'superseded', 'not-in-store']);
    expect((await run(`check ${join(cwd, 'values.json')} -f text --fail-on live`)).code).toBe(1);
  });

  it('finds a stored value that no rule would take, in the place of a password', async () => {
    store.put('app/weak', { password: 'summer-holiday' });
    write('c.ini', 'password = "summer-holiday"\n');
    expect((await run('scan')).code).toBe(0);
    await synced();
    const found = await run('scan');
    expect([found.code, found.stdout]).toEqual([
      1,
      expect.stringContaining('live: app/weak#password (version 1) since 2026-01-01, says memory:test'),
    ]);
    expect(found.stdout).toContain('Secret of your store  stored-secret');
    expect(found.stdout).not.toContain('summer-holiday');
    expect(found.stderr).toBe('');
    write('c.ini', 'password = "summer-holiday" # leakwarden:allow -- a demo\n');
    expect((await run('scan')).stdout).toContain('1 finding suppressed: 1 by allow-comment');
    write('c.ini', 'password = "summer-holiday"\n');
    expect((await run('scan --check none')).code).toBe(0);
    write('leakwarden.toml', '[check]\nguessable = false\n');
    const off = await run('scan');
    expect([off.code, off.stderr]).toEqual([
      0,
      expect.stringContaining('stored values that can be guessed are not looked for, says leakwarden.toml'),
    ]);
  });

  it('finds a value that cannot be guessed wherever it stands, in base64 and escaped too, with any number of threads', async () => {
    await synced();
    const texts = {
      'a.txt': `some words${TOKEN}and more\n`,
      'b.txt': Buffer.from(`{"note":"${TOKEN}"}`).toString('base64'),
      'c.txt': `x ${Buffer.from(`k=${TOKEN}`).toString('base64url')}\n`,
      'd.txt': `${'filler '.repeat(700_000)}${TOKEN}`,
    };
    for (const [name, text] of Object.entries(texts)) write(name, text);
    const { findings } = await json('scan -f json');
    expect(findings).toMatchObject([{ rule: 'stored-secret', verdict: { state: 'live', where: 'app/token' } }]);
    expect(findings[0]?.places).toMatchObject([
      { path: 'a.txt', line: 1, column: 11, endColumn: 51 },
      { path: 'b.txt', line: 1 },
      { path: 'c.txt', line: 1 },
      { path: 'd.txt', line: 1, column: 4_900_001 },
    ]);
    rmSync(join(cwd, 'd.txt'));
    write('e.txt', 'a value\u0000'.repeat(10));
    expect((await json('scan -f json --check none')).findings).toEqual([]);
  });

  it('tells a value once that a rule finds too, in base64 as it stands', async () => {
    await synced();
    write('a.txt', Buffer.from(`{"auth":"${TOKEN}"}`).toString('base64'));
    write('b.ini', `auth_token = "${TOKEN}"\n`);
    const { findings } = await json('scan -f json');
    expect(findings.map(({ rule, verdict }) => [rule === 'stored-secret', verdict])).toEqual(
      findings.map(() => [false, expect.objectContaining({ state: 'live', where: 'app/token' })]),
    );
    expect(findings.flatMap(({ places }) => places.map(({ path }) => path)).sort()).toEqual(['a.txt', 'b.ini']);
  });

  it('looks up a few guessable values, and says how many it did not', async () => {
    await synced();
    write('c.ini', Array.from({ length: 12 }, (_, n) => `password = "autumn-${'abcdefghijkl'[n]}-leaves"\n`).join(''));
    expect((await run('scan')).stderr).toContain('4 values that can be guessed were not compared with the stores: 8 are in a run');
  });

  it('the guard blocks it, offline, and says where it is from', async () => {
    store.put('app/weak', { password: 'summer-holiday' });
    await synced();
    const git = (...words: string[]): void => void execFileSync('git', words, { cwd, stdio: 'ignore' });
    git('init', '-q');
    write('c.ini', 'password = "summer-holiday"\n');
    git('add', '-A');
    const { code, stderr } = await run('guard pre-commit');
    expect([code, stderr]).toEqual([1, expect.stringContaining('live: app/weak#password')]);
    store.put('app/weak', { password: 'another-one' });
    await run('store sync');
    expect((await run('guard pre-commit')).stderr).toContain('superseded since 2026-01-01 00:00: app/weak#password (version 1)');
    expect((await run('guard pre-commit --fail-on live')).code).toBe(0);
  });

  it('finds a stored value in an archive', async () => {
    store.put('app/weak', { password: 'summer-holiday' });
    await synced();
    writeFileSync(join(cwd, 'a.gz'), gzipSync(`some words${TOKEN}and more\npassword = "summer-holiday"\n`));
    const { findings } = await json('scan -f json');
    expect(findings.map(({ rule, verdict, places }) => [rule, verdict['where'], places[0]?.path])).toEqual([
      ['stored-secret', 'app/token', 'a.gz!a'],
      ['stored-secret', 'app/weak#password', 'a.gz!a'],
    ]);
  });

  describe('audits', () => {
    const git = (...words: string[]): void =>
      void execFileSync('git', words, {
        cwd,
        stdio: 'ignore',
        env: { ...process.env, HOME: home, GIT_AUTHOR_DATE: '2026-02-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-02-01T00:00:00Z' },
      });
    const commit = (message: string): void => {
      git('add', '-A');
      git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '--allow-empty', '-m', message);
    };
    type Audited = { readonly rule: string; readonly verdict: Record<string, unknown>; readonly history: { readonly paths: string[] } };
    const audited = async (line: string): Promise<Audited[]> => JSON.parse((await run(line)).stdout).findings;

    it('find stored values in all of history, by deltas as whole, and say since when they are exposed', async () => {
      store.put('app/weak', { password: 'summer-holiday' });
      git('init', '-q', '-b', 'main');
      const lines = Array.from({ length: 300 }, (_, n) => `line ${n} of a text that is long enough to be a delta`);
      for (let version = 0; version < 6; version++) {
        lines[20 * version] = version === 1 ? `some words${TOKEN}and more` : `changed ${version}`;
        if (version === 2) lines[200] = 'password = "summer-holiday"';
        if (version === 3) lines[100] = Buffer.from(`{"k":"${TOKEN}"}`).toString('base64');
        if (version === 4) lines[20] = lines[100] = lines[200] = 'gone';
        write('a.txt', lines.join('\n'));
        commit(version === 5 ? `why not ${OLD}x` : `version ${version}`);
      }
      git('gc', '-q');
      expect((await run('audit --check none')).code).toBe(0);
      await synced();
      const found = await audited('audit -f json');
      expect(found.map(({ rule, verdict, history }) => [rule, verdict['state'], verdict['where'], history.paths])).toEqual([
        ['stored-secret', 'live', 'app/token', ['a.txt']],
        ['stored-secret', 'live', 'app/weak#password', ['a.txt']],
        ['stored-secret', 'superseded', 'app/token', []],
      ]);
      expect(found[1]?.verdict['exposure']).toEqual({ from: '2026-02-01T00:00:00Z', until: null });
      expect(await audited('audit -f json --no-delta')).toEqual(found);
      expect(await audited('audit -f json --threads 2')).toEqual(found);
      expect(await audited('audit -f json --range HEAD~3..HEAD')).toMatchObject([
        { rule: 'stored-secret', verdict: { where: 'app/token' } },
        { rule: 'stored-secret', verdict: { where: 'app/token', state: 'superseded' } },
      ]);
    });

    it('look again at what was audited when something new is in the stores', async () => {
      git('init', '-q', '-b', 'main');
      write('a.txt', `some words${TOKEN}and more`);
      commit('one');
      const state = join(home, 'state.json');
      await synced();
      expect(await audited(`audit -f json --state ${state}`)).toHaveLength(1);
      rmSync(join(cwd, 'a.txt'));
      write('b.txt', `other words ${random('later')}`);
      commit('two');
      expect((await audited(`audit -f json --state ${state}`)).map(({ verdict }) => verdict['where'])).toEqual(['app/token']);
      store.put('app/later', { '': random('later') });
      await run('store sync');
      expect((await audited(`audit -f json --state ${state}`)).map(({ verdict }) => verdict['where'])).toEqual(['app/token', 'app/later']);
    });

    it('look up more values that can be guessed than a scan, the likeliest first, and say how many they did not', async () => {
      store.put('app/weak', { password: 'summer-holiday-27' });
      await synced();
      git('init', '-q', '-b', 'main');
      const weak = Array.from(
        { length: 70 },
        (_, n) => `password = "autumn-${String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26))}"\n`,
      );
      write('c.ini', `${weak.join('')}password = "summer-holiday-27"\n`);
      commit('one');
      const { stdout, stderr } = await run('audit -f json');
      expect(JSON.parse(stdout).findings).toMatchObject([{ rule: 'stored-secret', verdict: { where: 'app/weak#password' } }]);
      expect(stderr).toContain('7 values that can be guessed were not compared with the stores: 64 are in a run');
    }, 60_000);
  });

  it('writes no stored value anywhere, in any form', async () => {
    await synced();
    write('b.txt', 'nothing here\n');
    for (const line of [
      `scan -f json -o ${cwd}/r.json`,
      `scan -f sarif -o ${cwd}/r.sarif`,
      `scan -f csv -o ${cwd}/r.csv`,
      'store status --json',
    ])
      await run(line);
    const values = [LOW, OLD, TOKEN];
    const forms = values.flatMap((value) => [
      value,
      ...[0, 1, 2].map((lead) =>
        Buffer.concat([Buffer.alloc(lead), Buffer.from(value)])
          .toString('base64')
          .slice(lead === 0 ? 0 : lead + 1, -4),
      ),
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('hex'),
    ]);
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name)).toString('latin1');
      for (const form of forms) expect(bytes.includes(form), `${file.name}`).toBe(false);
    }
  });
});
