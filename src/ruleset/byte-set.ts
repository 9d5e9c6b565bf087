/**
 * Sets of bytes, 256 bits each, as the pattern parser makes them and the kernel reads them:
 * byte b is in the set when bit (b & 7) of element (b >> 3) is 1.
 */
export type ByteSet = Uint8Array;

export function emptySet(): ByteSet {
  return new Uint8Array(32);
}

export function addByte(set: ByteSet, byte: number): void {
  set[byte >> 3] = (set[byte >> 3] ?? 0) | (1 << (byte & 7));
}

export function addRange(set: ByteSet, first: number, last: number): void {
  for (let byte = first; byte <= last; byte++) addByte(set, byte);
}

export function hasByte(set: ByteSet, byte: number): boolean {
  return (((set[byte >> 3] ?? 0) >> (byte & 7)) & 1) === 1;
}

export function complement(set: ByteSet): ByteSet {
  return set.map((bits) => ~bits & 0xff);
}

export function unite(a: ByteSet, b: ByteSet): ByteSet {
  return a.map((bits, i) => bits | (b[i] ?? 0));
}

export function isSubset(a: ByteSet, b: ByteSet): boolean {
  return a.every((bits, i) => (bits & ~(b[i] ?? 0)) === 0);
}

export function areDisjoint(a: ByteSet, b: ByteSet): boolean {
  return a.every((bits, i) => (bits & (b[i] ?? 0)) === 0);
}

/** Returns the members in rising order. */
export function members(set: ByteSet): number[] {
  const out: number[] = [];
  for (let byte = 0; byte < 256; byte++) if (hasByte(set, byte)) out.push(byte);
  return out;
}

export function sizeOf(set: ByteSet): number {
  return members(set).length;
}

export type CommonBits = { readonly mask: number; readonly value: number };

/** Returns the bits that all bytes of a set agree in. `isFolded`: of the bytes with bit 5 set. */
export function commonBits(set: ByteSet, isFolded: boolean): CommonBits {
  const bytes = members(set).map((byte) => (isFolded ? byte | 0x20 : byte));
  const [first = 0] = bytes;
  const mask = bytes.reduce((same, byte) => same & ~(byte ^ first), 0xff);
  return { mask, value: first & mask };
}

/** Returns how many bits of a byte are set. */
export function countBits(byte: number): number {
  let count = 0;
  for (let left = byte & 0xff; left > 0; left &= left - 1) count++;
  return count;
}

/** Returns the set of the characters of an ASCII text. */
export function setOf(text: string): ByteSet {
  const set = emptySet();
  for (let i = 0; i < text.length; i++) addByte(set, text.charCodeAt(i));
  return set;
}

/** Returns a set as 64 hexadecimal digits. */
export function hexOf(set: ByteSet): string {
  return Buffer.from(set).toString('hex');
}

/** Returns a text's UTF-8 bytes, a character each, as the engine holds text. */
export function byteText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Returns the bytes of such a text as the kernel compares them without regard to case: with bit 5 set, be they letters or not. */
export function foldedBytes(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0) | 0x20);
}

/** Returns the set with both cases of every ASCII letter in it. */
export function foldCase(set: ByteSet): ByteSet {
  const out = set.slice();
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    if (hasByte(set, upper)) addByte(out, upper | 0x20);
    if (hasByte(set, upper | 0x20)) addByte(out, upper);
  }
  return out;
}

function range(first: string, last: string): ByteSet {
  const set = emptySet();
  addRange(set, first.charCodeAt(0), last.charCodeAt(0));
  return set;
}

export const DIGITS = range('0', '9');
export const WORD = unite(unite(DIGITS, setOf('_')), unite(range('a', 'z'), range('A', 'Z')));
/** What RE2 calls \s: no vertical tab, no no-break space. */
export const SPACE = setOf('\t\n\f\r ');
