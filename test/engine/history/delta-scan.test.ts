/** The scan by deltas gives what scanning each blob whole gives, and what reading each with git and scanning it as bytes gives, on repositories of all shapes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository } from '../../../fixtures/git-repository.ts';
import { MAX_INFLATED_BYTES } from '../../../src/engine/decode/decode-span.ts';
import { FILE_ROLES } from '../../../src/engine/file-role.ts';
import type { HistoryBlob, HistoryRequest } from '../../../src/engine/history/contract.ts';
import { scanHistoryByDeltas, scanHistoryWhole } from '../../../src/engine/history/delta-scan.ts';
import { BlobScanner, type ScanSetup } from '../../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../../src/engine/windows.ts';
import { builtInKernel } from '../../../src/kernel/built-in.ts';
import { Kernel } from '../../../src/kernel/load.ts';
import { fillExample } from '../../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../../src/ruleset/load.ts';
import { V8 } from '../../../src/ruleset/regex-engine.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { edit, hardText, importCommits, mixedText, plainText, type Random, randomCommits } from './random-history.ts';

const setup: ScanSetup = { ruleset: builtInRuleset(), off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 };
const scanner = new BlobScanner(new Kernel(builtInKernel(), setup.ruleset.image), setup, V8);
const workerFile = path.resolve('dist/worker.cjs');

function requestOf(repository: Repository, more: Partial<HistoryRequest> = {}): HistoryRequest {
  const gitDir = existsSync(path.join(repository.folder, '.git')) ? path.join(repository.folder, '.git') : repository.folder;
  return { gitDir, wanted: null, setup, threads: 1, workerFile: null, signal: new AbortController().signal, ...more };
}

/** The ids of all blobs, and each as git gives it: nothing of our pack reader. */
function blobsByGit({ folder }: Repository): { id: string; bytes: Buffer }[] {
  const git = (args: string[], input = ''): Buffer =>
    spawnSync('git', args, { cwd: folder, env: GIT_TEST_ENV, input, maxBuffer: 1 << 30 }).stdout;
  const list = git(['cat-file', '--batch-all-objects', '--batch-check']).toString().trim().split('\n');
  const ids = list.filter((line) => line.includes(' blob ')).map((line) => line.split(' ')[0] ?? '');
  const all = git(['cat-file', '--batch'], ids.join('\n'));
  let at = 0;
  return ids.map((id) => {
    const end = all.indexOf(10, at);
    const size = Number(all.toString('latin1', at, end).split(' ')[2]);
    const bytes = all.subarray(end + 1, end + 1 + size);
    at = end + size + 2;
    return { id, bytes };
  });
}

function scanAsBytes(repository: Repository): { blobs: HistoryBlob[]; count: number; bytes: number } {
  const all = blobsByGit(repository);
  const blobs = all.flatMap(({ id, bytes }) => {
    const { byRole } = scanner.scanInRoles(readFromBytes(bytes), FILE_ROLES);
    return Object.values(byRole).some((matches) => matches.length > 0) ? [{ id, size: bytes.length, byRole }] : [];
  });
  return { blobs, count: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

/** Holds all ways of scanning together; returns how many matches there were, and what share of the bytes the deltas saved. */
async function compare(repository: Repository): Promise<{ matches: number; share: number }> {
  const byDeltas = await scanHistoryByDeltas(requestOf(repository));
  const whole = await scanHistoryWhole(requestOf(repository));
  const asBytes = scanAsBytes(repository);
  expect(byDeltas.problems).toEqual([]);
  expect(whole.problems).toEqual([]);
  expectSame(whole.blobs, asBytes.blobs);
  expectSame(byDeltas.blobs, asBytes.blobs);
  expect({ ...byDeltas.stats, scannedBytes: 0 }).toEqual({ ...whole.stats, scannedBytes: 0 });
  expect(whole.stats).toMatchObject({ blobs: asBytes.count, bytes: asBytes.bytes });
  const matches = asBytes.blobs.reduce((sum, { byRole }) => sum + (byRole.config?.length ?? 0), 0);
  return { matches, share: byDeltas.stats.scannedBytes / whole.stats.scannedBytes };
}

/** As toEqual, which takes seconds for some thousand matches: it is asked only where the texts differ. */
function expectSame(found: readonly HistoryBlob[], wanted: readonly HistoryBlob[]): void {
  if (JSON.stringify(found.map(inOrder)) !== JSON.stringify(wanted.map(inOrder))) expect(found).toEqual(wanted);
  expect(found.length).toBe(wanted.length);
}

function inOrder({ id, size, byRole }: HistoryBlob): unknown[] {
  return [id, size, ...FILE_ROLES.map((role) => byRole[role] ?? [])];
}

function versions(random: Random, first: string, count: number): Buffer[] {
  let text = first;
  return Array.from({ length: count }, () => {
    const now = Buffer.from(text);
    text = edit(text, random);
    return now;
  });
}

function importVersions(repository: Repository, name: string, contents: readonly Buffer[]): void {
  importCommits(
    repository,
    contents.map((bytes, i) => ({ files: new Map([[name, bytes]]), parents: i === 0 ? [] : [i] })),
  );
}

describe('scanning by deltas', () => {
  it.each([1, 2, 3, 4])('equals scanning whole on a random history (%i)', async (seed) => {
    const random = randomNumbers(seed);
    const repository = createRepository();
    importCommits(repository, randomCommits(random, 25, 8));
    repository.git('repack', '-adfq', ...(seed % 2 === 0 ? ['--depth=250', '--window=50'] : []));
    const { matches, share } = await compare(repository);
    expect(matches).toBeGreaterThan(25);
    expect(share).toBeLessThan(0.9);
  });

  it('counts what is packed in a text once, however many versions keep it', async () => {
    const repository = createRepository();
    const packed = gzipSync(Buffer.alloc(MAX_INFLATED_BYTES + 1, 'a line of text\n')).toString('base64');
    // Of as many versions as would come to more than a repository may unpack to, were each to unpack it.
    importVersions(
      repository,
      'a.yaml',
      Array.from({ length: 600 }, (_, i) =>
        Buffer.from(`${'# a line\n'.repeat(40)}data: ${packed}\n${'# another\n'.repeat(40)}version: ${i}\n`),
      ),
    );
    repository.git('repack', '-adfq', '--depth=50');
    const { problems, stats } = await scanHistoryByDeltas(requestOf(repository));
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['decode-limit']));
    expect(stats.blobs).toBe(600);
  });

  it('equals scanning whole in a SHA-256 repository', async () => {
    const repository = createRepository(undefined, '--object-format=sha256');
    importCommits(repository, randomCommits(randomNumbers(5), 15, 6));
    repository.git('repack', '-adfq');
    // The pieces are drawn from the examples of all rules: another rule, another history.
    expect((await compare(repository)).matches).toBeGreaterThan(20);
  });

  it('equals scanning whole on long chains of small edits, and scans little', async () => {
    const random = randomNumbers(6);
    const repository = createRepository();
    let text = mixedText(random, 30);
    const contents = Array.from({ length: 140 }, () => {
      const at = random(text.length);
      text =
        random(2) === 0
          ? `${text.slice(0, at)}${hardText(random, 1).slice(0, 60)}${text.slice(at)}`
          : text.slice(0, at) + text.slice(at + random(30));
      return Buffer.from(text);
    });
    importVersions(repository, 'a.conf', contents);
    repository.git('repack', '-adfq', '--depth=250', '--window=20');
    const { matches, share } = await compare(repository);
    expect(matches).toBeGreaterThan(300);
    expect(share).toBeLessThan(0.5);
  });

  it('equals scanning whole where every byte of a hard text changes in turn', async () => {
    const random = randomNumbers(7);
    const repository = createRepository();
    const text = `${plainText(random, 30)}\n${hardText(random, 4).slice(0, 900)}\n${plainText(random, 30)}`;
    const from = text.indexOf('\n', 1500);
    const contents = Array.from({ length: 400 }, (_, i) => {
      const at = Math.min(text.length - 1, from + 3 * i);
      const how = i % 3;
      return Buffer.from(
        how === 0
          ? text.slice(0, at) + text.slice(at + 1)
          : how === 1
            ? `${text.slice(0, at)}Q${text.slice(at + 1)}`
            : `${text.slice(0, at)} ${text.slice(at)}`,
      );
    });
    importVersions(repository, 'a.conf', contents);
    repository.git('repack', '-adfq', '--depth=50', '--window=30');
    expect((await compare(repository)).share).toBeLessThan(0.8);
  });

  it('equals scanning whole where a text grows and shrinks at its ends', async () => {
    const random = randomNumbers(8);
    const repository = createRepository();
    const text = `${hardText(random, 12)}\n${plainText(random, 40)}\n${hardText(random, 12)}`;
    const contents = Array.from({ length: 150 }, (_, i) =>
      Buffer.from(text.slice(i % 2 === 0 ? 7 * i : 0, text.length - (i % 2 === 1 ? 5 * i : 0))),
    );
    importVersions(repository, 'a.conf', contents);
    repository.git('repack', '-adfq', '--depth=50', '--window=30');
    expect((await compare(repository)).matches).toBeGreaterThan(100);
  });

  it('equals scanning whole with values that are long', async () => {
    const random = randomNumbers(9);
    const repository = createRepository();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const long = (n: number): string => Array.from({ length: n }, () => letters[random(64)]).join('');
    const key = Array.from({ length: 40 }, () => long(64)).join('\n');
    const lines = [
      `-----BEGIN RSA PRIVATE KEY-----\n${key}\n-----END RSA PRIVATE KEY-----`,
      `token = "eyJ${long(400)}.eyJ${long(900)}.${long(300)}"`,
    ];
    const text = `${plainText(random, 60)}\n${lines.join('\n')}\n${plainText(random, 60)}\nsecret: ${long(3000)}\n`;
    importVersions(repository, 'a.conf', versions(random, text, 200));
    repository.git('repack', '-adfq', '--depth=250');
    expect((await compare(repository)).matches).toBeGreaterThan(20);
  });

  it('equals scanning whole with files larger than a window, and with deltas between those and small ones', async () => {
    const random = randomNumbers(10);
    const repository = createRepository();
    const block = `api_key = "${fillExample('{{alnum:32}}', 'big')}"\n${mixedText(random, 12)}`;
    const big = Array.from({ length: 40 }, (_, i) => `${i}\n${plainText(random, 500)}\n`).join(block.slice(0, 300));
    const sizes = [4_456_447, 4_456_448, 4_456_449, 4_400_000, 300_000, 4_500_000];
    const padded = big.padEnd(4_500_000, `${plainText(random, 3000)}\n`);
    importVersions(
      repository,
      'big.txt',
      sizes.map((size, i) => Buffer.from(padded, 'latin1').subarray(i, i + size)),
    );
    repository.git('repack', '-adfq');
    expect((await compare(repository)).matches).toBeGreaterThan(5);
  });

  it('reads loose objects, several packs, copies in several, a multi-pack-index and alternates', async () => {
    const random = randomNumbers(11);
    const other = createRepository();
    importCommits(other, randomCommits(random, 5, 4));
    other.git('repack', '-adfq');
    const repository = createRepository();
    importCommits(repository, randomCommits(random, 5, 4));
    repository.git('repack', '-adfq');
    repository.write('one/a.conf', mixedText(random, 10));
    repository.commit();
    repository.git('repack', '-dq');
    repository.git('pack-objects', '-q', '--all', '.git/objects/pack/pack');
    repository.git('multi-pack-index', 'write');
    repository.write('two/b.conf', mixedText(random, 10));
    repository.commit();
    repository.write('.git/objects/info/alternates', `# other\n${path.join(other.folder, '.git/objects')}\n`);
    const { matches } = await compare(repository);
    expect(matches).toBeGreaterThan(20);
  });

  it('reads a pack whose index has version 1, and one that only the multi-pack-index tells of', async () => {
    const random = randomNumbers(12);
    const repository = createRepository();
    importCommits(repository, randomCommits(random, 12, 4)); // more objects than a fan-out has bytes for
    repository.git('-c', 'pack.indexVersion=1', 'repack', '-adfq');
    expect((await compare(repository)).matches).toBeGreaterThan(5);
    repository.git('repack', '-adfq', '--no-write-bitmap-index');
    repository.git('multi-pack-index', 'write');
    const before = await scanHistoryByDeltas(requestOf(repository));
    const index = repository.git('rev-parse', '--git-path', 'objects/pack').trim();
    spawnSync('sh', ['-c', `rm -f ${path.join(repository.folder, index)}/*.idx`]);
    const after = await scanHistoryByDeltas(requestOf(repository));
    expect(after).toEqual(before);
  });

  it('gives the same for one, two and three threads', async () => {
    const random = randomNumbers(13);
    const repository = createRepository();
    importCommits(repository, randomCommits(random, 30, 60));
    repository.git('repack', '-adfq');
    const one = await scanHistoryByDeltas(requestOf(repository));
    for (const threads of [2, 3]) expect(await scanHistoryByDeltas(requestOf(repository, { threads, workerFile }))).toEqual(one);
    expect(await scanHistoryWhole(requestOf(repository, { threads: 2, workerFile }))).toMatchObject({ blobs: one.blobs, problems: [] });
    expect(one.blobs.length).toBeGreaterThan(100);
  });

  it('ends at once when it is interrupted', async () => {
    const repository = createRepository();
    importCommits(repository, randomCommits(randomNumbers(15), 3, 3));
    const { blobs, stats, problems } = await scanHistoryByDeltas(requestOf(repository, { signal: AbortSignal.abort() }));
    expect({ blobs, problems, scanned: stats.blobs }).toEqual({ blobs: [], problems: [], scanned: 0 });
  });

  it('scans only what is wanted, and names what is missing', async () => {
    const random = randomNumbers(14);
    const repository = createRepository();
    importCommits(repository, randomCommits(random, 20, 6));
    repository.git('repack', '-adfq');
    const all = await scanHistoryByDeltas(requestOf(repository));
    const chosen = all.blobs.filter((_, i) => i % 3 === 0);
    const missing = 'ab'.repeat(20);
    const wanted = new Set([...chosen.map(({ id }) => id), missing]);
    const some = await scanHistoryByDeltas(requestOf(repository, { wanted }));
    expect(some.blobs).toEqual(chosen);
    expect(some.stats.blobs).toBe(chosen.length);
    expect(some.problems).toEqual([{ code: 'object-missing', where: missing, data: { id: missing } }]);
  });
});
