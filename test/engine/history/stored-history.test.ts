/**
 * Stored values in histories: the scan by deltas finds what scanning each blob whole finds, and what reading each with git and scanning it as bytes finds, in every form
 * of the values and however they are cut, moved and joined; texts in the places of passwords likewise.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository } from '../../../fixtures/git-repository.ts';
import { PAGES } from '../../../src/core/kernel-layout.ts';
import { FILE_ROLES } from '../../../src/engine/file-role.ts';
import type { HistoryBlob, HistoryRequest } from '../../../src/engine/history/contract.ts';
import { scanHistoryByDeltas, scanHistoryWhole } from '../../../src/engine/history/delta-scan.ts';
import { TextsInBlobs } from '../../../src/engine/history/texts-in-blobs.ts';
import { BlobScanner, type ScanSetup } from '../../../src/engine/scan-blob.ts';
import { storedTables } from '../../../src/engine/stored-tables.ts';
import { readFromBytes } from '../../../src/engine/windows.ts';
import { builtInKernel } from '../../../src/kernel/built-in.ts';
import { Kernel } from '../../../src/kernel/load.ts';
import { builtInRuleset } from '../../../src/ruleset/load.ts';
import { V8 } from '../../../src/ruleset/regex-engine.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { BASE62, printed, random as randomValue, VALUES } from '../../kernel/stored-values.ts';
import { type Commit, edit, importCommits, mixedText, plainText, type Random } from './random-history.ts';

/** One that is longer than what is looked at round a change. */
const LONG = `-----BEGIN KEY-----\n${randomValue('long', BASE62, 3000)}\n-----END KEY-----`;
const values = [...VALUES, LONG];
const { prints } = printed(values);
const image = storedTables(prints);
const setup: ScanSetup = {
  ruleset: builtInRuleset(),
  off: new Set(),
  includeBinary: false,
  maxDecodeDepth: 3,
  archiveDepth: 0,
  assigned: 'texts',
  stored: image && { prints, image },
};
const workerFile = path.resolve('dist/worker.cjs');

function requestOf(repository: Repository, more: Partial<HistoryRequest> = {}): HistoryRequest {
  const signal = new AbortController().signal;
  return { gitDir: path.join(repository.folder, '.git'), wanted: null, setup, threads: 1, workerFile: null, signal, ...more };
}

/** A value in one of its forms, now and then a part of one. */
function piece(random: Random): string {
  const value = values[random(values.length)] ?? '';
  const inner = Buffer.from(`${'x'.repeat(random(4))}${value}${'y'.repeat(random(4))}`);
  const forms = [value, value, encodeURIComponent(value), JSON.stringify(value), inner.toString('base64'), inner.toString('base64url')];
  const form = forms[random(forms.length)] ?? '';
  return random(5) === 0 ? form.slice(random(form.length)) : form;
}

function withPieces(text: string, random: Random): string {
  const at = random(text.length + 1);
  const put = random(3) === 0 ? `\npassword = "${plainText(random, 1).slice(0, 12)}-${random(9)}"\n` : piece(random);
  return text.slice(0, at) + put + text.slice(at);
}

function commitsOf(random: Random, count: number): Commit[] {
  const texts = [mixedText(random, 6), plainText(random, 30), ''];
  return Array.from({ length: count }, (_, step) => {
    const files = new Map<string, Buffer>();
    for (const [n, text] of texts.entries()) {
      let next = random(3) === 0 ? edit(text, random) : text;
      for (let more = random(3); more > 0; more--) next = withPieces(next, random);
      texts[n] = next.slice(0, 200_000);
      files.set(`f${n}.conf`, random(25) === 0 ? Buffer.from(`\ufeff${next}`, 'utf16le') : Buffer.from(next));
    }
    return { files, parents: step === 0 ? [] : [step] };
  });
}

/** All blobs by git alone, scanned as files are. */
function byBytes({ folder }: Repository): { blobs: HistoryBlob[]; texts: TextsInBlobs } {
  const git = (args: string[]): Buffer => spawnSync('git', args, { cwd: folder, env: GIT_TEST_ENV, maxBuffer: 1 << 30 }).stdout;
  const list = git(['cat-file', '--batch-all-objects', '--batch-check']).toString().trim().split('\n');
  const scanner = new BlobScanner(new Kernel(builtInKernel(), setup.ruleset.image, PAGES, image), setup, V8);
  const texts = new TextsInBlobs();
  const blobs = list.flatMap((line): HistoryBlob[] => {
    const [id = '', type] = line.split(' ');
    if (type !== 'blob') return [];
    const bytes = git(['cat-file', 'blob', id]);
    const { byRole, values: own = [], texts: seen = [] } = scanner.scanInRoles(readFromBytes(bytes), FILE_ROLES);
    for (const text of seen) texts.add(text, [id]);
    const isEmpty = own.length === 0 && !Object.values(byRole).some((matches) => matches.length > 0);
    return isEmpty ? [] : [{ id, size: bytes.length, byRole, values: own }];
  });
  return { blobs, texts };
}

const plain = (blobs: readonly HistoryBlob[]): string =>
  JSON.stringify(
    blobs.map(({ id, byRole, values: own = [] }) => [
      id,
      FILE_ROLES.map((role) => byRole[role] ?? []),
      [...own].sort((a, b) => a.place.span.start - b.place.span.start || a.place.span.end - b.place.span.end),
    ]),
  );
const plainTexts = ({ byText }: TextsInBlobs): unknown => [...byText].map(([text, ids]) => [text, [...(ids ?? [])].sort()]).sort();

describe('stored values in histories', () => {
  it.each([1, 2, 3])('are found by deltas as they are whole (%i)', { timeout: 120_000 }, async (seed) => {
    const random = randomNumbers(seed);
    const repository = createRepository();
    importCommits(repository, commitsOf(random, 40));
    repository.git('repack', '-adfq', '--depth=250', '--window=50');
    const expected = byBytes(repository);
    const byDeltas = await scanHistoryByDeltas(requestOf(repository));
    const whole = await scanHistoryWhole(requestOf(repository));
    expect(plain(byDeltas.blobs) === plain(expected.blobs)).toBe(true);
    expect(plain(whole.blobs) === plain(expected.blobs)).toBe(true);
    expect(byDeltas.stats.scannedBytes).toBeLessThan(0.9 * whole.stats.scannedBytes);
    const count = expected.blobs.reduce((sum, blob) => sum + (blob.values?.length ?? 0), 0);
    // Drawn from the examples of all rules: another rule, another history.
    expect(count).toBeGreaterThan(250);
    for (const found of [byDeltas, whole]) expect(plainTexts(found.texts ?? new TextsInBlobs())).toEqual(plainTexts(expected.texts));
    expect(expected.texts.byText.size).toBeGreaterThan(5);
    const threaded = await scanHistoryByDeltas(requestOf(repository, { threads: 2, workerFile }));
    expect(plain(threaded.blobs) === plain(expected.blobs)).toBe(true);
    expect(plainTexts(threaded.texts ?? new TextsInBlobs())).toEqual(plainTexts(expected.texts));
  });

  it('a long one is seen to be cut far from its window, and whole again', async () => {
    const repository = createRepository();
    const around = plainText(randomNumbers(9), 60);
    const versions = [LONG, `${LONG.slice(0, 2900)}!${LONG.slice(2901)}`, LONG, LONG.slice(1), `x${LONG}`, `${LONG.slice(0, -1)}`];
    importCommits(
      repository,
      versions.map((text, i) => ({
        files: new Map([['a.txt', Buffer.from(`${around}\n${text}\n${around}${i}`)]]),
        parents: i === 0 ? [] : [i],
      })),
    );
    repository.git('repack', '-adfq', '--depth=250', '--window=50');
    for (const scan of [scanHistoryByDeltas, scanHistoryWhole]) {
      const { blobs } = await scan(requestOf(repository));
      expect(blobs.flatMap(({ values: own = [] }) => own.map(({ secret }) => secret))).toEqual([LONG, LONG, LONG]);
    }
  });

  it('bounds what it keeps of texts, and looks in all blobs for those that are in many', () => {
    const texts = new TextsInBlobs();
    for (let n = 0; n < 3000; n++) texts.add('everywhere', [`${n}`]);
    texts.add('once', ['7']);
    expect([texts.byText.get('everywhere'), texts.byText.get('once')]).toEqual([null, ['7']]);
    for (let n = 0; n < 200_010; n++) texts.add(`text ${n}`, ['1']);
    expect([texts.byText.size, texts.untold]).toEqual([200_000, 12]);
  });
});
