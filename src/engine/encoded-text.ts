/**
 * Scans what is encoded in a window: the kernel lists spans, each is decoded, the texts are put into the window for a moment and scanned like any other, and
 * what is encoded in them is the next level, down to `maxDepth`. Gives matches with the text they stand in, which knows its place in the window.
 *
 * The texts of a level are scanned together, NULs between them: the kernel is called once for all, and the keywords of one are out of reach of the next.
 * Confirming sees each text alone. Called by scan-blob.ts after the window itself was scanned.
 */
import { ENCODED_BASE64, ENCODED_BYTES, ENCODED_HEX, PAD, WINDOW_MAX } from '../core/kernel-layout.ts';
import type { Kernel } from '../kernel/load.ts';
import type { RuleView } from '../ruleset/rule-view.ts';
import { matchesInRole } from './by-role.ts';
import type { ByteText, Confirmer } from './confirm.ts';
import {
  type DecodeBudget,
  type DecodedText,
  decodeAll,
  newDecodeBudget,
  type Origin,
  originOf,
  placeInWindow,
  unpackedBytesOf,
} from './decoded-text.ts';
import type { FileRole } from './file-role.ts';
import type { RawMatch } from './raw-match.ts';
import { type Resolved, resolveMatches } from './resolve.ts';
import type { ScanSetup } from './scan-blob.ts';
import type { LoadedWindow } from './windows.ts';

export type DecodedMatch = Resolved & { readonly text: DecodedText };

/** What was confirmed in a decoded text, for files of whatever role. */
export type DecodedRaw = { readonly text: DecodedText; readonly raw: readonly RawMatch[] };

/** Triples of kinds, start and end (Kernel.findEncoded); valid until the kernel is asked again. */
export type EncodedSpans = { readonly spans: Uint32Array; readonly isOverfull: boolean };

const NO_SPANS: EncodedSpans = { spans: new Uint32Array(0), isOverfull: false };

/** What one span of a blob came to, with what it took of a blob's budget. */
export type SpanOutcome = {
  readonly found: readonly DecodedRaw[];
  readonly unpackedBytes: number;
  readonly candidates: number;
  readonly isExhausted: boolean;
};

/** What nearly all spans come to. */
const NOTHING: SpanOutcome = { found: [], unpackedBytes: 0, candidates: 0, isExhausted: false };

const BLOCKS = ENCODED_BASE64 | ENCODED_HEX | ENCODED_BYTES;

/** Compares spans by when they are decoded: blocks before lines, whichever way they were listed; of what is found twice, the first stays. */
export function inDecodingOrder(kinds: number, start: number, otherKinds: number, otherStart: number): number {
  return Number((kinds & BLOCKS) === 0) - Number((otherKinds & BLOCKS) === 0) || start - otherStart || kinds - otherKinds;
}

export class EncodedText {
  readonly #kernel: Kernel;
  readonly #rules: RuleView;
  readonly #confirmer: Confirmer;
  readonly #off: ReadonlySet<number>;
  /** 0: nothing is decoded. */
  readonly maxDepth: number;

  constructor(kernel: Kernel, rules: RuleView, confirmer: Confirmer, { off, maxDecodeDepth }: Pick<ScanSetup, 'off' | 'maxDecodeDepth'>) {
    this.#kernel = kernel;
    this.#rules = rules;
    this.#confirmer = confirmer;
    this.#off = off;
    this.maxDepth = maxDecodeDepth;
  }

  /** Lists what is encoded in the window, which the kernel has just scanned, by its length. Asked once: the kernel's list grows. */
  list(length: number): EncodedSpans {
    return this.maxDepth === 0 ? NO_SPANS : this.#kernel.findEncoded(length);
  }

  /** Returns the matches in what is encoded in the window, as just listed; level by level. The window is as it was afterwards. */
  scan(window: LoadedWindow, budget: DecodeBudget, { spans, isOverfull }: EncodedSpans): DecodedRaw[] {
    if (spans.length === 0) return [];
    if (isOverfull) budget.isExhausted = true;
    const { coreStart, coreEnd } = window;
    const bytes = this.#kernel.window.subarray(0, window.length);
    return this.#scanLevels(sorted(spans), { bytes, parent: null, isCutAfter: window.nextStart >= 0, coreStart, coreEnd }, budget);
  }

  /** Returns what one span of a blob comes to, with places of the blob; with a budget of its own. */
  scanSpan(bytes: Buffer, kinds: number, start: number, end: number): SpanOutcome {
    const budget = newDecodeBudget();
    const found = this.#scanLevels(
      [kinds, start, end],
      { bytes, parent: null, isCutAfter: false, coreStart: 0, coreEnd: bytes.length },
      budget,
    );
    const unpackedBytes = unpackedBytesOf(budget);
    const candidates = newDecodeBudget().candidates - budget.candidates;
    const { isExhausted } = budget;
    return found.length === 0 && unpackedBytes === 0 && candidates === 0 && !isExhausted
      ? NOTHING
      : { found, unpackedBytes, candidates, isExhausted };
  }

  #scanLevels(spans: ArrayLike<number>, origin: Origin, budget: DecodeBudget): DecodedRaw[] {
    let level = decodeAll(spans, origin, budget);
    const found: DecodedRaw[] = [];
    for (let depth = 1; level.length > 0; depth++) {
      const next: DecodedText[] = [];
      for (const batch of batchesOf(level)) {
        const { pairs, starts, spans: inner } = this.#scanBatch(batch, depth < this.maxDepth, budget);
        found.push(...this.#confirm(batch, starts, pairs, budget));
        const spansOf = splitSpans(inner, starts);
        for (const [i, text] of batch.entries()) next.push(...decodeAll(spansOf[i] ?? [], originOf(text), budget));
      }
      level = next;
    }
    return found;
  }

  #scanBatch(
    batch: readonly DecodedText[],
    goesDeeper: boolean,
    budget: DecodeBudget,
  ): { pairs: Uint32Array; spans: Uint32Array; starts: readonly number[] } {
    const starts: number[] = [];
    let length = 0;
    for (const { bytes } of batch) {
      starts.push(length);
      length += bytes.length + PAD;
    }
    const joined = Buffer.alloc(length);
    for (const [i, { bytes }] of batch.entries()) joined.set(bytes, starts[i]);
    return this.#kernel.borrow(joined, () => {
      const { pairs, isOverfull } = this.#kernel.scan(length);
      const inner = goesDeeper ? this.#kernel.findEncoded(length) : NO_SPANS;
      if (isOverfull || inner.isOverfull) budget.isExhausted = true;
      return { pairs: pairs.slice(), spans: inner.spans.slice(), starts };
    });
  }

  #confirm(batch: readonly DecodedText[], starts: readonly number[], pairs: Uint32Array, budget: DecodeBudget): DecodedRaw[] {
    const found = batch.map((): RawMatch[] => []);
    for (let i = 0; i < pairs.length; i += 2) {
      const at = pairs[i] ?? 0;
      const program = this.#rules.program(pairs[i + 1] ?? 0);
      if (!program || this.#off.has(program.rule)) continue;
      if (--budget.candidates < 0) {
        budget.isExhausted = true;
        break;
      }
      const index = lastBefore(starts, at);
      const text = batch[index];
      if (!text) continue;
      const match = this.#confirmer.confirm(byteTextOf(text.bytes), at - (starts[index] ?? 0), program);
      if (match && !isHalf(match, text)) found[index]?.push(match);
    }
    return batch.flatMap((text, index) => {
      const raw = found[index] ?? [];
      return raw.length === 0 ? [] : [{ text, raw }];
    });
  }
}

/** Returns what the decoded texts of a window come to in files of that role, in their order. */
export function resolveDecoded(
  found: readonly DecodedRaw[],
  role: FileRole,
  rules: RuleView,
  { coreStart, coreEnd }: Pick<LoadedWindow, 'coreStart' | 'coreEnd'>,
): DecodedMatch[] {
  return found
    .flatMap(({ text, raw }) =>
      resolveMatches(matchesInRole(raw, role), rules, lineFinder(text.bytes)).map((resolved) => ({ ...resolved, text })),
    )
    .filter(({ match, text }) => {
      // Lines are cut anywhere, so each window decodes its neighbours' too and keeps what begins in its own core.
      const { start } = placeInWindow(text, match.secretStart, match.secretEnd);
      return text.isBlock || (start >= coreStart && start < coreEnd);
    });
}

function sorted(spans: Uint32Array): number[] {
  const triples = Array.from({ length: spans.length / 3 }, (_, i) => [...spans.subarray(3 * i, 3 * i + 3)]);
  return triples.sort(([kinds = 0, start = 0], [otherKinds = 0, other = 0]) => inDecodingOrder(kinds, start, otherKinds, other)).flat();
}

/** Puts texts together as long as they fit into a window. */
function batchesOf(texts: readonly DecodedText[]): DecodedText[][] {
  const out: DecodedText[][] = [];
  let room = 0;
  for (const text of texts) {
    const needed = text.bytes.length + PAD;
    if (needed > room) {
      out.push([]);
      room = WINDOW_MAX;
    }
    room -= needed;
    out.at(-1)?.push(text);
  }
  return out;
}

/** Returns the spans of a batch by the text that they lie in, with places in it. */
function splitSpans(spans: Uint32Array, starts: readonly number[]): number[][] {
  const out: number[][] = starts.map(() => []);
  for (let i = 0; i < spans.length; i += 3) {
    const [kinds = 0, start = 0, end = 0] = spans.subarray(i, i + 3);
    const index = lastBefore(starts, start);
    const from = starts[index] ?? 0;
    out[index]?.push(kinds, start - from, end - from);
  }
  return out;
}

function byteTextOf(bytes: Buffer): ByteText {
  return {
    length: bytes.length,
    slice: (start, end) => bytes.toString('latin1', Math.max(0, start), Math.min(bytes.length, Math.max(0, end))),
  };
}

function isHalf(match: RawMatch, text: DecodedText): boolean {
  return (text.isCutBefore && match.start <= 0) || (text.isCutAfter && match.end >= text.bytes.length);
}

/** Returns a function that gives the line of a byte. */
function lineFinder(bytes: Buffer): (at: number) => number {
  const feeds: number[] = [];
  for (let feed = bytes.indexOf(0x0a); feed >= 0; feed = bytes.indexOf(0x0a, feed + 1)) feeds.push(feed);
  return (at) => lastBefore(feeds, at) + 2;
}

/** Returns the index of the last of rising numbers that is not above a limit; -1 when all are. */
export function lastBefore(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
