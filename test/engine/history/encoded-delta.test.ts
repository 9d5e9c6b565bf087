/**
 * What is encoded in a blob is carried to a delta of it: on random texts of encoded pieces, some with credentials in them, and random edits, an object that is scanned
 * by what is new in it comes to the same matches and the same records as one that is scanned whole; and to what scanning its bytes as a file comes to.
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OBJECTS, PAD, PAGES_WITH_STORED, SLACK } from '../../../src/core/kernel-layout.ts';
import { MAX_INFLATED_BYTES } from '../../../src/engine/decode/decode-span.ts';
import { FILE_ROLES } from '../../../src/engine/file-role.ts';
import { type ObjectResult, ObjectScanner, type Unpacked } from '../../../src/engine/history/object-scan.ts';
import { reachOf } from '../../../src/engine/history/reach.ts';
import type { Records } from '../../../src/engine/history/records.ts';
import { BlobScanner, type ScanSetup } from '../../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../../src/engine/windows.ts';
import { builtInKernel } from '../../../src/kernel/built-in.ts';
import { Kernel } from '../../../src/kernel/load.ts';
import { fillExample } from '../../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../../src/ruleset/load.ts';
import { V8 } from '../../../src/ruleset/regex-engine.ts';
import { PIECES, type Random } from '../../kernel/encoded-pieces.ts';
import { randomNumbers } from '../../kernel/random-text.ts';
import { plainText } from './random-history.ts';

const ROOM = 1 << 21;
const setup: ScanSetup = { ruleset: builtInRuleset(), off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 };
const kernel = new Kernel(builtInKernel(), setup.ruleset.image, PAGES_WITH_STORED + 100);
const blobs = new BlobScanner(kernel, setup, V8);
const objects = new ObjectScanner(kernel, blobs, reachOf(setup.ruleset.image), false);

function placed(bytes: Buffer, slot: number): Unpacked {
  const address = OBJECTS + PAD + slot * ROOM;
  kernel.memory.fill(0, address - PAD, address + bytes.length + SLACK);
  bytes.copy(kernel.memory, address);
  return { address, length: bytes.length };
}

/** Returns encoded text in which a credential stands, one time in three under one more encoding. */
function hidden(random: Random): string {
  const token = fillExample('{{crc32-base62-body:ghp_:30}}', `${random(1e9)}`);
  const text = [`token: ${token}`, `export GH_TOKEN="${token}"\n`, `{"auth":"${token}"}`][random(3)] ?? '';
  const encode = (plain: string): string => {
    const base64 = Buffer.from(plain).toString('base64');
    switch (random(5)) {
      case 0:
        return `data: ${base64}`;
      case 1:
        return base64.replace(/.{40}/g, `$&\n${' '.repeat(random(8))}`);
      case 2:
        return Buffer.from(plain).toString('hex');
      case 3:
        return `"${[...plain].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}"`;
      default:
        return [...plain].map((c) => `0x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join(', ');
    }
  };
  return random(3) === 0 ? encode(encode(text)) : encode(text);
}

function piece(random: Random): string {
  if (random(4) === 0) return hidden(random);
  return (random(3) === 0 ? plainText(random, 1 + random(8)) : (PIECES[random(PIECES.length)]?.(random) ?? '')).replaceAll('\0', ' ');
}

function pieces(random: Random, count: number): string {
  return Array.from({ length: count }, () => piece(random) + (['\n', '\n', ' ', ''][random(4)] ?? '')).join('');
}

type Delta = { readonly bytes: Buffer; readonly runs: Uint32Array };

/** Returns the base with edits, half of them near the ends of spans, and what of it is copied: parts left out, put in, moved and doubled. Short copies are told as well as long ones, or not. */
function edited(base: Buffer, { encoded }: Records, random: Random): Delta {
  const ends = encoded.flatMap((span) => [span.at, span.end]);
  const parts: Buffer[] = [];
  const runs: number[] = [];
  let length = 0;
  const copy = (from: number, to: number): void => {
    if (to <= from) return;
    if (to - from >= objects.leastRun || random(2) === 0) runs.push(length, from, to - from);
    parts.push(base.subarray(from, to));
    length += to - from;
  };
  const add = (text: string): void => {
    const bytes = Buffer.from(text, 'latin1');
    parts.push(bytes);
    length += bytes.length;
  };
  let at = 0;
  for (let edits = 1 + random(2); edits > 0; edits--) {
    const near = (ends[random(Math.max(1, ends.length))] ?? 0) + random(220) - 110;
    const next =
      random(2) === 0 && near >= at ? Math.min(base.length, near) : Math.min(base.length, at + random(Math.max(1, base.length - at)));
    copy(at, next);
    at = next;
    const size = random(base.length - at + 1);
    switch (random(7)) {
      case 0:
        at += random(200);
        break;
      case 1:
        add(pieces(random, 1 + random(2)));
        break;
      case 2:
        add([' ', '=', '\n', 'x', '"', '0', ', ', 'QUJD', '\\n', '  \n', 'q'.repeat(100), '0x41, ', ', '][random(13)] ?? '');
        break;
      case 3:
        at += 1 + random(3);
        break;
      case 4:
        at += 1;
        add(['A', '0', ' ', '\n', '"', '/'][random(6)] ?? '');
        break;
      case 5:
        copy(at, at + size);
        break;
      default: {
        const from = random(base.length);
        copy(from, Math.min(base.length, from + random(900)));
      }
    }
    at = Math.min(at, base.length);
  }
  if (random(5) > 0) copy(at, base.length);
  return { bytes: Buffer.concat(parts), runs: Uint32Array.from(runs) };
}

function comesTo({ byRole, isUndecoded, isOverfull, candidates, records }: ObjectResult): string {
  const encoded = records?.encoded.map(({ kinds, at, end, outcome }) => [kinds, at, end, outcome?.found.length]);
  return JSON.stringify([FILE_ROLES.map((role) => byRole[role] ?? []), isUndecoded, isOverfull, candidates, encoded]);
}

/** Changes that stand far from the span which they make or end: what stands before the change, what is taken out there, what is put in, what stands behind. */
const TEXT = Buffer.from('a name and its value, of twelve words or more, in base64').toString('base64');
const FAR: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'a run grows before base64': ['', '', 'q'.repeat(80), `${'q'.repeat(60)}-${TEXT}`],
  'a run shrinks before base64': ['', 'q'.repeat(80), '', `${'q'.repeat(60)}-${TEXT}`],
  'the last byte of a list comes': [`${'0x41,'.padEnd(40)}`.repeat(15), '0x4g', '0x41', ''],
  'the last byte of a list goes': [`${'0x41,'.padEnd(40)}`.repeat(15), '0x41', '0x4g', ''],
  'a line of base64 goes on in the next': [`${TEXT}\n`, `${TEXT}x!`, `${TEXT}`, '\n'],
  'a second sample is none any more': [`${'A'.repeat(18)}!${'A'.repeat(29)}`, '', '!', TEXT],
  'hexadecimal has an odd digit': [Buffer.from('a name and its value, in hexadecimal').toString('hex').repeat(9), '', '7', ' '],
  'the line before is binary': ['', '\n', `${'\xff'}\n${'/9j4'.repeat(40)}\n`, `${TEXT}\n`],
};

describe('encoded text in deltas', () => {
  it.each(Object.entries(FAR))('%s', (_, [head, out, put, tail]) => {
    const padded = (middle: string): Buffer =>
      Buffer.from(`${'text '.repeat(80)}\n${head}${middle}${tail} ${'text '.repeat(80)}`, 'latin1');
    const [base, bytes] = [padded(out), padded(put)];
    const at = `${'text '.repeat(80)}\n${head}`.length;
    const runs = Uint32Array.from([0, 0, at, at + put.length, at + out.length, base.length - at - out.length]);
    const known = objects.scan(placed(base, 0), null);
    const object = placed(bytes, 1);
    const whole = objects.scan(object, null);
    expect(known.records && comesTo(objects.scan(object, { base: known.records, baseLength: base.length, runs }))).toBe(comesTo(whole));
    const spans = (result: ObjectResult): string[] => (result.records?.encoded ?? []).map(({ kinds, end, at }) => `${kinds} ${end - at}`);
    expect(spans(whole)).not.toEqual(spans(known));
  });

  it('is unpacked once, and said to be left where it is too much', () => {
    const packed = (bytes: number): string => gzipSync(Buffer.alloc(bytes, 'a line of text\n')).toString('base64');
    for (const [bytes, unpacked, isUndecoded] of [
      [100_000, 100_000, false],
      [MAX_INFLATED_BYTES + 1, MAX_INFLATED_BYTES, true],
    ] as const) {
      const base = Buffer.from(`${'text '.repeat(80)}\n${packed(bytes)}\n${'text '.repeat(80)}`);
      const known = objects.scan(placed(base, 0), null);
      expect(known).toMatchObject({ unpackedBytes: unpacked, isUndecoded });
      const object = placed(Buffer.concat([Buffer.from('more '), base]), 1);
      const descent = known.records && { base: known.records, baseLength: base.length, runs: Uint32Array.from([5, 0, base.length]) };
      expect(objects.scan(object, descent)).toMatchObject({ unpackedBytes: 0, isUndecoded });
      expect(objects.scanAlone(object)).toMatchObject({ unpackedBytes: unpacked, isUndecoded });
    }
  });

  it('is all there where more is put in than the kernel tells at once', () => {
    const base = Buffer.from(`${'text '.repeat(80)}\n${'text '.repeat(80)}`);
    const lines = Array.from({ length: 9_000 }, (_, i) => Buffer.from(`a name and value ${i}, of words`.padEnd(36)).toString('base64'));
    const bytes = Buffer.concat([base, Buffer.from(lines.join(`\n${'plain words '.repeat(9)}\na: `))]);
    const known = objects.scan(placed(base, 0), null);
    const object = placed(bytes, 1);
    const descent = known.records && { base: known.records, baseLength: base.length, runs: Uint32Array.from([0, 0, base.length]) };
    expect(comesTo(objects.scan(object, descent))).toBe(comesTo(objects.scan(object, null)));
  });

  it('comes to what it comes to in the whole object', () => {
    const random = randomNumbers(2_026);
    let decoded = 0;
    let carried = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const first = Buffer.from(pieces(random, 2 + random(14)), 'latin1');
      let base: { bytes: Buffer; result: ObjectResult } = { bytes: first, result: objects.scan(placed(first, 0), null) };
      for (let step = 0; step < 3 && base.result.records; step++) {
        const { bytes, runs } = edited(base.bytes, base.result.records, random);
        const object = placed(bytes, 1);
        const byDelta = objects.scan(object, { base: base.result.records, baseLength: base.bytes.length, runs });
        const whole = objects.scan(object, null);
        if (comesTo(byDelta) !== comesTo(whole)) {
          const what = JSON.stringify({ base: base.bytes.toString('latin1'), runs: [...runs], result: bytes.toString('latin1') });
          expect(JSON.parse(comesTo(byDelta)), `round ${round}: ${what}`).toEqual(JSON.parse(comesTo(whole)));
        }
        const { byRole } = blobs.scanInRoles(readFromBytes(bytes), FILE_ROLES);
        expect(byDelta.byRole).toEqual(byRole);
        decoded += (byRole.config ?? []).filter(({ place }) => place.decoded !== undefined).length;
        carried += byDelta.records?.encoded.filter(({ at, origin }) => at !== origin).length ?? 0;
        base = { bytes, result: byDelta };
      }
    }
    expect(decoded).toBeGreaterThan(ROUNDS);
    expect(carried).toBeGreaterThan(ROUNDS);
  }, 240_000);
});

const ROUNDS = Number(process.env['LEAKWARDEN_TEST_ROUNDS'] ?? 2000);
