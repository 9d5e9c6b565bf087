/** How bin/leakwarden.cjs starts the bundles: with the code caches that the build made for them, and as well without. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a start', () => {
  let folder: string;
  let caches: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-start-'));
    for (const name of ['bin', 'dist']) cpSync(join(root, name), join(folder, name), { recursive: true });
    caches = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.cache'));
    expect(caches.map((name) => name.replace(/-[0-9a-f]{16}/, ''))).toEqual(['leakwarden.cache', 'rest.cache', 'worker.cache']);
    // Enough for a scanning thread.
    mkdirSync(join(folder, 'tree'));
    for (let i = 0; i < 500; i++) writeFileSync(join(folder, 'tree', `${i}.txt`), 'x = 1\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const scan = (): string =>
    spawnSync(process.execPath, [join(folder, 'bin/leakwarden.cjs'), 'scan', 'tree', '-f', 'jsonl', '--threads', '2'], { cwd: folder })
      .stdout.toString()
      .replace(/"seconds":[\d.]+|"started":"[^"]*"/g, '');

  it.each([0, 1, 2])('takes the cache that belongs to the bundle', (which) => {
    const cache = caches[which] ?? '';
    const script = `
      const { readFileSync } = require('node:fs');
      const source = readFileSync('dist/' + process.argv[1].replace(/-.*/, '.cjs'), 'latin1');
      const cachedData = readFileSync('dist/' + process.argv[1]);
      console.log(new (require('node:vm').Script)(require('node:module').wrap(source), { cachedData }).cachedDataRejected);`;
    expect(execFileSync(process.execPath, ['-e', script, cache], { cwd: folder, encoding: 'utf8' })).toBe('false\n');
  });

  it('is made of one bundle of the two for scans and hooks, whether they find something or not', () => {
    const lone = join(folder, 'lone');
    for (const name of ['bin', 'dist']) cpSync(join(folder, name), join(lone, name), { recursive: true });
    rmSync(join(lone, 'dist', 'rest.cjs'));
    const work = join(folder, 'work');
    mkdirSync(work);
    const run = (...args: string[]): { status: number | null; stderr: string } => {
      const { status, stderr } = spawnSync(process.execPath, [join(lone, 'bin/leakwarden.cjs'), ...args], { cwd: work, encoding: 'utf8' });
      return { status, stderr };
    };
    execFileSync('git', ['init', '-q'], { cwd: work });
    const content = `password = "${createHash('sha256').update('start').digest('base64').slice(0, 20)}"\n`;
    for (const [text, code] of [
      ['x = 1\n', 0],
      [content, 1],
    ] as const) {
      writeFileSync(join(work, 'a.py'), text);
      execFileSync('git', ['add', 'a.py'], { cwd: work });
      for (const format of ['text', 'json', 'jsonl', 'sarif', 'csv'])
        expect(run('scan', '.', '-f', format), format).toMatchObject({ status: code });
      expect(run('scan', '--staged')).toMatchObject({ status: code });
      expect(run('guard', 'pre-commit')).toMatchObject({ status: code });
    }
    // It is the other one that has the rest.
    expect(run('rules', 'list').stderr).toContain('rest.cjs');
  });

  it('does the same without a cache, and with one that is none', () => {
    const first = scan();
    expect(first).toContain('"files":500,"bytes":3000');
    for (const content of ['', 'no code cache', null]) {
      for (const cache of caches.map((name) => join(folder, 'dist', name))) {
        if (content === null) rmSync(cache);
        else writeFileSync(cache, content);
      }
      expect(scan(), String(content)).toBe(first);
    }
  });
});
