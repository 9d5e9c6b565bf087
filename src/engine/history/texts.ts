/**
 * Scans what people wrote into history beside files: messages of commits and tags, names of authors. In come texts by the thousand, out go
 * those with matches. Many are put into one buffer, since a scan costs some microseconds to start and most have nothing; a text with
 * anything in it is then scanned by itself, and that alone counts. So the outcome does not depend on which texts came together.
 */
import type { FoundMatch } from '../found-match.ts';
import type { BlobScanner } from '../scan-blob.ts';
import { readFromBytes } from '../windows.ts';

export type ScannedText<Key> = {
  readonly key: Key;
  readonly matches: readonly FoundMatch[];
  /** Stored values, and what stands in the places of passwords (ScanSetup.assigned). */
  readonly values: readonly FoundMatch[];
};

/** Prose: its role is `document`. */
const TEXT_PATH = 'message.txt';

/** Texts that are scanned together. Less than the kernel's window. */
const BATCH_BYTES = 1 << 20;

/** More lines than a rule lets lie between a match and its companion, so that texts do not complete each other. */
const GAP = Buffer.alloc(128, '\n');

export class TextScanner<Key> {
  found: ScannedText<Key>[] = [];
  /** Texts in which there were more matches than are looked at. */
  readonly overfull: Key[] = [];
  readonly #scanner: BlobScanner;
  #batch: { readonly key: Key; readonly text: Buffer; readonly start: number }[] = [];
  #bytes = 0;

  constructor(scanner: BlobScanner) {
    this.#scanner = scanner;
  }

  add(key: Key, text: Buffer): void {
    this.#bytes += GAP.length;
    this.#batch.push({ key, text: asText(text), start: this.#bytes });
    this.#bytes += text.length;
    if (this.#bytes >= BATCH_BYTES) this.flush();
  }

  /** Scans what is left. `found` is complete then. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    const all = this.#scanner.scan(readFromBytes(Buffer.concat(batch.flatMap(({ text }) => [GAP, text]))), TEXT_PATH);
    const found = [...all.matches, ...(all.values ?? [])];
    const spans = found.flatMap((match) => [match, ...Object.values(match.parts)].map(({ place }) => place.span));
    for (const { key, text, start } of batch) {
      if (!all.isOverfull && !spans.some((span) => span.start < start + text.length && span.end > start)) continue;
      const own = this.#scanner.scan(readFromBytes(text), TEXT_PATH);
      if (own.isOverfull) this.overfull.push(key);
      const { matches, values = [] } = own;
      if (matches.length > 0 || values.length > 0) this.found.push({ key, matches, values });
    }
  }

  /** Returns the texts in the places of passwords. */
  assigned(): string[] {
    return [...new Set(this.found.flatMap(({ values }) => values.filter(isAssigned).map(({ secret }) => secret)))];
  }

  /** Forgets what stands in the place of a password and is none of these. */
  keepStored(stored: ReadonlySet<string>): void {
    this.found = this.found.flatMap(({ key, matches, values }) => {
      const kept = values.filter((value) => !isAssigned(value) || stored.has(value.secret));
      return matches.length > 0 || kept.length > 0 ? [{ key, matches, values: kept }] : [];
    });
  }
}

/** What the kernel found is stored for certain (storedMatch of scan-blob.ts). */
function isAssigned({ rule }: FoundMatch): boolean {
  return rule >= 0;
}

/** Bytes that would make a file a binary one or UTF-16 must not hide a message. */
function asText(text: Buffer): Buffer {
  const first = text[0] ?? 0;
  if (first < 0xfe && !text.includes(0)) return text;
  return Buffer.from(text.map((byte, at) => (byte === 0 || (at < 2 && byte >= 0xfe) ? 0x20 : byte)));
}
