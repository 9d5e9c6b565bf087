import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askHidden } from '../../src/cli/ask-hidden.ts';
import type { Io } from '../../src/cli/io.ts';

/** A terminal as Node shows it, whose keys are what is typed. */
function terminalOf(typed: string | Buffer, isTerminal = true) {
  const raw: boolean[] = [];
  const shown: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: isTerminal, setRawMode: (isRaw: boolean) => raw.push(isRaw) });
  const stderr = Object.assign(new PassThrough(), { isTTY: isTerminal });
  stderr.on('data', (chunk: Buffer) => shown.push(chunk.toString()));
  stdin.write(typed);
  const io: Io = {
    env: {},
    cwd: '/',
    stdin,
    stdout: new PassThrough(),
    stderr,
    version: '0',
    workerFile: null,
    programFile: null,
    now: () => new Date(0),
    clockMs: () => 0,
    onInterrupt: () => () => undefined,
  };
  return { io, raw, shown };
}

describe('a hidden question', () => {
  it.each([
    ['a line', 'open sesame\r', 'open sesame'],
    ['a correction', 'opem\u007fn\r', 'open'],
    ['a new beginning', 'wrong\u0015right\r', 'right'],
    ['letters of several bytes', 'schlüssel\n', 'schlüssel'],
    ['nothing', '\r', ''],
    ['an end of input', 'abc\u0004', 'abc'],
    ['two lines, of which the first counts', 'one\rtwo\r', 'one'],
  ])('takes %s', async (_, typed, answer) => {
    const { io, raw, shown } = terminalOf(typed);
    expect(await askHidden(io, 'passphrase: ')).toBe(answer);
    expect(shown.join('')).toBe('passphrase: \n');
    expect(raw).toEqual([true, false]);
  });

  it('takes a letter that comes in two pieces', async () => {
    const [first = 0, second = 0] = Buffer.from('ü');
    const { io } = terminalOf(Buffer.from([first]));
    const answer = askHidden(io, '? ');
    (io.stdin as PassThrough).write(Buffer.from([second, 0x0d]));
    expect(await answer).toBe('ü');
  });

  it('ends with Ctrl-C, and gives the terminal back as it was', async () => {
    const { io, raw } = terminalOf('abc\u0003');
    await expect(askHidden(io, '? ')).rejects.toMatchObject({ code: 'unanswered' });
    expect(raw).toEqual([true, false]);
  });

  it('is not asked where there is no terminal', async () => {
    const { io, shown } = terminalOf('abc\r', false);
    expect(await askHidden(io, '? ')).toBeNull();
    expect(shown).toEqual([]);
  });
});
