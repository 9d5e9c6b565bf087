/**
 * Says whether a stored value stands where the kernel saw its gram: the second sum first, then the whole value, as it stands or decoded, by the tag that the index
 * knows it by. In: bytes and the kernel's pairs. Out: hits, and of each the spans and values. A tag of 128 bits does not agree by chance.
 */
import { GRAM, RAW, ROW_SECOND, ROW_SLICES, ROW_WORDS, SLICES, type StoredPrints, sumOf, TAG_BYTES, tagOf } from '../core/stored-prints.ts';

export type StoredPlace = { readonly start: number; readonly end: number; readonly value: Buffer };

/** A place at which the gram of that row (of the prints) stands, whatever is round it. */
export type StoredHit = { readonly at: number; readonly row: number };

/** Places at which whole values are digested, of one window of a file or one object of a history: one that is full of windows without values is hostile. */
export const MAX_DIGESTS = 20_000;

/** Returns the hits among the kernel's pairs, by place and row, each once: how the blob lies in memory decides nothing. */
export function hitsOf(bytes: Buffer, length: number, pairs: Uint32Array, prints: StoredPrints): StoredHit[] {
  const hits: StoredHit[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const at = pairs[i] ?? 0;
    const row = pairs[i + 1] ?? 0;
    if (at + GRAM > length) continue;
    const second = sumOf(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), prints.filter, 4);
    if (second === prints.rows[ROW_WORDS * row + ROW_SECOND]) hits.push({ at, row });
  }
  return eachOnce(hits);
}

/** Returns them by place and row. */
export function eachOnce<Hit extends StoredHit>(hits: Hit[]): Hit[] {
  const sorted = hits.sort((a, b) => a.at - b.at || a.row - b.row);
  return sorted.filter(({ at, row }, i) => at !== sorted[i - 1]?.at || row !== sorted[i - 1]?.row);
}

/** Returns how many bytes before and after the place of a row's hit its value may take, in any form. */
export function reachOfRow(row: number, { rows }: StoredPrints): { before: number; after: number } {
  const at = ROW_WORDS * row + ROW_SLICES;
  const slices = SLICES.map((_, slice) => ({ offset: rows[at + 2 * slice] ?? 0, size: rows[at + 2 * slice + 1] ?? 0 }));
  return {
    before: Math.max(...slices.map(({ offset }) => offset)),
    after: Math.max(...slices.map(({ offset, size }) => size - offset)),
  };
}

/** Returns the stored value that stands round a hit, or null. */
export function confirmHit(bytes: Buffer, length: number, { at, row }: StoredHit, prints: StoredPrints): StoredPlace | null {
  const words = ROW_WORDS * row;
  for (const [slice, form] of SLICES.entries()) {
    const start = at - (prints.rows[words + ROW_SLICES + 2 * slice] ?? 0);
    const end = start + (prints.rows[words + ROW_SLICES + 2 * slice + 1] ?? 0);
    if (end === start || start < 0 || end > length) continue;
    const value = decoded(bytes.subarray(start, end), prints.rows[words + 1] ?? RAW, form);
    const tagAt = TAG_BYTES * (prints.rows[words] ?? 0);
    if (value && tagOf(prints.tagKey, value).equals(prints.tags.subarray(tagAt, tagAt + TAG_BYTES))) return { start, end, value };
  }
  return null;
}

/** Returns the places by place, each span once: of two values that share one (a value, and its own base64) the row that comes first says what it is. */
export function placesOf(found: Iterable<{ readonly row: number; readonly place: StoredPlace | null }>): StoredPlace[] {
  const bySpan = new Map<string, { row: number; place: StoredPlace }>();
  for (const { row, place } of found) {
    if (!place) continue;
    const key = `${place.start}:${place.end}`;
    const known = bySpan.get(key);
    if (!known || row < known.row) bySpan.set(key, { row, place });
  }
  return [...bySpan.values()].map(({ place }) => place).sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Returns the stored values in the first `length` bytes of `bytes`, by place, each span once. */
export function confirmStored(
  bytes: Buffer,
  length: number,
  pairs: Uint32Array,
  prints: StoredPrints,
): { places: StoredPlace[]; isOverfull: boolean } {
  const hits = hitsOf(bytes, length, pairs, prints);
  const looked = hits.slice(0, MAX_DIGESTS);
  return {
    places: placesOf(looked.map((hit) => ({ row: hit.row, place: confirmHit(bytes, length, hit, prints) }))),
    isOverfull: hits.length > MAX_DIGESTS,
  };
}

function decoded(text: Buffer, lead: number, form: (typeof SLICES)[number]): Buffer | null {
  if (lead !== RAW) return withoutLead(text, lead);
  if (form === 'raw') return Buffer.from(text);
  try {
    const plain = text.toString('utf8');
    return Buffer.from(form === 'percent' ? decodeURIComponent(plain) : String(JSON.parse(`"${plain}"`)));
  } catch {
    return null;
  }
}

/** Base64 whose value begins `lead` bytes into a group of three: what stands before it in the group is made up, what comes of it is cut off. */
function withoutLead(text: Buffer, lead: number): Buffer {
  const plain = Buffer.from('A'.repeat(lead) + text.toString('latin1'), 'base64');
  const bits = 6 * (lead + text.length);
  return plain.subarray(lead, Math.floor(bits / 8));
}
