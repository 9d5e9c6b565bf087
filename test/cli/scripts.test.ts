import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScript, runScript } from './script.ts';

const SCRIPTS = fileURLToPath(new URL('./scripts/', import.meta.url));

describe('the command line', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of readdirSync(SCRIPTS).sort()) {
    it(name.replace('.txt', ''), () => runScript(readFileSync(join(SCRIPTS, name), 'utf8'), folder), 60_000);
  }
});

describe('the scripts themselves', () => {
  it('are read as described', () => {
    const { lines, files } = parseScript("# c\n! stdout 'a b'\n\nexit 3\n-- d/x --\none\n{{repeat:ab:3}}\n-- y --\n");
    expect(lines.map(({ number, isNegated, words }) => [number, isNegated, ...words])).toEqual([
      [2, true, 'stdout', 'a b'],
      [4, false, 'exit', '3'],
    ]);
    expect([...files]).toEqual([
      ['d/x', 'one\nababab\n'],
      ['y', ''],
    ]);
  });
});
