/**
 * What is remembered of a scanned blob so that its deltas need not be scanned whole (carry.ts): each candidate of the kernel, confirmed or not, with the bytes
 * on which that hung; and the kernel's looks far ahead.
 */

import type { ByteText } from '../confirm.ts';
import type { RawMatch } from '../raw-match.ts';
import type { EncodedRecord } from './carry-encoded.ts';
import type { StoredRecord } from './carry-stored.ts';
import type { LongReads } from './long-reads.ts';

/** What confirming a candidate came to, and why it would come to the same elsewhere. Shared by all blobs that have the same bytes there. */
export type Proof = {
  /** With offsets of the blob in which it was confirmed, where the candidate stood at `origin`. */
  readonly match: RawMatch | null;
  /** What is assigned there, where that is wanted (ScanSetup.assigned). */
  readonly value: RawMatch | null;
  readonly origin: number;
  /** It read [place - before, place + after) and nothing else. */
  readonly before: number;
  readonly after: number;
  /** It read up to the blob's start, or its end: it may hang on there being nothing more. */
  readonly isAtStart: boolean;
  readonly isAtEnd: boolean;
};

export type Candidate = { readonly at: number; readonly program: number; readonly proof: Proof };

export type Records = {
  /** By place and program, each once. */
  readonly candidates: readonly Candidate[];
  readonly long: LongReads;
  /** By place and row, each once. */
  readonly stored: readonly StoredRecord[];
  /** By place, each once. */
  readonly encoded: readonly EncodedRecord[];
};

/** A blob with more is scanned whole, and so are its deltas: carrying them would cost more. */
export const MAX_RECORDS = 20_000;

/** The same match, or value, with offsets of a blob in which its candidate stands at `at`. */
export function matchAt(match: RawMatch | null, { origin }: Proof, at: number): RawMatch | null {
  const by = at - origin;
  if (!match || by === 0) return match;
  return {
    ...match,
    start: match.start + by,
    end: match.end + by,
    secretStart: match.secretStart + by,
    secretEnd: match.secretEnd + by,
    password: match.password && [match.password[0] + by, match.password[1] + by],
  };
}

/** A text that notes what of it is read. */
export class NotingText implements ByteText {
  readonly #bytes: Buffer;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    this.#to = this.#bytes.length;
    return this.#bytes.length;
  }

  slice(start: number, end: number): string {
    if (start < this.#from) this.#from = start;
    if (end > this.#to) this.#to = end;
    return this.#bytes.toString('latin1', Math.max(0, start), Math.min(this.#bytes.length, Math.max(0, end)));
  }

  /** Returns what was read since the last call, round a candidate at `at` that came to `match` and `value`. */
  takeProof(at: number, match: RawMatch | null, value: RawMatch | null): Proof {
    const [from, to] = [Math.min(this.#from, at), Math.max(this.#to, at)];
    this.#from = Number.POSITIVE_INFINITY;
    this.#to = 0;
    return { match, value, origin: at, before: at - from, after: to - at, isAtStart: from <= 0, isAtEnd: to >= this.#bytes.length };
  }
}
