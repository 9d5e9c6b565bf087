/**
 * Builds a folder that tries everything to crash, hang or fool a scanner, for the end-to-end test. In come a folder, a line with a secret
 * and the length of the long line; out come what a scan must find and what it must say it could not read.
 *
 * Long lines are real text, not holes in a file, since NUL bytes would make the file a binary one: 1 GB takes about a second to write.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, renameSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { ErrorCode } from '../../src/core/errors.ts';

export type HostileOptions = {
  /** A line of text with one secret that a rule finds. It is put into every file of `withSecret`. */
  readonly secretLine: string;
  /** Length of the line in `long-line.txt` before the secret. */
  readonly longLineBytes: number;
};

export type HostileFolder = {
  /** Paths, as reported, of the files in which the secret must be found, sorted by bytes. */
  readonly withSecret: readonly string[];
  /** What a scan of the folder must name, each once. */
  readonly problems: readonly { readonly code: ErrorCode; readonly where: string }[];
  /** Configuration whose patterns take exponential time on a backtracking engine: `--config`, `--rules`. */
  readonly config: string;
  readonly rules: string;
};

const BLOCK_BYTES = 1 << 20;

/** Fills `folder`, which must be empty and outside of git repositories. Needs mkfifo. Remove it with `removeHostile`. */
export function makeHostile(folder: string, { secretLine, longLineBytes }: HostileOptions): HostileFolder {
  const withSecret = [...makeContents(folder, secretLine, longLineBytes), ...makeNames(folder, secretLine)];
  const problems = [...makeLinks(folder), ...makeUnreadable(folder, secretLine)];
  const config = path.join(folder, 'leakwarden.toml');
  const rules = path.join(folder, 'catastrophic.yml');
  makeConfiguration(folder, config, rules);
  return { withSecret: withSecret.sort((a, b) => Buffer.from(a).compare(Buffer.from(b))), problems, config, rules };
}

/** Removes the folder; Node's own rm cannot enter paths of more than 4,096 bytes. */
export function removeHostile(folder: string): void {
  spawnSync('rm', ['-rf', '--', folder]);
}

function makeContents(folder: string, secretLine: string, longLineBytes: number): string[] {
  const write = (name: string, ...parts: (string | Buffer)[]): string => {
    writeFileSync(path.join(folder, name), Buffer.concat(parts.map((part) => Buffer.from(part))));
    return name;
  };
  const everyByte = Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1));
  write('empty.txt', '');
  write('nul.bin', Buffer.alloc(1 << 16));
  write('half-utf16.txt', Buffer.from([0xff, 0xfe, 0x61]));
  write('no-newline-in-key.pem', `-----BEGIN ${'RSA PRIVATE'} KEY-----`, 'A'.repeat(1 << 20));
  write('nested.json', '['.repeat(1 << 20));
  write('many-quotes.txt', '"\'`'.repeat(1 << 18));
  makeLongLine(path.join(folder, 'long-line.txt'), longLineBytes, secretLine);
  makeHole(path.join(folder, 'hole.bin'));
  return [
    'long-line.txt',
    write('invalid-utf8.txt', everyByte, '\n', secretLine, '\n', Buffer.from([0xc3, 0x28, 0xf0, 0x80, 0xed, 0xa0, 0x80, 0xff])),
    write('utf16.txt', Buffer.from(`\ufeff${secretLine}\n`, 'utf16le')),
    write('carriage-returns.txt', 'a\rb\r', secretLine, '\r'),
    write('escapes.txt', '\x1b]0;title\x07\x1b[2J\u202e', '\n', secretLine, '\n'),
  ];
}

function makeNames(folder: string, secretLine: string): string[] {
  const text = `${secretLine}\n`;
  const names = [
    'new\nline.txt',
    'esc\x1b[31mred\x1b[0m.txt',
    'bell\x07.txt',
    'right\u202eleft.txt',
    '::error::x',
    '-rf',
    ' ',
    '%0a',
    '\ufffd',
  ];
  for (const name of names) writeFileSync(path.join(folder, name), text);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/broken-`), Buffer.from([0xff, 0xc3])]), text);
  mkdirSync(path.join(folder, 'folder\n::warning::y'));
  writeFileSync(path.join(folder, 'folder\n::warning::y', 'a.txt'), text);
  // Looks like a repository, is none.
  mkdirSync(path.join(folder, 'fake/.git'), { recursive: true });
  writeFileSync(path.join(folder, 'fake/.git/HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(path.join(folder, 'fake/.gitignore'), '*\n');
  writeFileSync(path.join(folder, 'fake/a.txt'), text);
  return [...names, 'broken-\\xff\\xc3', 'folder\n::warning::y/a.txt', 'fake/a.txt'];
}

function makeLinks(folder: string): HostileFolder['problems'] {
  symlinkSync('.', path.join(folder, 'link-to-itself-above'));
  symlinkSync('..', path.join(folder, 'link-to-parent'));
  symlinkSync('/', path.join(folder, 'link-to-everything'));
  symlinkSync('/dev/zero', path.join(folder, 'link-to-endless'));
  symlinkSync('nowhere', path.join(folder, 'link-to-nothing'));
  symlinkSync('loop-b', path.join(folder, 'loop-a'));
  symlinkSync('loop-a', path.join(folder, 'loop-b'));
  return [
    { code: 'link-loop', where: 'loop-a' },
    { code: 'link-loop', where: 'loop-b' },
  ];
}

/** Root may read everything, so `locked.txt` counts for other users only; a path that is too long stops everybody. */
function makeUnreadable(folder: string, secretLine: string): HostileFolder['problems'] {
  const problems: { readonly code: ErrorCode; readonly where: string }[] = [{ code: 'not-a-file', where: 'fifo' }];
  if (spawnSync('mkfifo', [path.join(folder, 'fifo')]).status !== 0) throw new Error('mkfifo failed');
  if (process.getuid?.() !== 0) {
    writeFileSync(path.join(folder, 'locked.txt'), secretLine);
    chmodSync(path.join(folder, 'locked.txt'), 0);
    problems.push({ code: 'unreadable', where: 'locked.txt' });
  }
  const name = 'd'.repeat(200);
  const half = Array.from({ length: 10 }, () => name).join('/');
  for (const top of ['deep', 'lower']) mkdirSync(path.join(folder, top, half), { recursive: true });
  mkdirSync(path.join(folder, 'lower', half, name));
  renameSync(path.join(folder, 'lower'), path.join(folder, 'deep', half, 'lower'));
  problems.push({ code: 'unreadable', where: firstTooLong(folder, `deep/${half}/lower/${half}/${name}`) });
  return problems;
}

/** Returns the path of the first folder on the way to `deepest` that no call can open: PATH_MAX is 4,096 with the final NUL. */
function firstTooLong(folder: string, deepest: string): string {
  const parts = deepest.split('/');
  const length = parts.findIndex((_, at) => path.join(folder, ...parts.slice(0, at + 1)).length > 4095);
  return parts.slice(0, length + 1).join('/');
}

/** Words of a minified script, the same block again and again, then the secret, without any line break. */
function makeLongLine(file: string, bytes: number, secretLine: string): void {
  let block = '';
  for (let at = 0; block.length < BLOCK_BYTES; at += 1) block += `var a${at % 97}={"k${at % 89}":f(${at % 83}),b:[${at % 7}]};`;
  const chunk = Buffer.from(block.slice(0, BLOCK_BYTES));
  const fd = openSync(file, 'w');
  for (let left = bytes; left > 0; left -= chunk.length) writeSync(fd, chunk, 0, Math.min(left, chunk.length));
  writeSync(fd, ` ${secretLine}`);
  closeSync(fd);
}

/** Four gigabytes that take no room on the disk: must be seen to be binary and left alone. */
function makeHole(file: string): void {
  const fd = openSync(file, 'w');
  ftruncateSync(fd, 2 ** 32 + 1);
  closeSync(fd);
}

function makeConfiguration(folder: string, config: string, rules: string): void {
  const stars = `${'a*'.repeat(60)}b`;
  writeFileSync(config, `[rules]\nfiles = ["catastrophic.yml"]\n\n[scan]\nexclude = ["${stars}", "**/${stars}"]\n`);
  writeFileSync(
    rules,
    [
      '- id: hostile-catastrophic',
      '  name: Hostile',
      '  provider: Hostile',
      '  category: other',
      '  description: Exponential time on a backtracking engine.',
      '  severity: low',
      '  confidence: low',
      '  keywords: [aaaa]',
      "  pattern: '(?P<secret>(?:a+)+(?:[ab]+)+c{5})'",
      "  examples: ['aaaaabccccc', 'aaaabbccccc']",
      "  not: [{ text: 'aaaa', because: too short }]",
      '',
    ].join('\n'),
  );
  writeFileSync(path.join(folder, `${'a'.repeat(200)}.txt`), `${'a'.repeat(1 << 20)}\n`);
}
