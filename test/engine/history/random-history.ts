/**
 * Makes repositories whose histories are hard to scan by deltas: files made of pieces of rules' examples, with blocks inserted, deleted, moved and doubled between
 * versions, secrets cut by edits, at the edges of blocks and of the file; binary, UTF-16, empty and big files; merges and renames. By git fast-import.
 */
import { spawnSync } from 'node:child_process';
import { GIT_TEST_ENV, type Repository } from '../../../fixtures/git-repository.ts';
import { builtInRules } from '../../../src/ruleset/load.ts';
import { randomText } from '../../kernel/random-text.ts';

export type Random = (limit: number) => number;

const RULES = builtInRules();
const WORDS = 'const return function import value name index the of request response error object array number string'.split(' ');

/** Returns text without a control character but line feeds: one would make the file binary. */
export function hardText(random: Random, pieces: number): string {
  return randomText(RULES, random, pieces).replaceAll('\0', ' ');
}

export function plainText(random: Random, lines: number): string {
  return Array.from({ length: lines }, () => Array.from({ length: 3 + random(9) }, () => WORDS[random(WORDS.length)]).join(' ')).join('\n');
}

/** Returns a file of plain text with hard pieces in it. */
export function mixedText(random: Random, parts: number): string {
  return Array.from({ length: parts }, () => (random(3) === 0 ? hardText(random, 1 + random(3)) : plainText(random, 1 + random(40)))).join(
    '\n',
  );
}

/** Returns the text after one edit. */
export function edit(text: string, random: Random): string {
  const at = random(text.length + 1);
  const length = random(Math.min(text.length - at, random(4) === 0 ? 20_000 : 40) + 1);
  const block = text.slice(at, at + length);
  const rest = text.slice(0, at) + text.slice(at + length);
  const to = random(rest.length + 1);
  switch (random(10)) {
    case 0:
      return rest;
    case 1:
      return rest.slice(0, to) + block + rest.slice(to);
    case 2:
      return text.slice(0, at) + block + text.slice(at);
    case 3:
      return text.slice(at);
    case 4:
      return text.slice(0, Math.max(1, at));
    case 5:
      return hardText(random, 1) + text;
    case 6:
      return text + hardText(random, 1);
    case 7:
      return text.slice(0, at) + plainText(random, 1 + random(20)) + text.slice(at);
    case 8:
      return `${text.slice(0, at)}x${text.slice(at)}`;
    default:
      return text.slice(0, at) + hardText(random, 1) + text.slice(at);
  }
}

/** A commit: contents by path (null removes one), and the marks of its parents (from 1, in order of commits). */
export type Commit = { readonly files: ReadonlyMap<string, Buffer | null>; readonly parents: readonly number[] };

/** Returns random commits: a main line with branches merged now and then. */
export function randomCommits(random: Random, count: number, files: number): Commit[] {
  const texts = new Map<string, string>();
  for (let i = 0; i < files; i++) texts.set(NAMES[i % NAMES.length]?.replace('N', `${i}`) ?? '', mixedText(random, 2 + random(12)));
  const commits: Commit[] = [];
  for (let step = 0; step < count; step++) {
    const changed = new Map<string, Buffer | null>();
    for (const [name, text] of texts) {
      if (step > 0 && random(3) > 0) continue;
      let next = text;
      for (let edits = step === 0 ? 0 : 1 + random(4); edits > 0; edits--) next = edit(next, random);
      next = next.slice(0, 300_000);
      texts.set(name, next);
      changed.set(name, toBytes(next, random(40)));
      if (random(15) === 0) changed.set(`copies/${step}.txt`, toBytes(next, 0));
      if (random(20) === 0 && step > 0) {
        changed.set(name, null);
        texts.delete(name);
        texts.set(`moved/${step}-${name.replaceAll('/', '-')}`, edit(next, random));
      }
    }
    const parents =
      step === 0 ? [] : step > 2 && random(4) === 0 ? [step, step - 1 - random(2)] : [random(5) === 0 && step > 3 ? step - 1 : step];
    commits.push({ files: changed, parents });
  }
  return commits;
}

const NAMES = ['src/aN.ts', 'docs/N.md', 'config/N.conf', 'test/N.test.js', '.env.N', 'package-lock.json', 'data/N.bin'];

/** Mostly as it is; now and then UTF-16, with a byte order mark or without, binary, or not UTF-8. */
function toBytes(text: string, kind: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (kind === 1) return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  if (kind === 2) return Buffer.from(text, 'utf16le');
  if (kind === 3) return Buffer.concat([Buffer.from([0, 1, 2, 0]), bytes]);
  if (kind === 4) return Buffer.concat([bytes, Buffer.from([0xff, 0xfe, 0, 0])]);
  if (kind === 5) return Buffer.alloc(0);
  return bytes;
}

/** Writes the commits into the repository as `main`. */
export function importCommits(repository: Repository, commits: readonly Commit[]): void {
  const parts: (string | Buffer)[] = [];
  for (const [i, { files, parents }] of commits.entries()) {
    parts.push(`commit refs/heads/main\nmark :${i + 1}\ncommitter Ada <ada@example.com> ${1_700_000_000 + i} +0000\ndata 4\nstep\n`);
    parts.push(parents.map((parent, k) => `${k === 0 ? 'from' : 'merge'} :${parent}\n`).join(''));
    for (const [name, bytes] of files) {
      if (bytes) parts.push(`M 100644 inline ${name}\ndata ${bytes.length}\n`, bytes, '\n');
      else parts.push(`D ${name}\n`);
    }
    parts.push('\n');
  }
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { status, stderr } = spawnSync('git', ['fast-import', '--quiet', '--force'], { cwd: repository.folder, env: GIT_TEST_ENV, input });
  if (status !== 0) throw new Error(`git fast-import: ${stderr}`);
}
