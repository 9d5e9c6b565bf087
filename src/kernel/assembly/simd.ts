// What the passes over a window share: classes of bytes by nibble tables, and bits of lanes. In come 16 bytes. Used by scan.ts, keywords.ts, encoded.ts and stored.ts.

// Low nibble → classes, high nibble → classes; the AND is not zero for bytes of CLASS_RUN, and exactly 1 for those that are no word bytes (+ - /).
// bit 0: high nibble 2 (+ - /); 1: 3 (digits); 2: 4 and 6; 3: 5; 4: 7.
export const RUN_LOW: v128 = i8x16(
  0x1a, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1c, 0x05, 0x04, 0x05, 0x04, 0x0d,
);
export const RUN_HIGH: v128 = i8x16(0, 0, 0x01, 0x02, 0x04, 0x08, 0x04, 0x10, 0, 0, 0, 0, 0, 0, 0, 0);

// @ts-ignore: decorator
@inline
export function lookUp(v: v128, low: v128, high: v128): v128 {
  return v128.and(v128.swizzle(low, v128.and(v, i8x16.splat(0x0f))), v128.swizzle(high, v128.shr<u8>(v, 4)));
}

// @ts-ignore: decorator
@inline
export function mask(v: v128): u64 {
  return <u64>(<u32>v128.bitmask<i8>(v) & 0xffff);
}
