/** The built program on a folder made to crash, hang or fool it. `LEAKWARDEN_HOSTILE_MB` sets the length of the long line (1024 in docs/bench). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';
import { type HostileFolder, makeHostile, removeHostile } from '../hostile/make-hostile.ts';

const program = join(import.meta.dirname ?? '', '../../bin/leakwarden.cjs');
const longLineBytes = Number(process.env['LEAKWARDEN_HOSTILE_MB'] ?? 48) * 1_000_000;
const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'leakwarden-'))), 'hostile');
let hostile: HostileFolder;

function run(...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 28 });
}

beforeAll(() => {
  spawnSync('mkdir', ['-p', folder]);
  const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'hostile');
  hostile = makeHostile(folder, { secretLine: `key = "${token}"\n`, longLineBytes });
}, 120_000);

afterAll(() => removeHostile(folder));

describe('a hostile folder', () => {
  it('is scanned to the end: every secret found, every obstacle named, no more memory than for any other', () => {
    const shell = spawnSync(
      'bash',
      [
        '-c',
        '/usr/bin/env time -f %M "$@" 2>&1 >/dev/null | tail -n 1',
        '-',
        process.execPath,
        program,
        'scan',
        '.',
        '--no-config',
        '--format',
        'json',
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    const { status, stdout, stderr, signal } = run('scan', '.', '--no-config', '--format', 'json', '--threads', '2');
    expect(signal).toBeNull();
    expect(status, stderr).toBe(1);
    const report = JSON.parse(stdout);
    const finding = report.findings.find((one: { rule: string }) => one.rule === 'github-pat-classic');
    const paths = finding.places
      .map((place: { path: string }) => place.path)
      .sort((a: string, b: string) => Buffer.from(a).compare(Buffer.from(b)));
    expect(paths).toEqual(hostile.withSecret);
    const named = report.problems.map((problem: { code: string; where: string }) => `${problem.code} ${problem.where}`);
    for (const { code, where } of hostile.problems) expect(named).toContain(`${code} ${where}`);
    if (/^\d+$/.test(shell.stdout.trim())) expect(Number(shell.stdout.trim()) / 1024).toBeLessThan(400);
  }, 180_000);

  it('prints no control characters of file names', () => {
    const { stdout, stderr } = run('scan', '.', '--no-config', '--format', 'text');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(`${stdout}${stderr}`).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202e]/);
  }, 120_000);

  it('does not hang on patterns that take exponential time elsewhere', () => {
    for (const args of [
      ['--config', hostile.config],
      ['--no-config', '--rules', hostile.rules],
    ]) {
      const started = performance.now();
      const { status, stderr, signal } = run('scan', ...args, hostile.withSecret[0] ?? '.', '--format', 'json');
      expect(signal, stderr).toBeNull();
      expect([0, 1, 2, 3]).toContain(status);
      expect(performance.now() - started).toBeLessThan(30_000);
    }
  }, 120_000);
});
