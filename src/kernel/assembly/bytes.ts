// What is asked of single bytes and the few before them: their class (CLASS), sets and bit tables that they are looked up in, the hash of three or four. Used by all parts of the
// candidate scan (scan.ts).
import { CLASS, CLASS_WORD } from '../../core/kernel-layout';

// @ts-ignore: decorator
@inline
export function hash3(bytes: u32): u32 {
  return (bytes * 0x9e3779b1) >> 16;
}

/** The same of four bytes. */
// @ts-ignore: decorator
@inline
export function hash4(bytes: u32): u32 {
  return hash3(bytes);
}

// @ts-ignore: decorator
@inline
export function inSet(set: usize, byte: usize): bool {
  return ((<u32>load<u8>(set + (byte >> 3)) >> (<u32>byte & 7)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
export function classOf(byte: usize): u32 {
  return <u32>load<u8>(<usize>CLASS + byte);
}

// @ts-ignore: decorator
@inline
export function hasBit(table: usize, bit: u32): bool {
  return ((<u32>load<u8>(table + (<usize>bit >> 3)) >> (bit & 7)) & 1) != 0;
}

/** Whether a token may begin at p: no word byte before it, or one that is the end of an escape (\n, %3D, \x3d, \u003d). */
export function mayBegin(p: usize): bool {
  if (!(classOf(load<u8>(p - 1)) & CLASS_WORD)) return true;
  return load<u8>(p - 2) == 0x5c || load<u8>(p - 3) == 0x25 || load<u8>(p - 4) == 0x5c || load<u8>(p - 6) == 0x5c;
}

// @ts-ignore: decorator
@inline
export function isQuote(c: u32): bool {
  return c == 0x22 || c == 0x27 || c == 0x60;
}
