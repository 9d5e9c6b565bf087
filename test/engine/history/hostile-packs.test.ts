/** Packs that are damaged or made to do harm: the scan ends, in time and memory, names what it could not read, and finds nothing that is not there. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRepository, type Repository } from '../../../fixtures/git-repository.ts';
import type { HistoryBlob } from '../../../src/engine/history/contract.ts';
import { scanHistoryByDeltas } from '../../../src/engine/history/delta-scan.ts';
import { fillExample } from '../../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../../src/ruleset/load.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { blobId, copyOp, deltaSize, OFS, type PackedObject, REF, writePack } from './make-pack.ts';
import { importCommits, randomCommits } from './random-history.ts';

const setup = { ruleset: builtInRuleset(), off: new Set<number>(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 };
/** Flips are tried at so many places; LEAKWARDEN_FLIPS=10000 for the long run, of some 12 minutes. */
const FLIPS = Number(process.env['LEAKWARDEN_FLIPS'] ?? 150);
const FLIPS_SEED = Number(process.env['LEAKWARDEN_FLIPS_SEED'] ?? 21);

const scan = (gitDir: string) =>
  scanHistoryByDeltas({ gitDir, wanted: null, setup, threads: 1, workerFile: null, signal: new AbortController().signal });

function smallRepository(seed: number): { repository: Repository; pack: string; gitDir: string } {
  const repository = createRepository();
  importCommits(repository, randomCommits(randomNumbers(seed), 4, 3));
  repository.git('repack', '-adfq', '--no-write-bitmap-index');
  rmSync(path.join(repository.folder, '.git/objects/info/commit-graph'), { force: true });
  const folder = path.join(repository.folder, '.git/objects/pack');
  const name = packIn(repository);
  return { repository, pack: path.join(folder, name), gitDir: path.join(repository.folder, '.git') };
}

function packIn(repository: Repository): string {
  const [, line = ''] =
    /P (pack-[0-9a-f]+\.pack)/.exec(readFileSync(path.join(repository.folder, '.git/objects/info/packs'), 'utf8')) ?? [];
  return line;
}

/** Holds that nothing was found that is not in the whole repository. */
function expectPartOf(found: readonly HistoryBlob[], all: readonly HistoryBlob[]): void {
  const known = new Map(all.map((blob) => [blob.id, JSON.stringify(blob)]));
  for (const blob of found) expect(known.get(blob.id)).toBe(JSON.stringify(blob));
}

describe('damaged packs', () => {
  it(`are named when a bit is flipped at any of ${FLIPS} places`, { timeout: 3_600_000 }, async () => {
    const random = randomNumbers(FLIPS_SEED);
    const { pack, gitDir } = smallRepository(21);
    const all = await scan(gitDir);
    expect(all.problems).toEqual([]);
    const index = pack.replace(/\.pack$/, '.idx');
    const whole = { [pack]: readFileSync(pack), [index]: readFileSync(index) };
    rmSync(pack);
    rmSync(index);
    let kept = 0;
    for (let i = 0; i < FLIPS; i++) {
      const file = random(4) === 0 ? index : pack;
      for (const [name, bytes] of Object.entries(whole)) writeFileSync(name, bytes);
      const flipped = Buffer.from(whole[file] ?? []);
      const at = random(flipped.length);
      const bit = random(8);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, flipped);
      const { blobs, problems } = await scan(gitDir);
      expect(problems.length, `bit ${bit} of byte ${at} of ${path.extname(file)}`).toBeGreaterThan(0);
      expectPartOf(blobs, all.blobs);
      kept += blobs.length;
    }
    expect(kept).toBeGreaterThan(FLIPS);
  });

  it('are named when they are cut off', { timeout: 120_000 }, async () => {
    const { pack, gitDir } = smallRepository(22);
    const all = await scan(gitDir);
    const whole = readFileSync(pack);
    rmSync(pack);
    for (let i = 0; i < 25; i++) {
      const length = Math.floor((whole.length * i) / 25);
      writeFileSync(pack, whole.subarray(0, length));
      const { blobs, problems } = await scan(gitDir);
      expect(problems.length, `${length} bytes`).toBeGreaterThan(0);
      expectPartOf(blobs, all.blobs);
    }
  });

  it('are named when the index is cut off, empty or gone', async () => {
    const { pack, gitDir } = smallRepository(23);
    const index = pack.replace(/\.pack$/, '.idx');
    const whole = readFileSync(index);
    rmSync(index);
    expect((await scan(gitDir)).problems).toMatchObject([{ code: 'pack-damaged' }]);
    for (const length of [0, 8, 1031, whole.length - 1]) {
      writeFileSync(index, whole.subarray(0, length));
      expect((await scan(gitDir)).problems, `${length} bytes`).toMatchObject([{ code: 'pack-damaged' }]);
    }
  });
});

const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'hostile');
const good = Buffer.from(`token ${token}\n`);
const id = (n: number): string => n.toString(16).padStart(40, 'a');

/** Scans a repository of these objects and one good blob, which must be found. */
async function scanObjects(objects: readonly PackedObject[]) {
  const repository = createRepository();
  const gitDir = path.join(repository.folder, '.git');
  writePack(gitDir, [{ id: blobId(good), type: 3, data: good }, ...objects]);
  const result = await scan(gitDir);
  expect(result.blobs.filter((blob) => blob.id === blobId(good))).toHaveLength(1);
  return result;
}

const delta = (base: number, result: number, ...ops: Buffer[]): Buffer => Buffer.concat([deltaSize(base), deltaSize(result), ...ops]);

describe('packs made to do harm', () => {
  const text = Buffer.from('some text to copy from, and more of it\n');
  const root: PackedObject = { id: blobId(text), type: 3, data: text };
  const cases: [string, readonly PackedObject[], readonly string[]][] = [
    [
      'a circle of deltas',
      [
        { id: id(1), type: REF, base: id(2), data: delta(1, 1) },
        { id: id(2), type: REF, base: id(1), data: delta(1, 1) },
      ],
      [id(1), id(2)],
    ],
    ['a delta of itself', [{ id: id(1), type: REF, base: id(1), data: delta(1, 1) }], [id(1)]],
    ['a missing base by id', [{ id: id(1), type: REF, base: id(9), data: delta(1, 1) }], [id(1)]],
    ['a base between two objects', [{ id: id(1), type: OFS, base: 5, data: delta(1, 1) }], [id(1)]],
    ['a base before the pack', [{ id: id(1), type: OFS, base: 100_000, data: delta(1, 1) }], [id(1)]],
    ['an unknown type', [{ id: id(1), type: 5, data: text }], [id(1)]],
    ['type 0', [{ id: id(1), type: 0, data: text }], [id(1)]],
    ['a size that is too small', [{ id: id(1), type: 3, data: text, size: 3 }], [id(1)]],
    ['a size that is too large', [{ id: id(1), type: 3, data: text, size: 3000 }], [id(1)]],
    ['a size beyond all memory', [{ id: id(1), type: 3, data: text, size: 2 ** 50 }], [id(1)]],
    ['no stream', [{ id: id(1), type: 3, packed: Buffer.alloc(0), size: 10 }], [id(1)]],
    ['noise', [{ id: id(1), type: 3, packed: Buffer.from('this is no zlib stream at all'), size: 10 }], [id(1)]],
    ['a delta for another size', [root, { id: id(1), type: REF, base: root.id, data: delta(7, 3, Buffer.from([3, 1, 2, 3])) }], [id(1)]],
    [
      'a copy from behind the base',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 60_000, copyOp(10, 60_000)) }],
      [id(1)],
    ],
    [
      'a copy with an offset of 4 GiB',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 10, copyOp(0xffff_ffff, 10)) }],
      [id(1)],
    ],
    [
      'an insert of more than there is',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 99, Buffer.from([99, 1])) }],
      [id(1)],
    ],
    [
      'more than the result',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 3, Buffer.from([4, 1, 2, 3, 4])) }],
      [id(1)],
    ],
    [
      'less than the result',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 9, Buffer.from([4, 1, 2, 3, 4])) }],
      [id(1)],
    ],
    [
      'the reserved instruction',
      [root, { id: id(1), type: REF, base: root.id, data: delta(text.length, 3, Buffer.from([0, 1, 2])) }],
      [id(1)],
    ],
    ['an empty delta', [root, { id: id(1), type: REF, base: root.id, data: Buffer.alloc(0) }], [id(1)]],
    ['sizes without an end', [root, { id: id(1), type: REF, base: root.id, data: Buffer.alloc(30, 0xff) }], [id(1)]],
    [
      'a delta of what is damaged',
      [
        { id: id(2), type: 3, packed: Buffer.from('noise'), size: 5 },
        { id: id(1), type: REF, base: id(2), data: delta(5, 3, Buffer.from([3, 1, 2, 3])) },
      ],
      [id(1), id(2)],
    ],
  ];
  it.each(cases)('%s', async (_, objects, damaged) => {
    const { problems } = await scanObjects(objects);
    expect(problems.filter(({ code }) => code === 'object-damaged').map(({ where }) => where)).toEqual(damaged);
  });

  it('a stream that unpacks to much more than its size says', async () => {
    const bomb = deflateSync(Buffer.alloc(200_000_000));
    const { problems } = await scanObjects([{ id: id(1), type: 3, packed: bomb, size: 100 }]);
    expect(problems.map(({ where }) => where)).toEqual([id(1)]);
  });

  it('a blob larger than is kept in memory is read piece by piece, and its deltas are named', async () => {
    const big = Buffer.alloc(70_000_000, 'all work and no play makes a dull text\n');
    big.write(` ${token} `, 69_000_000, 'latin1');
    const bigId = blobId(big);
    const { problems, blobs } = await scanObjects([
      { id: bigId, type: 3, data: big },
      { id: id(1), type: REF, base: bigId, data: delta(big.length, 65_536, copyOp(0, 65_536)) },
    ]);
    expect(blobs.find((blob) => blob.id === bigId)?.byRole.config).toMatchObject([
      { secret: token, place: { span: { start: 69_000_001 } } },
    ]);
    expect(problems.map(({ where }) => where)).toEqual([id(1)]);
  });

  it('a chain of deltas each of which doubles the text ends at the limit', async () => {
    const start = Buffer.alloc(65_536, 'x y\n');
    const objects: PackedObject[] = [{ id: id(100), type: 3, data: start }];
    for (let i = 0, size = start.length; i < 8; i++) {
      const part = Math.min(size, 0xffffff);
      const ops = Array.from({ length: 8 }, () => copyOp(0, part));
      objects.push({ id: id(101 + i), type: REF, base: id(100 + i), data: delta(size, 8 * part, ...ops) });
      size = 8 * part;
    }
    const { problems, stats } = await scanObjects(objects);
    expect(problems.length).toBeGreaterThan(3);
    expect(stats.bytes).toBeLessThan(64 * 2 ** 20);
  });
});
