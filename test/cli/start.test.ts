/** How bin/leakwarden.cjs starts the bundle: with the code cache that the build made for it, and as well without. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a start', () => {
  let folder: string;
  let cache: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-start-'));
    for (const name of ['bin', 'dist']) cpSync(join(root, name), join(folder, name), { recursive: true });
    const caches = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.cache'));
    expect(caches).toHaveLength(1);
    cache = join(folder, 'dist', caches[0] ?? '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const scan = (): string =>
    spawnSync(process.execPath, [join(folder, 'bin/leakwarden.cjs'), 'scan', '-', '-f', 'jsonl'], {
      cwd: folder,
      input: 'x = 1\n',
    }).stdout.toString();

  it('takes the cache that belongs to the bundle', () => {
    const script = `
      const { readFileSync } = require('node:fs');
      const source = readFileSync('dist/leakwarden.cjs', 'latin1');
      const cachedData = readFileSync(process.argv[1]);
      console.log(new (require('node:vm').Script)(require('node:module').wrap(source), { cachedData }).cachedDataRejected);`;
    expect(execFileSync(process.execPath, ['-e', script, cache], { cwd: folder, encoding: 'utf8' })).toBe('false\n');
  });

  it('does the same without a cache, and with one that is none', () => {
    const first = scan().replace(/"seconds":[\d.]+|"started":"[^"]*"/g, '');
    expect(first).toContain('"files":1,"bytes":6');
    for (const content of ['', 'no code cache', null]) {
      if (content === null) rmSync(cache);
      else writeFileSync(cache, content);
      expect(scan().replace(/"seconds":[\d.]+|"started":"[^"]*"/g, ''), String(content)).toBe(first);
    }
  });
});
