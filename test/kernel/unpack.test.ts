/** Inflate and delta of the kernel against their twins: node:zlib, and a delta in plain TypeScript. Random, exhaustive small and damaged input. */
import { constants, deflateRawSync, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OBJECTS, PAGES_WITH_STORED, SLACK } from '../../src/core/kernel-layout.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { INFLATE_DAMAGED, INFLATE_DONE, INFLATE_IS_FULL, INFLATE_NEEDS_INPUT, Unpacker } from '../../src/kernel/unpack.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { randomNumbers } from './random-text.ts';

const kernel = new Kernel(builtInKernel(), builtInRuleset().image, PAGES_WITH_STORED + 300);
const unpacker = new Unpacker(kernel);
const SOURCE = OBJECTS + 1024;
const TARGET = OBJECTS + 4 * 1024 * 1024;
const FIVES = Buffer.alloc(4096, 0x55);

/** Unpacks in the kernel; null where it refuses. What it writes after the result must stay within SLACK. */
function inflate(packed: Buffer, size: number): Buffer | null {
  packed.copy(kernel.memory, SOURCE);
  kernel.memory.fill(0xaa, SOURCE + packed.length, SOURCE + packed.length + 64);
  kernel.memory.fill(0x55, TARGET + size, TARGET + size + 4096);
  const isDone = unpacker.inflateWhole(SOURCE, packed.length, TARGET, size);
  expect(kernel.memory.subarray(TARGET + size + SLACK, TARGET + size + 4096).equals(FIVES.subarray(0, 4096 - SLACK))).toBe(true);
  return isDone ? Buffer.from(kernel.memory.subarray(TARGET, TARGET + size)) : null;
}

/** Unpacks piece by piece, with pieces of input and room for output as `random` says. */
function inflateInPieces(packed: Buffer, size: number, random: (limit: number) => number): Buffer | null {
  unpacker.startStream();
  let [read, written] = [0, 0];
  for (let steps = 0; steps < 100_000; steps++) {
    const length = Math.min(packed.length - read, 1024 + random(3000));
    const isEnd = read + length === packed.length;
    packed.copy(kernel.memory, SOURCE, read, read + length);
    const step = unpacker.inflateOn(SOURCE, length, isEnd, TARGET + written, random(5000), written);
    read += step.read;
    written += step.written;
    if (step.status === INFLATE_DONE) return written === size ? Buffer.from(kernel.memory.subarray(TARGET, TARGET + size)) : null;
    if (step.status >= INFLATE_DAMAGED || written > size + 300) return null;
    expect([INFLATE_NEEDS_INPUT, INFLATE_IS_FULL]).toContain(step.status);
  }
  return null;
}

function randomBytes(random: (limit: number) => number, length: number, letters: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; ) {
    if (i > 10 && random(3) === 0) {
      const from = random(i);
      const count = Math.min(1 + random(600), length - i);
      for (let k = 0; k < count; k++) out[i + k] = out[from + k] ?? 0;
      i += count;
    } else out[i++] = random(letters);
  }
  return out;
}

/** What zlib makes of a stream whose last four bytes, its checksum, are left out: the kernel does not check those. */
function byZlib(packed: Buffer, size: number): Buffer | null {
  try {
    const out = inflateSync(packed, { maxOutputLength: size + 1, finishFlush: constants.Z_SYNC_FLUSH });
    return out.length === size ? out : null;
  } catch {
    return null;
  }
}

describe('inflate', () => {
  it('unpacks what zlib packs, at all levels and strategies, whole and in pieces', () => {
    const random = randomNumbers(1);
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FILTERED];
    for (let round = 0; round < 400; round++) {
      const bytes = randomBytes(random, random(round % 10 === 0 ? 200_000 : 5000), 1 + random(256));
      const packed = deflateSync(bytes, {
        level: random(10),
        strategy: strategies[random(5)] ?? 0,
        memLevel: 1 + random(9),
        windowBits: 9 + random(7),
      });
      expect(inflate(packed, bytes.length)?.equals(bytes), `round ${round}`).toBe(true);
      expect(inflateInPieces(packed, bytes.length, random)?.equals(bytes), `round ${round} in pieces`).toBe(true);
    }
  });

  it('refuses another size than the stream has', () => {
    const bytes = Buffer.from('some text, some text, some text');
    const packed = deflateSync(bytes);
    for (let size = 0; size < 200; size++) expect(inflate(packed, size) !== null).toBe(size === bytes.length);
  });

  it('refuses every stream that is cut off', () => {
    const random = randomNumbers(2);
    for (const level of [0, 1, 9]) {
      const bytes = randomBytes(random, 3000, 60);
      const packed = deflateSync(bytes, { level });
      // The last four bytes are a checksum, which is not looked at.
      for (let length = 0; length < packed.length - 5; length++) expect(inflate(packed.subarray(0, length), bytes.length)).toBeNull();
    }
  });

  it('agrees with zlib about damaged streams', () => {
    const random = randomNumbers(3);
    let [refused, accepted] = [0, 0];
    for (let round = 0; round < 3000; round++) {
      const bytes = randomBytes(random, 1 + random(600), 1 + random(80));
      const packed = deflateSync(bytes, {
        level: 1 + random(9),
        strategy: random(4) === 0 ? constants.Z_FIXED : constants.Z_DEFAULT_STRATEGY,
      });
      for (let flips = 1 + random(3); flips > 0; flips--) {
        const at = random(packed.length - 4);
        packed[at] = (packed[at] ?? 0) ^ (1 << random(8));
      }
      const ours = inflate(packed, bytes.length);
      const theirs = byZlib(packed.subarray(0, packed.length - 4), bytes.length);
      // zlib gives what it has of a stream without an end; the kernel refuses that.
      if (ours) expect(theirs?.equals(ours), `round ${round}`).toBe(true);
      if (ours) accepted++;
      else refused++;
    }
    expect(refused).toBeGreaterThan(1000);
    expect(accepted).toBeGreaterThan(20);
  });

  it('agrees with zlib about all short streams', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const packed = Buffer.from([0x78, 0x9c, bits & 255, bits >> 8, 0, 0, 0, 0, 0, 0]);
      unpacker.startStream();
      packed.copy(kernel.memory, SOURCE);
      const step = unpacker.inflateOn(SOURCE, packed.length, true, TARGET, 4096, 0);
      if (step.status !== INFLATE_DONE) continue;
      const theirs = byZlib(packed.subarray(0, 2 + Math.max(1, step.read - 2)), step.written);
      expect(theirs?.equals(kernel.memory.subarray(TARGET, TARGET + step.written)), `stream ${bits}`).toBe(true);
    }
  });

  it('refuses wrong headers', () => {
    const raw = deflateRawSync(Buffer.from('abc'));
    for (let first = 0; first < 256; first++) {
      for (const second of [0x01, 0x5e, 0x9c, 0xda, 0x20, 0xbb]) {
        const isRight = (first & 15) === 8 && first >> 4 <= 7 && (second & 32) === 0 && ((first << 8) | second) % 31 === 0;
        expect(inflate(Buffer.concat([Buffer.from([first, second]), raw, Buffer.alloc(4)]), 3) !== null).toBe(isRight);
      }
    }
  });
});

/** git's deltas in plain code: the result and what was copied, or null. */
function slowDelta(delta: Buffer, base: Buffer): { result: Buffer; runs: number[] } | null {
  let at = 0;
  const next = (): number => {
    if (at >= delta.length) throw new RangeError('cut off');
    return delta[at++] ?? 0;
  };
  const size = (): number => {
    let [value, scale] = [0, 1];
    for (let digits = 0; ; digits++) {
      if (digits > 4) throw new RangeError('too long');
      const byte = next();
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  try {
    const baseSize = size();
    const resultSize = size();
    if (baseSize !== base.length || resultSize > 0x7fffffff) return null;
    const parts: Buffer[] = [];
    const runs: number[] = [];
    let length = 0;
    while (at < delta.length) {
      const op = next();
      let part: Buffer;
      if (op >= 128) {
        let [offset, count] = [0, 0];
        for (let i = 0; i < 4; i++) if (op & (1 << i)) offset += next() * 256 ** i;
        for (let i = 0; i < 3; i++) if (op & (16 << i)) count += next() * 256 ** i;
        if (count === 0) count = 65_536;
        if (offset + count > base.length) return null;
        part = base.subarray(offset, offset + count);
        const [start = -1, from = -1, run = 0] = runs.slice(-3);
        if (runs.length > 0 && start + run === length && from + run === offset) runs[runs.length - 1] = run + count;
        else runs.push(length, offset, count);
      } else {
        if (op === 0 || at + op > delta.length) return null;
        part = delta.subarray(at, at + op);
        at += op;
      }
      parts.push(part);
      length += part.length;
      if (length > resultSize) return null;
    }
    return length === resultSize ? { result: Buffer.concat(parts), runs } : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function fastDelta(delta: Buffer, base: Buffer): { result: Buffer; runs: number[] } | null {
  delta.copy(kernel.memory, SOURCE);
  const baseAt = SOURCE + 1024 * 1024;
  base.copy(kernel.memory, baseAt);
  const frame = unpacker.deltaFrame(SOURCE, delta.length);
  if (!frame || frame.resultSize > 4 * 1024 * 1024) return null;
  const end = TARGET + frame.resultSize;
  kernel.memory.fill(0x55, end, end + 1024);
  const runs = unpacker.applyDelta(SOURCE + frame.start, delta.length - frame.start, baseAt, base.length, TARGET, 1);
  expect(kernel.memory.subarray(end + 64, end + 1024).equals(FIVES.subarray(0, 960))).toBe(true);
  if (runs === null || runs === 'many') return null;
  return { result: Buffer.from(kernel.memory.subarray(TARGET, end)), runs: [...runs] };
}

function randomDelta(random: (limit: number) => number, base: Buffer): Buffer {
  const ops: number[] = [];
  let length = 0;
  let last = 0;
  for (let count = random(30); count > 0; count--) {
    if (random(3) > 0 && base.length > 0) {
      const offset = random(3) === 0 ? Math.min(last, base.length - 1) : random(base.length);
      const size = 1 + random(base.length - offset);
      ops.push(0xb3, offset & 255, offset >> 8, size & 255, size >> 8);
      length += size;
      last = offset + size;
    } else {
      const size = 1 + random(127);
      ops.push(size, ...Array.from({ length: size }, () => random(256)));
      length += size;
    }
  }
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
  return Buffer.from([...varint(base.length), ...varint(length), ...ops]);
}

/** One text, since toEqual takes milliseconds for some thousand bytes. */
function asText(made: { result: Buffer; runs: number[] } | null): string | null {
  return made && `${made.result.toString('hex')} ${made.runs.join()}`;
}

describe('delta', () => {
  it('gives the result and the runs that the twin gives', () => {
    const random = randomNumbers(4);
    for (let round = 0; round < 1000; round++) {
      const base = randomBytes(random, random(4000), 256);
      const delta = randomDelta(random, base);
      const slow = slowDelta(delta, base);
      expect(slow).not.toBeNull();
      expect(asText(fastDelta(delta, base)), `round ${round}`).toBe(asText(slow));
    }
  });

  it('agrees with the twin about damaged deltas', () => {
    const random = randomNumbers(5);
    let refused = 0;
    for (let round = 0; round < 6000; round++) {
      const base = randomBytes(random, random(300), 256);
      let delta = randomDelta(random, base);
      for (let flips = 1 + random(2); flips > 0 && delta.length > 0; flips--) {
        const at = random(delta.length);
        delta[at] = (delta[at] ?? 0) ^ (1 << random(8));
      }
      if (random(4) === 0) delta = delta.subarray(0, random(delta.length + 1));
      const slow = slowDelta(delta, base);
      if (!slow) refused++;
      if (slow && slow.result.length > 4 * 1024 * 1024) continue;
      expect(asText(fastDelta(delta, base)), `round ${round}`).toBe(asText(slow));
    }
    expect(refused).toBeGreaterThan(1500);
  });

  it('agrees with the twin about every instruction on a small base', () => {
    const base = Buffer.from('0123456789');
    for (let op = 0; op < 256; op++) {
      for (const [a, b] of [
        [0, 0],
        [0, 10],
        [1, 9],
        [1, 10],
        [9, 1],
        [10, 0],
        [10, 1],
        [255, 255],
      ]) {
        for (const size of [1, 9, 10, 65]) {
          const delta = Buffer.from([10, size, op, a ?? 0, b ?? 0, 0, 0, 0, 0, 0]).subarray(0, 3 + 7);
          for (const length of [3, 4, 5, 6, 10]) {
            const cut = delta.subarray(0, length);
            expect(asText(fastDelta(cut, base)), `${op} ${a} ${b} ${size} ${length}`).toBe(asText(slowDelta(cut, base)));
          }
        }
      }
    }
  });
});
