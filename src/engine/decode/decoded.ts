/**
 * What a decoder gives: bytes, and where each of them came from. The decoders of this folder are pure, one file an encoding: encoded bytes in, this out, or
 * null where nothing is encoded so. Called by decode-span.ts.
 */
import type { ByteSpan } from '../../core/contracts.ts';

export type Decoded = {
  readonly bytes: Buffer;
  /** Returns the encoded bytes that stand for [start, end) of the decoded ones; whole groups and escapes. */
  readonly outerOf: (start: number, end: number) => ByteSpan;
};

export type Decode = (outer: Buffer) => Decoded | null;

/** Returns `second`, which was decoded from the bytes of `first`, with places in what `first` was decoded from. */
export function chain(first: Decoded, second: Decoded): Decoded {
  return {
    bytes: second.bytes,
    outerOf: (start, end) => {
      const middle = second.outerOf(start, end);
      return first.outerOf(middle.start, middle.end);
    },
  };
}
