// Counts in text, for the lines and columns of places (src/engine/locate.ts).

/** Counts a byte in `n` bytes at `p`. PAD readable bytes must follow. */
export function countByte(p: usize, n: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  const end = p + <usize>n;
  let count = 0;
  for (; p + 16 <= end; p += 16) count += popcnt(v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted)));
  for (; p < end; p++) if (load<u8>(p) == <u8>byte) count++;
  return count;
}

/** Counts the UTF-16 units of `n` bytes of UTF-8 at `p`: one for each byte that continues nothing, one more for each that opens four. */
export function countUnits(p: usize, n: i32): i32 {
  const end = p + <usize>n;
  const top = i8x16.splat(<i8>0xc0), continued = i8x16.splat(<i8>0x80), four = i8x16.splat(<i8>0xf0);
  let count = 0;
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    count += 16 - popcnt(v128.bitmask<i8>(v128.eq<i8>(v128.and(v, top), continued)));
    count += popcnt(v128.bitmask<i8>(v128.ge<u8>(v, four)));
  }
  for (; p < end; p++) {
    const c = load<u8>(p);
    if ((c & 0xc0) != 0x80) count++;
    if (c >= 0xf0) count++;
  }
  return count;
}
