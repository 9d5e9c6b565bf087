/** What holds for every format of the registry: recognised, read to the last byte, nested, cut and damaged without a crash and never in silence. */
import { describe, expect, it } from 'vitest';
import { FORMATS, recognise } from '../../../src/engine/unpack/index.ts';
import { MADE, type Made, makeZip, SEALED } from './make-archives.ts';
import { unpackBytes } from './unpack-bytes.ts';

/** Text that packs neither too well nor not at all, from a seed. */
function sampleText(lines: number, seed = 1): Buffer {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
  return Buffer.from(Array.from({ length: lines }, (_, line) => `line ${line}: ${next().toString(36)} and ${next() % 97}`).join('\n'));
}

const SMALL = sampleText(60);
/** Beyond the head and one piece of every reader; blocks of 900 kB and dictionaries of 64 KiB are passed too. */
const LARGE = sampleText(60_000);
const FLIPS = 250;
const CUTS = 120;

const made = (item: Made, text: Buffer): Buffer | null => item.make([{ name: 'folder/note.txt', bytes: text }]);

describe('the registry', () => {
  it('has an archive to try for every format', () => {
    const tried = new Set([...MADE.map(({ format }) => format), ...SEALED.map(([id]) => id), 'key-store']);
    expect(FORMATS.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
  });

  it('takes no text for an archive', () => {
    for (const text of [
      '',
      'PK',
      'BZh is how bzip2 begins',
      'SQLite format 3',
      '{"cells": []}',
      `${'0'.repeat(600)}`,
      '7z',
      'Rar!',
      '%PDF',
    ])
      expect(recognise(Buffer.from(text), 'a.txt')?.id ?? null, text.slice(0, 20)).toBeNull();
  });

  it.each(SEALED)('names what it cannot read: %s', async (id, bytes) => {
    const { format, problems } = await unpackBytes(Buffer.concat([bytes, LARGE]), 'a');
    expect([format, problems.map(({ code }) => code)]).toEqual([id, ['archive-method']]);
  });
});

describe.each(MADE.map((item) => [item.what, item] as const))('%s', (_, item) => {
  const small = made(item, SMALL);
  const inner = item.inner('folder/note.txt');

  it.skipIf(!small)('is read whole', async () => {
    for (const text of [SMALL, LARGE]) {
      const bytes = made(item, text);
      const { format, texts, problems } = await unpackBytes(bytes ?? Buffer.alloc(0), item.name);
      expect([format, problems]).toEqual([item.format, []]);
      const found = texts.get(`${item.name}!${inner}`)?.toString() ?? '';
      // A database names the column first; a page ends its last line.
      expect(['sqlite', 'pdf'].includes(item.format) ? found.includes(text.toString()) : found === text.toString()).toBe(true);
    }
  });

  it.skipIf(!small)('is read inside of a zip', async () => {
    const outer = makeZip([{ name: `deep/${item.name}`, bytes: small ?? Buffer.alloc(0) }]);
    const { texts, problems } = await unpackBytes(outer, 'outer.zip');
    expect(problems).toEqual([]);
    expect([...texts.keys()]).toContain(`outer.zip!deep/${item.name}!${inner}`);
  });

  it.skipIf(!small)('is not opened beyond the depth, and that is said', async () => {
    const outer = makeZip([{ name: item.name, bytes: small ?? Buffer.alloc(0) }]);
    const { texts, problems } = await unpackBytes(outer, 'outer.zip', 1);
    // What is no archive to people is opened at any depth.
    if (item.format === 'notebook') expect([...texts.keys()]).toContain(`outer.zip!${item.name}!${inner}`);
    else expect(problems.map(({ code, where }) => [code, where])).toEqual([['archive-limit', `outer.zip!${item.name}`]]);
  });

  it.skipIf(!small)('is cut anywhere without a crash, and the cut is said', async () => {
    const bytes = small ?? Buffer.alloc(0);
    for (let cut = 0; cut < CUTS; cut++) {
      const length = Math.floor((bytes.length * cut) / CUTS);
      const { format, texts, problems } = await unpackBytes(bytes.subarray(0, length), item.name);
      const whole = [...texts.values()].some((text) => text.includes(SMALL));
      const isTextItself = item.format === 'notebook' && texts.size === 1;
      // A tar may be cut in the padding behind its last file; what is no archive any more is scanned or counted as it is.
      expect(
        format === null || whole || isTextItself || (item.format === 'pdf' && texts.size > 0) || problems.length > 0,
        `cut at ${length} of ${bytes.length}`,
      ).toBe(true);
    }
  });

  it.skipIf(!small)('is damaged anywhere without a crash, and not in silence', { timeout: 60_000 }, async () => {
    const bytes = small ?? Buffer.alloc(0);
    let state = 7;
    for (let flip = 0; flip < FLIPS; flip++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const place = (state >>> 3) % bytes.length;
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ (1 << (state & 7));
      const { format, texts, problems } = await unpackBytes(damaged, item.name);
      if (!item.hasSums || format === null || problems.length > 0) continue;
      expect(
        [...texts.values()].some((text) => text.equals(SMALL)),
        `bit ${state & 7} of byte ${place}`,
      ).toBe(true);
    }
  });
});
