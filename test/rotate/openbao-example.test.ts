/**
 * From a leak to a dead credential, with nothing played: a PostgreSQL password kept in a static role of OpenBao, leaked into a commit, found, found live, rotated, refused,
 * closed. The second example of docs/rotation.md, pasted into a shell as a reader would, with the built program and real servers.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOpenBao, type RealOpenBao, ROOT_TOKEN, startOpenBao } from '../stores/real-openbao.ts';
import { findPostgres, type RealPostgres, startPostgres } from '../stores/real-postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? join(ROOT, 'bin/leakwarden.cjs');
const [, example = ''] = [...readFileSync(join(ROOT, 'docs/rotation.md'), 'utf8').matchAll(/^```bash\n(.*?)^```$/gms)].map(
  ([, text]) => text,
);
const [bao, binaries] = [findOpenBao(), findPostgres()];
const missing = [...(bao ? [] : ['OpenBao (LEAKWARDEN_OPENBAO names its binary)']), ...(binaries ? [] : ['PostgreSQL'])];
const SUPER = 'super-value-9911-Zz';

describe.skipIf(missing.length > 0)(
  `a leaked password of a static role${missing.length > 0 ? ` [skipped: no ${missing.join(', no ')}]` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'leakwarden-leak-'));
    const work = join(folder, 'work');
    let [store, database]: [RealOpenBao | null, RealPostgres | null] = [null, null];
    let shown = { status: null as number | null, stdout: '', stderr: '' };
    let env: Record<string, string | undefined> = {};
    const leakwarden = (...args: string[]) =>
      spawnSync(process.execPath, [PROGRAM, ...args], { cwd: join(work, 'code'), env, encoding: 'utf8' });
    const canLogIn = (password: string): boolean => {
      try {
        return database?.run('select 1', 'shop', password) === '1';
      } catch {
        return false;
      }
    };

    beforeAll(async () => {
      [store, database] = await Promise.all([startOpenBao(bao ?? ''), startPostgres(binaries ?? '', SUPER)]);
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      mkdirSync(work);
      writeFileSync(join(bin, 'leakwarden'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
      writeFileSync(join(bin, 'bao'), `#!/bin/sh\nexec '${bao}' "$@"\n`);
      for (const name of ['leakwarden', 'bao']) chmodSync(join(bin, name), 0o755);
      const who = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
        [`GIT_${role}_NAME`, 'A'],
        [`GIT_${role}_EMAIL`, 'a@example.com'],
      ]);
      env = {
        PATH: [bin, binaries, dirname(process.execPath), process.env['PATH']].join(':'),
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        VAULT_ADDR: store.origin,
        VAULT_TOKEN: ROOT_TOKEN,
        PGHOST: '127.0.0.1',
        PGPORT: String(database.port),
        PGUSER: 'postgres',
        PGPASSWORD: SUPER,
        ...Object.fromEntries(who),
      };
      const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', example], { cwd: work, env, encoding: 'utf8' });
      shown = { status, stdout, stderr };
      for (const place of ['config', 'state', 'data']) env[`XDG_${place.toUpperCase()}_HOME`] = join(work, place);
    }, 180_000);
    afterAll(async () => {
      await Promise.all([store?.stop(), database?.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    it('runs to its end', () =>
      expect([shown.status, shown.stderr.includes('error')], `${shown.stdout}\n${shown.stderr}`).toEqual([0, false]));

    it('is found in the history, and live', () => {
      const before = shown.stdout.slice(0, shown.stdout.indexOf('APPLIED'));
      expect(before).toMatch(/live: .*database\/static-roles\/shop/);
      expect(before).toMatch(/leakwarden rotate [0-9a-f]{8,}/);
    });

    it('is rotated: the database refuses the old password, and takes the one that OpenBao has now', () => {
      const leaked = readFileSync(join(work, 'password.txt'), 'utf8').trim();
      const current = execFileSync(bao ?? '', ['read', '-field=password', 'database/static-creds/shop'], { env, encoding: 'utf8' }).trim();
      expect(current).not.toBe(leaked);
      expect([canLogIn(leaked), canLogIn(current)]).toEqual([false, true]);
      expect(database?.run("select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'shop'")).toBe('t');
    });

    it('ends as the page says: refused, welcome, closed, the log holds, retired', () => {
      const end = shown.stdout.slice(shown.stdout.lastIndexOf('refused\n'));
      const order = ['refused\n', 'welcome, shop\n', 'CLOSED', 'lines hold', 'retired since', 'was open from'];
      expect(order.filter((text) => !end.includes(text))).toEqual([]);
      expect(order.map((text) => end.indexOf(text))).toEqual(order.map((text) => end.indexOf(text)).sort((a, b) => a - b));
    });

    it('keeps no value but where the leak is, and prints none', () => {
      const leaked = readFileSync(join(work, 'password.txt'), 'utf8').trim();
      const current = execFileSync(bao ?? '', ['read', '-field=password', 'database/static-creds/shop'], { env, encoding: 'utf8' }).trim();
      for (const value of [leaked, current]) {
        expect(value.length).toBeGreaterThan(15);
        expect(`${shown.stdout}${shown.stderr}`.includes(value)).toBe(false);
        // -e: OpenBao's passwords may begin with a hyphen.
        const holding = spawnSync('grep', ['-rlF', '-e', value, folder], { encoding: 'utf8' }).stdout.trim();
        expect(holding).toBe(value === leaked ? join(work, 'password.txt') : '');
      }
    });

    it('has a log that tells when it was changed', () => {
      expect(leakwarden('rotate', 'verify-log').status).toBe(0);
      const log = join(work, 'state/leakwarden/rotation/journal.jsonl');
      const text = readFileSync(log, 'utf8');
      writeFileSync(log, text.replace('APPLIED', 'TESTED_'));
      const told = leakwarden('rotate', 'verify-log');
      expect(told.status).not.toBe(0);
      writeFileSync(log, text);
      expect(leakwarden('rotate', 'verify-log').status).toBe(0);
    });

    it('opens again when the old password turns up where it was not', () => {
      expect(leakwarden('audit', '--fail-on', 'live').status).toBe(0);
      writeFileSync(join(work, 'code/again.yml'), `db:\n  password: ${readFileSync(join(work, 'password.txt'), 'utf8').trim()}\n`);
      const again = leakwarden('scan', '--fail-on', 'any');
      expect([again.status, again.stdout.includes('retired since')], again.stdout + again.stderr).toEqual([1, false]);
    });
  },
);
