/**
 * Changes far from what they change: the ends of long assignments, the last byte of values of 300 bytes, keywords and names that stand 300 bytes before a value or after
 * it, each edited at every distance round the limits of what is looked at by default (LONG_BACK, LONG_REACH), and one byte to either side. The scan by deltas must
 * find what scanning each blob whole finds.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository } from '../../../fixtures/git-repository.ts';
import { LONG_BACK, LONG_REACH } from '../../../src/core/kernel-layout.ts';
import type { HistoryRequest } from '../../../src/engine/history/contract.ts';
import { scanHistoryByDeltas, scanHistoryWhole } from '../../../src/engine/history/delta-scan.ts';
import type { ScanSetup } from '../../../src/engine/scan-blob.ts';
import { fillExample } from '../../../src/ruleset/examples.ts';
import { builtInRules, builtInRuleset } from '../../../src/ruleset/load.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { importCommits, plainText, type Random } from './random-history.ts';

const setup: ScanSetup = { ruleset: builtInRuleset(), off: new Set(), includeBinary: false, maxDecodeDepth: 0, archiveDepth: 0 };
const NEARBY = builtInRules().filter((rule) => rule.context === 'nearby' && rule.within > 80);
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function letters(random: Random, count: number): string {
  return Array.from({ length: count }, () => LETTERS[random(LETTERS.length)]).join('');
}

/** Returns a text, and the place in it from which distances count. */
type Made = { readonly text: string; readonly at: number };

const FORMS: Readonly<Record<string, (random: Random) => Made>> = {
  'the last byte of a value of 300 bytes': (random) => {
    const head = 'db_password = "';
    return { text: `${head}${letters(random, 300)}"`, at: head.length + 300 };
  },
  'the only digit of a value, 99 bytes in': () => ({ text: `my_password = "${'qzvkxw'.repeat(17).slice(0, 99)}7wq"`, at: 114 }),
  'a value behind a name and an operator of the greatest length': (random) => {
    const head = `api_token_${'of_the_'.repeat(6)}${' '.repeat(36)}= "`;
    return { text: `${head}${letters(random, 40)}"`, at: head.length };
  },
  'a value below its name': (random) => {
    const head = `- name: DB_PASSWORD${' '.repeat(30)}\n  value: `;
    return { text: `${head}${letters(random, 24)}\n`, at: head.length };
  },
  'a keyword far before its value': (random) => {
    const rule = NEARBY[random(NEARBY.length)];
    const example = fillExample(rule?.examples[0] ?? '', `${random(1e9)}`);
    const value = (example.match(/[\w/+-]{16,}/g) ?? []).sort((a, b) => b.length - a.length)[0] ?? '';
    const words = rule?.keywords[0]?.padEnd(60 + random(Math.max(1, rule.within - 60))) ?? '';
    return { text: `${words}"${value}"`, at: words.length + 1 };
  },
  'what ends a token of 250 bytes': (random) => ({ text: `access_token: ${letters(random, 250)}\n`, at: 264 }),
  'an option, its dashes 40 bytes before': (random) => {
    const head = `--${'with-'.repeat(7)}password `;
    return { text: `${head}${letters(random, 14)}9`, at: head.length };
  },
};

/** Distances of an edit from the place that matters: the limits, one byte to either side, and 300 bytes off. */
const DISTANCES = [LONG_BACK, LONG_REACH, 0, 16, 48, 128, 200, 300].flatMap((n) => [n - 1, n, n + 1, -n - 1, -n, 1 - n]);

function requestOf(gitDir: string): HistoryRequest {
  return { gitDir, wanted: null, setup, threads: 1, workerFile: null, signal: new AbortController().signal };
}

/** Each way of changing one place: a byte replaced, left out, put in, a line broken. */
function edited(text: string, at: number): string[] {
  const [head, byte, tail] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)];
  return [`${head}${byte === '5' ? 'x' : '5'}${tail}`, `${head}${tail}`, `${head}"${byte}${tail}`, `${head}\n${byte}${tail}`];
}

describe('changes far from what they change', () => {
  it.each(Object.entries(FORMS))('%s', async (_, make) => {
    const random = randomNumbers(61);
    const contents: Buffer[] = [];
    for (let round = 0; round < 2; round++) {
      const { text, at } = make(random);
      const head = `${plainText(random, 20)}\n`;
      const whole = `${head}${text}\n${plainText(random, 20)}\n`;
      contents.push(Buffer.from(whole, 'latin1'));
      for (const distance of DISTANCES)
        for (const one of edited(whole, head.length + at + distance)) contents.push(Buffer.from(one, 'latin1'));
      // At the ends of the blob, where nothing stands before it or after it.
      const bare = Buffer.from(text, 'latin1');
      for (const distance of DISTANCES.filter((n) => at + n > 0))
        contents.push(bare.subarray(0, at + distance), bare.subarray(Math.max(0, at - distance)));
    }
    const repository = createRepository();
    importCommits(
      repository,
      contents.map((bytes, i) => ({ files: new Map([['a.conf', bytes]]), parents: i === 0 ? [] : [i] })),
    );
    repository.git('repack', '-adfq', '--depth=50', '--window=10');
    const gitDir = path.join(repository.folder, '.git');
    const byDeltas = await scanHistoryByDeltas(requestOf(gitDir));
    const whole = await scanHistoryWhole(requestOf(gitDir));
    // As toEqual, which takes seconds for some thousand matches: it is asked only where the texts differ.
    if (JSON.stringify(byDeltas.blobs) !== JSON.stringify(whole.blobs)) expect(byDeltas.blobs).toEqual(whole.blobs);
    expect({ ...byDeltas.stats, scannedBytes: 0 }).toEqual({ ...whole.stats, scannedBytes: 0 });
    expect(whole.stats.candidates).toBeGreaterThan(50);
    expect(byDeltas.stats.scannedBytes).toBeLessThan(0.7 * whole.stats.scannedBytes);
  });
});
