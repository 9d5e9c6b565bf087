import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { planOutputs } from '../../src/cli/outputs.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { readQuickly } from '../../src/cli/quick-arguments.ts';
import { usesColour } from '../../src/cli/terminal.ts';
import { writeFileAtomically, writeToStream } from '../../src/cli/write-output.ts';
import type { Report, Verdict } from '../../src/core/contracts.ts';

const FORMATS = ['text', 'json', 'sarif', 'csv'];

const plan = (line: string): string[] =>
  planOutputs(readQuickly(`scan ${line}`.trim().split(' '))?.options ?? [], FORMATS).map(
    ({ format, file }) => `${format} ${file ?? 'stdout'}`,
  );

describe('pairs of --format and --output', () => {
  it.each([
    ['', ['text stdout']],
    ['-f json', ['json stdout']],
    ['-f json -o a', ['json a']],
    ['-o a -f json', ['json a']],
    ['-f text -f sarif -o a', ['text stdout', 'sarif a']],
    ['-f sarif -o a -f text', ['sarif a', 'text stdout']],
    ['-f sarif -o a -f json -o b', ['sarif a', 'json b']],
    ['-o a -f sarif -o b -f json', ['sarif a', 'json b']],
    ['-o leaks.csv', ['csv leaks.csv']],
    ['-o leaks.txt -o leaks.json', ['text leaks.txt', 'json leaks.json']],
    ['-f json -o -', ['json stdout']],
  ])('%s', (line, plans) => {
    expect(plan(line)).toEqual(plans);
  });

  it.each([
    ['-f text -f json', 'only one report fits on stdout'],
    ['-f srif', 'there is no report format srif (did you mean sarif?)'],
    ['-f constructor', 'there is no report format constructor'],
    ['-f text -o a -f json -o a', 'two reports cannot go to the same file'],
  ])('%s is refused', (line, message) => {
    expect(() => plan(line)).toThrow(message);
  });
});

describe('exit codes', () => {
  const unknown: Verdict = { state: 'unknown', why: 'not-asked' };
  const live: Verdict = { state: 'live', by: 'store', at: '', where: '' };
  const report = (verdicts: readonly Verdict[], codes: readonly string[] = []): Report =>
    ({ findings: verdicts.map((verdict) => ({ verdict })), problems: codes.map((code) => ({ code })) }) as unknown as Report;

  it.each([
    ['nothing', report([]), 'any', undefined, 0],
    ['a finding', report([unknown]), 'any', undefined, 1],
    ['a finding, live ones count', report([unknown]), 'live', undefined, 0],
    ['a live finding', report([unknown, live]), 'live', undefined, 1],
    ['never', report([live]), 'never', undefined, 0],
    ['another code', report([live]), 'any', 42, 42],
    ['problems only', report([], ['unreadable']), 'any', undefined, 3],
    ['findings win over problems', report([unknown], ['unreadable']), 'any', undefined, 1],
    ['findings that do not count leave the problems', report([unknown], ['unreadable']), 'live', undefined, 3],
    ['interrupted', report([unknown], ['interrupted']), 'any', undefined, 130],
  ] as const)('%s', (_name, of, failOn, code, expected) => {
    expect(exitCodeOf(of, failOn, code)).toBe(expected);
  });
});

describe('colours', () => {
  it.each([
    [undefined, {}, true, true],
    [undefined, {}, false, false],
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '' }, true, true],
    [undefined, { FORCE_COLOR: '1' }, false, true],
    [undefined, { FORCE_COLOR: '0' }, true, false],
    [undefined, { TERM: 'dumb' }, true, false],
  ])('--color %s, %j, terminal %s: %s', (when, env, isTerminal, expected) => {
    expect(usesColour(when, env, isTerminal)).toBe(expected);
  });
});

describe('progress', () => {
  it('shows nothing in the first second, then ten times a second at most, and wipes itself', () => {
    let now = 0;
    const written: string[] = [];
    const progress = createProgress(
      (text) => written.push(text),
      () => now,
    );
    for (now = 0; now < 1000; now += 50) progress.show({ files: 1, bytes: 1, totalFiles: 9 });
    expect(written).toEqual([]);
    for (now = 2000; now < 2300; now += 10) progress.show({ files: 4, bytes: 10e6, totalFiles: 9 });
    expect(written).toHaveLength(3);
    expect(written[0]).toBe('\r\u001b[Kscanning: 4 of 9 files · 10 MB · 5 MB/s');
    progress.stop();
    progress.stop();
    expect(written.slice(3)).toEqual(['\r\u001b[K']);
  });
});

describe('files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-output-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const write = (name: string, pieces: Iterable<string>, isPrivate = false): void => writeFileAtomically(at(name), pieces, { isPrivate });

  it('are written whole, with nothing left beside', () => {
    const piece = 'é'.repeat(50_000);
    write('a', [piece, piece, 'end']);
    expect(readFileSync(at('a'), 'utf8')).toBe(`${piece}${piece}end`);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('stay as they were when rendering fails', () => {
    writeFileSync(at('a'), 'before');
    function* failing(): Iterable<string> {
      yield 'x'.repeat(100_000);
      throw new Error('half way');
    }
    expect(() => write('a', failing())).toThrow('half way');
    expect(readFileSync(at('a'), 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('with secrets have mode 0600, whatever they had before', () => {
    writeFileSync(at('a'), 'before', { mode: 0o644 });
    write('a', ['x'], true);
    expect(statSync(at('a')).mode & 0o777).toBe(0o600);
    expect(() => writeFileAtomically('/dev/null', ['x'], { isPrivate: true })).toThrow('--reveal writes secrets in clear');
  });

  it('keep a link a link', () => {
    writeFileSync(at('real'), 'before');
    symlinkSync(at('real'), at('link'));
    write('link', ['after']);
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('real'), 'utf8')).toBe('after');
  });

  it('may be devices', () => {
    expect(() => writeFileAtomically('/dev/null', ['x'], { isPrivate: false })).not.toThrow();
  });

  it('that cannot be written are told', () => {
    mkdirSync(at('folder'));
    expect(() => write('folder', ['x'])).toThrow(/cannot write .*folder: it is a folder/);
    expect(() => write('none/a', ['x'])).toThrow(/cannot write .*: no such file/);
  });
});

describe('streams', () => {
  it('get all of it', async () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await writeToStream(stream, ['a', 'b'.repeat(100_000)])).toBe(true);
    expect(Buffer.concat(chunks)).toHaveLength(100_001);
  });

  it('that are closed are no error; other failures are', async () => {
    const failing = (code: string): Writable =>
      new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
    expect(await writeToStream(failing('EPIPE'), ['a'])).toBe(false);
    await expect(writeToStream(failing('ENOSPC'), ['a'])).rejects.toThrow('cannot write stdout: no space left on the disk');
  });
});
