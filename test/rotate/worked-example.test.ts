/** The example of docs/rotation.md, pasted into a shell as a reader would, with the built program. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? join(ROOT, 'bin/leakwarden.cjs');
const page = readFileSync(join(ROOT, 'docs/rotation.md'), 'utf8');
const [, example = ''] = /^```bash\n(.*?)^```$/ms.exec(page) ?? [];

describe.runIf(spawnSync('bash', ['--version']).status === 0)('the example of docs/rotation.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-example-'));
  let shown = { status: null as number | null, stdout: '', stderr: '' };
  beforeAll(() => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'leakwarden'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    chmodSync(join(bin, 'leakwarden'), 0o755);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const git = ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_NAME`, 'A'] as const);
    const mail = ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_EMAIL`, 'a@example.com'] as const);
    const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...Object.fromEntries([...git, ...mail]) };
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', example], { cwd: empty, env, encoding: 'utf8' });
    shown = { status, stdout, stderr };
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs to its end', () => expect([shown.status, shown.stderr.includes('error')], shown.stderr).toEqual([0, false]));

  it('ends as the page says', () => {
    const end = shown.stdout.slice(shown.stdout.lastIndexOf('refused\n'));
    const order = ['refused\n', 'welcome\n', 'CLOSED', 'lines hold', 'retired since', 'was open from'];
    expect(order.map((text) => end.indexOf(text))).toEqual(order.map((text) => end.indexOf(text)).sort((a, b) => a - b));
    expect(order.filter((text) => !end.includes(text))).toEqual([]);
  });

  it('shows no value, and leaves none behind but in the file and the commit that leaked it', () => {
    const leaked = readFileSync(join(folder, 'empty/password.txt'), 'utf8').trim();
    expect(leaked.length).toBeGreaterThan(30);
    expect(`${shown.stdout}${shown.stderr}`).not.toContain(leaked);
    const holding = spawnSync('grep', ['-rlF', leaked, join(folder, 'empty')], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
    expect(holding.map((path) => path.slice(folder.length)).sort()).toEqual(['/empty/code/app.env', '/empty/password.txt']);
  });

  it('touches nothing outside of its folder', () => {
    for (const name of ['.config', '.local', '.cache']) expect(existsSync(join(folder, name))).toBe(false);
  });
});
