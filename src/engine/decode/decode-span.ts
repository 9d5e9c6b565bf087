/**
 * Decodes one span that the kernel listed (src/kernel/assembly/encoded.ts): the encoding itself, then what is packed or UTF-16 inside of it. Gives the texts
 * that are worth scanning, several where a line holds several kinds of escapes. Called by encoded-text.ts.
 */
import type { Encoding } from '../../core/contracts.ts';
import {
  ENCODED_ANSI,
  ENCODED_BACKSLASH,
  ENCODED_BASE64,
  ENCODED_BYTES,
  ENCODED_HEX,
  ENCODED_HTML,
  ENCODED_PERCENT,
  ENCODED_QUOTED,
} from '../../core/kernel-layout.ts';
import { decodeAnsi } from './ansi.ts';
import { decodeBackslash } from './backslash.ts';
import { decodeBase64 } from './base64.ts';
import { chain, type Decode, type Decoded } from './decoded.ts';
import { decodeByteList, decodeHex } from './hex.ts';
import { decodeHtml } from './html.ts';
import { inflate } from './inflate.ts';
import { decodePercent } from './percent.ts';
import { decodeQuotedPrintable } from './quoted-printable.ts';
import { decodeWideText } from './wide-text.ts';

/** Blocks are whole values, bytes of any kind; escapes leave text what it is. */
type Decoder = { readonly kind: number; readonly encoding: Encoding; readonly decode: Decode; readonly isBlock: boolean };

const DECODERS: readonly Decoder[] = [
  { kind: ENCODED_BASE64, encoding: 'base64', decode: decodeBase64, isBlock: true },
  { kind: ENCODED_HEX, encoding: 'hex', decode: decodeHex, isBlock: true },
  { kind: ENCODED_BYTES, encoding: 'hex', decode: decodeByteList, isBlock: true },
  { kind: ENCODED_PERCENT, encoding: 'percent', decode: decodePercent, isBlock: false },
  { kind: ENCODED_BACKSLASH, encoding: 'backslash', decode: decodeBackslash, isBlock: false },
  { kind: ENCODED_HTML, encoding: 'html', decode: decodeHtml, isBlock: false },
  { kind: ENCODED_QUOTED, encoding: 'quoted-printable', decode: decodeQuotedPrintable, isBlock: false },
  { kind: ENCODED_ANSI, encoding: 'ansi', decode: decodeAnsi, isBlock: false },
];

export type SpanText = {
  readonly decoded: Decoded;
  readonly encodings: readonly Encoding[];
  readonly isBlock: boolean;
  /** Bytes that unpacking made; 0 where nothing was packed. */
  readonly unpackedBytes: number;
};

/** Bytes that packed text may unpack to: what a window holds. Beyond it is a bomb, or nothing that somebody wrote by hand. */
export const MAX_INFLATED_BYTES = 4 * 1024 * 1024;

/** Bytes of a decoded block that are looked at, and the share of them that must be text: it may follow a binary header, but a random run has 37 %. */
const PROBE_BYTES = 1024;
const TEXT_SHARE = 0.6;

/** Returns the texts of a span; `too-large` among them stands for one that unpacks to more than `unpackBytes` or MAX_INFLATED_BYTES. */
export function decodeSpan(kinds: number, outer: Buffer, unpackBytes: number): (SpanText | 'too-large')[] {
  return DECODERS.filter(({ kind }) => (kinds & kind) !== 0).flatMap(({ encoding, decode, isBlock }) => {
    const decoded = decode(outer);
    if (!decoded) return [];
    if (!isBlock) return [{ decoded, encodings: [encoding], isBlock, unpackedBytes: 0 }];
    const text = unpack(decoded, [encoding], Math.min(unpackBytes, MAX_INFLATED_BYTES));
    return text === null ? [] : [text];
  });
}

function unpack(block: Decoded, encodings: readonly Encoding[], limitBytes: number): SpanText | 'too-large' | null {
  const inflated = inflate(block.bytes, limitBytes);
  if (inflated === 'too-large') return inflated;
  const open = inflated ? chain(block, inflated) : block;
  const said = inflated ? [...encodings, inflated.encoding] : encodings;
  const unpackedBytes = inflated ? inflated.bytes.length : 0;
  const wide = decodeWideText(open.bytes);
  if (wide) return { decoded: chain(open, wide), encodings: [...said, 'utf-16'], isBlock: true, unpackedBytes };
  return isMostlyText(open.bytes) ? { decoded: open, encodings: said, isBlock: true, unpackedBytes } : null;
}

function isMostlyText(bytes: Buffer): boolean {
  const probe = bytes.subarray(0, PROBE_BYTES);
  let text = 0;
  for (const byte of probe) if ((byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d) text++;
  return text >= TEXT_SHARE * probe.length;
}
