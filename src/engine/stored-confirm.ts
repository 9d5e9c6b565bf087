/**
 * Says whether a stored value stands where the kernel saw its window: the second sum first, then the whole value, as it stands or decoded, by the tag that the index
 * knows it by. In: the window's bytes and the kernel's pairs. Out: spans and values. A tag of 128 bits does not agree by chance.
 */
import {
  GRAM,
  RAW,
  ROW_SECOND,
  ROW_SLICES,
  ROW_WORDS,
  SLICES,
  STRIDE,
  type StoredPrints,
  sumOf,
  TAG_BYTES,
  tagOf,
} from '../core/stored-prints.ts';

export type StoredPlace = { readonly start: number; readonly end: number; readonly value: Buffer };

/** Places at which whole values are digested, of one window of a file: a file that is full of windows without values is hostile. */
const MAX_DIGESTS = 20_000;

/** Returns the stored values in the first `length` bytes of `bytes`, by place, each span once. */
export function confirmStored(
  bytes: Buffer,
  length: number,
  pairs: Uint32Array,
  prints: StoredPrints,
): { places: StoredPlace[]; isOverfull: boolean } {
  const places = new Map<string, StoredPlace>();
  let digests = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const at = pairs[i] ?? 0;
    const id = pairs[i + 1] ?? 0;
    const [row, shift] = [ROW_WORDS * Math.floor(id / STRIDE), id % STRIDE];
    if (
      at + GRAM > length ||
      sumOf(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), prints.filter, 4) !== prints.rows[row + ROW_SECOND + shift]
    )
      continue;
    for (const [slice, form] of SLICES.entries()) {
      const start = at - shift - (prints.rows[row + ROW_SLICES + 2 * slice] ?? 0);
      const end = start + (prints.rows[row + ROW_SLICES + 2 * slice + 1] ?? 0);
      if (end === start || start < 0 || end > length || places.has(`${start}:${end}`)) continue;
      if (++digests > MAX_DIGESTS) return { places: inOrder(places), isOverfull: true };
      const value = decoded(bytes.subarray(start, end), prints.rows[row + 1] ?? RAW, form);
      const tagAt = TAG_BYTES * (prints.rows[row] ?? 0);
      if (value && tagOf(prints.tagKey, value).equals(prints.tags.subarray(tagAt, tagAt + TAG_BYTES)))
        places.set(`${start}:${end}`, { start, end, value });
    }
  }
  return { places: inOrder(places), isOverfull: false };
}

function inOrder(places: ReadonlyMap<string, StoredPlace>): StoredPlace[] {
  return [...places.values()].sort((a, b) => a.start - b.start || a.end - b.end);
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
