/**
 * Audits of random histories with an index of the stores: by deltas, whole, and in two threads they come to the same report, byte for byte, whichever tier a value is
 * in, and what is stored is told in it.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository } from '../../../fixtures/git-repository.ts';
import { encodeIndex, type IndexEntry, IndexFile } from '../../../src/check/index-file.ts';
import { IndexKeys } from '../../../src/check/index-keys.ts';
import { StoreChecker } from '../../../src/check/look-up.ts';
import { packPrints, printOf } from '../../../src/check/prints.ts';
import { estimatedBits } from '../../../src/engine/entropy.ts';
import type { HistoryScan } from '../../../src/engine/history/contract.ts';
import { scanHistoryByDeltas, scanHistoryWhole } from '../../../src/engine/history/delta-scan.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { isGuessable, KEY, VALUES } from '../../kernel/stored-values.ts';
import { auditFolders } from './audit-folder.ts';
import { edit, importCommits, mixedText, type Random, randomCommits } from './random-history.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const EPOCH = Buffer.alloc(16, 7);
/** What people think of. */
const WEAK = ['holiday-in-autumn', 'summer-rain-coat', 'harbour-lights-3'];

/** An index as `store sync` writes it: half of the values are of an old version. */
async function indexOf(values: readonly string[]): Promise<IndexFile> {
  const keys = new IndexKeys(KEY, EPOCH, EPOCH);
  const entries = values.map(async (value, n): Promise<IndexEntry> => {
    const isSlow = isGuessable(value);
    const tag = isSlow ? await keys.slowTag(value) : keys.fastTag(value);
    const end =
      n % 2 === 0 ? { state: 'current' as const, endedAt: null } : { state: 'superseded' as const, endedAt: '2026-02-01T00:00:00Z' };
    const record = { store: 'fake', ref: `app/${n}`, field: '', version: '1', createdAt: '2020-01-01T00:00:00Z', expiresAt: null };
    return { tag, isSlow, record: { ...record, ...end, seenAt: NOW.toISOString() } };
  });
  const prints = values.flatMap((value) => printOf(value, keys.fastTag(value), keys.filter(), isGuessable) ?? []);
  const content = { epoch: EPOCH, stores: [], entries: await Promise.all(entries), prints: packPrints(prints) };
  return new IndexFile(encodeIndex(content, KEY, { writtenAt: NOW, expiresAt: new Date('2027-01-01T00:00:00Z') }), KEY);
}

function withValues(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString();
  const at = random(text.length + 1);
  const value = VALUES[random(VALUES.length)] ?? '';
  const forms = [value, `x${value}y`, Buffer.from(`.${value}`).toString('base64'), encodeURIComponent(value)];
  const weak = `\npassword = "${WEAK[random(WEAK.length)]}"\n`;
  return Buffer.from(text.slice(0, at) + (random(3) === 0 ? weak : (forms[random(forms.length)] ?? '')) + text.slice(at));
}

describe('audits with an index', () => {
  it.each([11, 12])('are the same by deltas and whole, in one thread and in two (%i)', { timeout: 180_000 }, async (seed) => {
    const random = randomNumbers(seed);
    const repository = createRepository();
    let text = mixedText(random, 12);
    const commits = randomCommits(random, 24, 4).map(({ files, parents }, step) => {
      const changed = new Map([...files].map(([name, bytes]) => [name, bytes && random(2) === 0 ? withValues(bytes, random) : bytes]));
      text = withValues(Buffer.from(edit(text, random)), random).toString();
      return { files: changed.set('grows.conf', Buffer.from(step % 5 === 4 ? text.toUpperCase() : text)), parents };
    });
    importCommits(repository, commits);
    repository.git('commit', '--quiet', '--allow-empty', '-m', `what is ${VALUES[0]} in a message`);
    repository.git('repack', '-adfq', '--depth=250', '--window=50');
    const index = await indexOf([...VALUES, ...WEAK]);
    const audit = async (scan: HistoryScan): Promise<string> => {
      const checker = new StoreChecker(index, { bitsOf: estimatedBits, guessableBelowBits: 64, mostSlow: 64, now: NOW });
      const stored = index.storedPrints();
      const { report } = await auditFolders([repository.folder], { checker, ...(stored ? { stored } : {}), scanHistory: scan });
      const { stats, ...rest } = report;
      expect(stats.files).toBeGreaterThan(40);
      return JSON.stringify(rest);
    };
    const byDeltas = await audit(scanHistoryByDeltas);
    expect((await audit(scanHistoryWhole)) === byDeltas).toBe(true);
    const workerFile = path.resolve('dist/worker.cjs');
    expect((await audit((request) => scanHistoryByDeltas({ ...request, threads: 2, workerFile }))) === byDeltas).toBe(true);
    const { findings } = JSON.parse(byDeltas);
    const stored: { verdict: { where: string; state: string } }[] = findings.filter(
      ({ rule }: { rule: string }) => rule === 'stored-secret',
    );
    expect(stored.length).toBeGreaterThan(20);
    const states = new Set(stored.map(({ verdict }) => verdict.state));
    expect([...states].sort()).toEqual(['live', 'superseded']);
    for (const n of WEAK.keys()) expect(stored.map(({ verdict }) => verdict.where)).toContain(`app/${VALUES.length + n}`);
  });
});
