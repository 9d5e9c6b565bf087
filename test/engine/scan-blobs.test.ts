import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlobRef } from '../../src/core/contracts.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRules } from '../../src/ruleset/load.ts';
import { scanGiven } from './scan-given.ts';

type FileBlob = BlobRef & { kind: 'file' };

const folder = mkdtempSync(join(tmpdir(), 'leakwarden-scan-blobs-'));
const rule = builtInRules().find(({ id }) => id === 'github-pat-classic');
const secret = fillExample(rule?.examples[0] ?? '', 'scan-blobs');

function fileOf(name: string, text: string): FileBlob {
  writeFileSync(join(folder, name), text);
  return { kind: 'file', provenance: { kind: 'file', path: name }, file: join(folder, name) };
}

describe('scanBlobs', () => {
  it('counts and reports what is given, in that order, and nothing that was only seen', async () => {
    const [a, b, c] = [fileOf('a', `${secret}\n`), fileOf('b', 'nothing\n'), fileOf('c', `${secret}\n`)];
    const { matches, counts } = await scanGiven(async function* (onSeen) {
      for (const blob of [c, b, a]) onSeen(blob);
      yield* [a, b];
    });
    expect(matches.map(({ place }) => place.path)).toEqual(['a']);
    expect(counts).toMatchObject({ files: 2, bytes: Buffer.byteLength(secret) + 1 + 8 });
    const all = await scanGiven(async function* (onSeen) {
      for (const blob of [c, b, a]) onSeen(blob);
      yield* [a, b, c];
    });
    expect(all.matches.map(({ place }) => place.path)).toEqual(['a', 'c']);
    expect(all.counts.files).toBe(3);
  });
});
