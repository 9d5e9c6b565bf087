import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { readQuickly } from '../../src/cli/quick-arguments.ts';
import { wantsProgress } from '../../src/cli/run-scan.ts';
import { type Ran, runInProcess } from './run-in-process.ts';

describe('the command line inside of the process', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'leakwarden-cli-'));
    writeFileSync(join(cwd, 'a.txt'), 'nothing\n');
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  async function run(argv: readonly string[], change: Partial<Io> = {}): Promise<Ran> {
    return runInProcess(argv, { cwd, ...change });
  }

  it('writes what it has at Ctrl-C, marked as incomplete, and exits 130', async () => {
    let stopped = 0;
    const onInterrupt: Io['onInterrupt'] = (listener) => {
      listener();
      return () => stopped++;
    };
    const { code, stdout } = await run(['scan', '-f', 'json', '.'], { onInterrupt });
    expect(code).toBe(130);
    expect(JSON.parse(stdout).problems.map((problem: { code: string }) => problem.code)).toContain('interrupted');
    expect(stopped).toBe(1);
  });

  it('calls what it does not know a bug, with the stack on stderr, and exits 70', async () => {
    const now = (): Date => {
      throw new TypeError('the clock has stopped\u001b[31m');
    };
    const { code, stdout, stderr } = await run(['scan'], { now });
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toContain('leakwarden: error: this is a bug in leakwarden 1.2.3\n  TypeError: the clock has stopped\\u{1b}[31m\n');
    expect(stderr).toContain('command-line.test.ts');
    expect(stderr).toContain('leakwarden: hint: report it');
  });

  it('draws progress for those who watch and have not said no', () => {
    const watching = { stderr: Object.assign(new PassThrough(), { isTTY: true }) } as unknown as Io;
    const wants = (line: string, io: Io): boolean => {
      const given = readQuickly(line.split(' '));
      return given !== null && wantsProgress(given, io);
    };
    expect(wants('scan', watching)).toBe(true);
    expect(wants('scan --no-progress', watching)).toBe(false);
    expect(wants('scan -q', watching)).toBe(false);
    expect(wants('scan', { stderr: new PassThrough() } as unknown as Io)).toBe(false);
  });
});
