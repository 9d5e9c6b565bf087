/**
 * Decodes the spans of encoded text that the kernel listed, of the window or of text that was decoded itself. Each text knows how it was encoded and where it
 * came from. Called by encoded-text.ts, which scans the texts; settle-decoded.ts and scan-blob.ts ask for places.
 */
import type { ByteSpan, Encoding } from '../core/contracts.ts';
import { decodeSpan, MAX_INFLATED_BYTES, type SpanText } from './decode/decode-span.ts';

/** Text that was decoded, and where it came from. */
export type DecodedText = {
  readonly bytes: Buffer;
  /** How it was encoded, the outermost first. */
  readonly encodings: readonly Encoding[];
  /** The text in which it was found encoded; null: the window. */
  readonly parent: DecodedText | null;
  /** Returns the place in the parent of [start, end). */
  readonly outerOf: (start: number, end: number) => ByteSpan;
  /** It is a whole value, or in one; else lines with escapes. */
  readonly isBlock: boolean;
  /** The text goes on before, or after, in what was not taken with it: a match at that edge may be half of one. */
  readonly isCutBefore: boolean;
  readonly isCutAfter: boolean;
};

/** What decoding may still cost in one blob. `isExhausted`: something was left encoded. */
export type DecodeBudget = { unpackedBytes: number; candidates: number; isExhausted: boolean };

/**
 * Bytes that are unpacked in one blob, and candidates confirmed in decoded text. Decoding alone makes text shorter, so that its cost is bounded by the size of
 * the blob and the depth.
 */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
const MAX_DECODED_CANDIDATES = 10_000;

export function newDecodeBudget(): DecodeBudget {
  return { unpackedBytes: MAX_UNPACKED_BYTES, candidates: MAX_DECODED_CANDIDATES, isExhausted: false };
}

/** Returns how many bytes were unpacked of this budget. */
export function unpackedBytesOf(budget: DecodeBudget): number {
  return MAX_UNPACKED_BYTES - budget.unpackedBytes;
}

/** Returns the place in the window of a part of a decoded text. */
export function placeInWindow(text: DecodedText, start: number, end: number): ByteSpan {
  const outer = text.outerOf(start, end);
  return text.parent ? placeInWindow(text.parent, outer.start, outer.end) : outer;
}

/** What spans are decoded from. Of a window's blocks, those that begin in its core are its own. */
export type Origin = {
  readonly bytes: Buffer;
  readonly parent: DecodedText | null;
  readonly isCutAfter: boolean;
  readonly coreStart: number;
  readonly coreEnd: number;
};

export function originOf(text: DecodedText): Origin {
  return { bytes: text.bytes, parent: text, isCutAfter: text.isCutAfter, coreStart: 0, coreEnd: text.bytes.length };
}

/** Decodes spans (kinds, start, end); packed ones as long as the budget lasts. */
export function decodeAll(spans: ArrayLike<number>, origin: Origin, budget: DecodeBudget): DecodedText[] {
  const out: DecodedText[] = [];
  for (let i = 0; i < spans.length; i += 3) {
    const [kinds, from, to] = [spans[i] ?? 0, spans[i + 1] ?? 0, spans[i + 2] ?? 0];
    const isOwn = from >= origin.coreStart && from < origin.coreEnd;
    // Copied: the window is about to hold something else.
    for (const text of decodeSpan(kinds, Buffer.from(origin.bytes.subarray(from, to)), budget.unpackedBytes)) {
      if (text === 'too-large') {
        budget.isExhausted = true;
        budget.unpackedBytes -= Math.min(MAX_INFLATED_BYTES, budget.unpackedBytes);
      } else if (isOwn || !text.isBlock) {
        budget.unpackedBytes -= text.unpackedBytes;
        // Only a part of the block is here, and the next window begins in the middle of it.
        if (text.isBlock && origin.parent === null && origin.isCutAfter && to === origin.bytes.length) budget.isExhausted = true;
        out.push(textOf(text, from, to, origin));
      }
    }
  }
  return out;
}

function textOf({ decoded, encodings, isBlock }: SpanText, from: number, to: number, { bytes, parent, isCutAfter }: Origin): DecodedText {
  return {
    bytes: decoded.bytes,
    encodings: [...(parent?.encodings ?? []), ...encodings],
    parent,
    outerOf: (start, end) => {
      const span = decoded.outerOf(start, end);
      return { start: from + span.start, end: from + span.end };
    },
    isBlock: parent?.isBlock ?? isBlock,
    isCutBefore: from === 0 ? parent?.isCutBefore === true : !isBlock && !isLineEnd(bytes[from - 1]),
    isCutAfter: to === bytes.length ? isCutAfter : !isBlock && !isLineEnd(bytes[to]),
  };
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0;
}
