// Unpacks zlib streams (RFC 1950, RFC 1951), whole or piece by piece. The input is hostile: every code, length and distance is checked, as zlib's inflate does;
// the checksum at the stream's end is not, since git's packs have one of their own over the packed bytes (src/git/pack).
//
// Huffman codes of up to 11 bits (9 for distances) are one look into a table, longer ones are counted out canonically (after zlib's contrib/puff). An entry is
// all that is to be known of a symbol: bits 0-3 its code's length (0 = longer than the table), 4-7 extra bits, 8-23 literal or base, 24-26 what it is.
//
// The host gives SLACK writable bytes after the output, and 32 readable after the input, so that a look at the bounds for each symbol is enough.
import { INFLATE } from '../../core/kernel-layout';

const LITERAL_BITS: u32 = 11;
const DISTANCE_BITS: u32 = 9;

const IS_LITERAL: u32 = 1 << 24;
const IS_END: u32 = 1 << 25;
const IS_WRONG: u32 = 1 << 26;

// A table is followed by the counts and symbols for its longer codes: u16 × 16, u16 × 288.
const COUNTS: usize = 32;
const SYMBOLS: usize = 576;
const LITERALS: usize = INFLATE;
const DISTANCES: usize = LITERALS + (4 << LITERAL_BITS) + COUNTS + SYMBOLS;
const FIXED_LITERALS: usize = DISTANCES + (4 << DISTANCE_BITS) + COUNTS + SYMBOLS;
const FIXED_DISTANCES: usize = FIXED_LITERALS + (4 << LITERAL_BITS) + COUNTS + SYMBOLS;
const LENGTHS: usize = FIXED_DISTANCES + (4 << DISTANCE_BITS) + COUNTS + SYMBOLS;
const OFFSETS: usize = LENGTHS + 320;

const LENGTH_BASE: StaticArray<u16> = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA: StaticArray<u8> = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE: StaticArray<u16> = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_EXTRA: StaticArray<u8> = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_ORDER: StaticArray<u8> = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const KIND_LITERAL: i32 = 0;
const KIND_DISTANCE: i32 = 1;
const KIND_CODE: i32 = 2;

const AT_HEADER: i32 = 0;
const AT_BLOCK: i32 = 1;
const IN_STORED: i32 = 2;
const IN_CODED: i32 = 3;
const AT_END: i32 = 4;

/** What inflateStatus() returns. */
const DONE: i32 = 0;
const NEEDS_INPUT: i32 = 1;
const IS_FULL: i32 = 2;
const DAMAGED: i32 = 3;
const TRUNCATED: i32 = 4;

let mode: i32 = AT_HEADER;
let status: i32 = DONE;
let isLastBlock: bool = false;
let isFixedReady: bool = false;
let stored: usize = 0;
let bits: u64 = 0;
let bitCount: i32 = 0;
let literals: usize = LITERALS;
let distances: usize = DISTANCES;
let read: i32 = 0;

/** Begins a new stream. */
export function inflateStart(): void {
  mode = AT_HEADER;
  status = NEEDS_INPUT;
  bits = 0;
  bitCount = 0;
  isLastBlock = false;
}

/** 0 the stream is at its end; 1 needs more input; 2 the output is full; 3 damaged; 4 the input ends before the stream. */
export function inflateStatus(): i32 {
  return status;
}

/** Bytes of the input that the last call used. */
export function inflateRead(): i32 {
  return read;
}

// @ts-ignore: decorator
@inline
function entryOf(symbol: u32, kind: i32, length: u32): u32 {
  if (kind == KIND_CODE) return (symbol << 8) | length;
  if (kind == KIND_DISTANCE) {
    if (symbol > 29) return IS_WRONG | length;
    return (<u32>unchecked(DISTANCE_BASE[symbol]) << 8) | (<u32>unchecked(DISTANCE_EXTRA[symbol]) << 4) | length;
  }
  if (symbol < 256) return IS_LITERAL | (symbol << 8) | length;
  if (symbol == 256) return IS_END | length;
  if (symbol > 285) return IS_WRONG | length;
  return (<u32>unchecked(LENGTH_BASE[symbol - 257]) << 8) | (<u32>unchecked(LENGTH_EXTRA[symbol - 257]) << 4) | length;
}

/** Builds the table of `n` code lengths; false where they are no code that zlib accepts. */
function build(lengths: usize, n: u32, table: usize, tableBits: u32, kind: i32): bool {
  const counts = table + (<usize>4 << tableBits);
  const symbols = counts + COUNTS;
  memory.fill(counts, 0, COUNTS);
  for (let i: u32 = 0; i < n; i++) {
    const at = counts + (<usize>load<u8>(lengths + i) << 1);
    store<u16>(at, load<u16>(at) + 1);
  }
  store<u16>(counts, 0);
  let left: i32 = 1;
  let longest: u32 = 0;
  for (let l: u32 = 1; l <= 15; l++) {
    const count = <i32>load<u16>(counts + (l << 1));
    if (count) longest = l;
    left = (left << 1) - count;
    if (left < 0) return false;
  }
  // Only a code of one symbol, or of none, may be incomplete.
  if (left > 0 && longest != 0 && (kind == KIND_CODE || longest != 1)) return false;
  store<u16>(OFFSETS + 2, 0);
  for (let l: usize = 1; l < 15; l++) store<u16>(OFFSETS + ((l + 1) << 1), load<u16>(OFFSETS + (l << 1)) + load<u16>(counts + (l << 1)));
  for (let i: u32 = 0; i < n; i++) {
    const l = <usize>load<u8>(lengths + i);
    if (!l) continue;
    const offset = load<u16>(OFFSETS + (l << 1));
    store<u16>(symbols + (<usize>offset << 1), <u16>i);
    store<u16>(OFFSETS + (l << 1), offset + 1);
  }
  // What no code stands for is wrong; what a longer code begins with has length 0 there.
  const size: u32 = 1 << tableBits;
  for (let i: u32 = 0; i < size; i++) store<u32>(table + (i << 2), 0);
  let code: u32 = 0;
  let index: usize = 0;
  for (let l: u32 = 1; l <= min(tableBits, longest); l++) {
    const count = <u32>load<u16>(counts + (l << 1));
    for (let k: u32 = 0; k < count; k++) {
      const entry = entryOf(<u32>load<u16>(symbols + (index << 1)), kind, l);
      index++;
      let reversed: u32 = 0;
      for (let bit: u32 = 0; bit < l; bit++) reversed |= ((code >> bit) & 1) << (l - 1 - bit);
      for (let at = reversed; at < size; at += 1 << l) store<u32>(table + (at << 2), entry);
      code++;
    }
    code <<= 1;
  }
  return true;
}

/** Decodes a code longer than the table's index; IS_WRONG where there is none. */
function decodeLong(input: u64, table: usize, tableBits: u32, kind: i32): u32 {
  const counts = table + (<usize>4 << tableBits);
  const symbols = counts + COUNTS;
  let code: i32 = 0, first: i32 = 0, index: i32 = 0;
  for (let l: u32 = 1; l <= 15; l++) {
    code |= <i32>(input & 1);
    input >>= 1;
    const count = <i32>load<u16>(counts + (<usize>l << 1));
    if (code - count < first) return entryOf(<u32>load<u16>(symbols + (<usize>(index + code - first) << 1)), kind, l);
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return IS_WRONG;
}

function prepareFixed(): void {
  memory.fill(LENGTHS, 8, 288);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  build(LENGTHS, 288, FIXED_LITERALS, LITERAL_BITS, KIND_LITERAL);
  memory.fill(LENGTHS, 5, 32);
  build(LENGTHS, 32, FIXED_DISTANCES, DISTANCE_BITS, KIND_DISTANCE);
  isFixedReady = true;
}

let input: usize = 0;

// @ts-ignore: decorator
@inline
function refill(): void {
  bits |= load<u64>(input) << bitCount;
  input += <usize>((63 - bitCount) >> 3);
  bitCount |= 56;
}

// @ts-ignore: decorator
@inline
function take(count: i32): u32 {
  const value = <u32>(bits & (((<u64>1) << count) - 1));
  bits >>= count;
  bitCount -= count;
  return value;
}

/** Reads the code lengths of a block with codes of its own. */
function readCodes(inputEnd: usize): bool {
  const literalCount = take(5) + 257, distanceCount = take(5) + 1, codeCount = take(4) + 4;
  if (literalCount > 286 || distanceCount > 30) return false;
  memory.fill(LENGTHS, 0, 320);
  refill();
  for (let i: u32 = 0; i < codeCount; i++) {
    if (bitCount < 8) refill();
    store<u8>(LENGTHS + <usize>unchecked(CODE_ORDER[i]), <u8>take(3));
  }
  // The table of the code lengths' code lies where the literals' will be: seven bits, so every code is one look.
  if (!build(LENGTHS, 19, LITERALS, 7, KIND_CODE)) return false;
  memory.fill(LENGTHS, 0, 320);
  const total = literalCount + distanceCount;
  let n: u32 = 0;
  while (n < total) {
    if (input > inputEnd + 8) return false;
    if (bitCount < 16) refill();
    const entry = load<u32>(LITERALS + ((<usize>bits & 127) << 2));
    if (!(entry & 15)) return false;
    take(entry & 15);
    const symbol = entry >> 8;
    if (symbol < 16) {
      store<u8>(LENGTHS + n++, <u8>symbol);
      continue;
    }
    let value: u8 = 0;
    let repeat: u32 = 0;
    if (symbol == 16) {
      if (n == 0) return false;
      value = load<u8>(LENGTHS + n - 1);
      repeat = 3 + take(2);
    } else if (symbol == 17) repeat = 3 + take(3);
    else repeat = 11 + take(7);
    if (n + repeat > total) return false;
    memory.fill(LENGTHS + n, value, repeat);
    n += repeat;
  }
  // Without a code for the end of the block it has none.
  if (load<u8>(LENGTHS + 256) == 0) return false;
  return build(LENGTHS + literalCount, distanceCount, DISTANCES, DISTANCE_BITS, KIND_DISTANCE) && build(LENGTHS, literalCount, LITERALS, LITERAL_BITS, KIND_LITERAL);
}

/** Copies `length` bytes from `distance` before `to`; may write 15 more. */
// @ts-ignore: decorator
@inline
function copyBack(to: usize, distance: usize, length: usize): void {
  const end = to + length;
  let from = to - distance;
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
    } while (to < end);
  } else if (distance >= 8) {
    do {
      store<u64>(to, load<u64>(from));
      to += 8;
      from += 8;
    } while (to < end);
  } else if (distance == 1) memory.fill(to, load<u8>(from), length);
  else while (to < end) store<u8>(to++, load<u8>(from++));
}

// @ts-ignore: decorator
@inline
function leave(code: i32, start: usize): void {
  // Whole bytes that were taken too many go back.
  input -= <usize>(bitCount >> 3);
  bitCount &= 7;
  bits &= ((<u64>1) << bitCount) - 1;
  read = <i32>(input - start);
  status = code;
}

/**
 * Unpacks on: `n` bytes of input at `source` (the last ones there are, if `isEnd`) to `target`, which has room for `capacity` bytes, up to 258 more and SLACK;
 * `history` bytes of earlier output stand right before it. Returns how many bytes it wrote; inflateStatus() says why it stopped. Without `isEnd`
 * give 1 KiB at least. 1.3 to 2.5 ns a byte of output, less for long repeats.
 */
export function inflate(source: usize, n: i32, isEnd: i32, target: usize, capacity: i32, history: i32): i32 {
  const inputEnd = source + <usize>n;
  const outputEnd = target + <usize>capacity;
  const oldest = target - <usize>history;
  // Beyond this: more was read than there is, or (with more to come) the next step might.
  const inputLimit = isEnd ? inputEnd + 8 : inputEnd - 16;
  let out = target;
  input = source;
  if (mode == AT_HEADER) {
    const first = <u32>load<u8>(input), second = <u32>load<u8>(input + 1);
    if (n < 2) {
      leave(isEnd ? TRUNCATED : NEEDS_INPUT, source);
      return 0;
    }
    if ((first & 15) != 8 || first >> 4 > 7 || second & 32 || ((first << 8) | second) % 31) {
      leave(DAMAGED, source);
      return 0;
    }
    input += 2;
    mode = AT_BLOCK;
  }
  while (true) {
    if (mode == AT_END) {
      leave(DONE, source);
      if (input > inputEnd) status = TRUNCATED;
      return <i32>(out - target);
    }
    if (mode == AT_BLOCK) {
      if (isLastBlock) {
        mode = AT_END;
        continue;
      }
      // The longest header of a block has 569 bytes.
      if (!isEnd && input + 640 > inputEnd) {
        leave(NEEDS_INPUT, source);
        return <i32>(out - target);
      }
      if (input > inputLimit) {
        leave(TRUNCATED, source);
        return <i32>(out - target);
      }
      refill();
      isLastBlock = take(1) != 0;
      const type = take(2);
      if (type == 0) {
        take(bitCount & 7);
        input -= <usize>(bitCount >> 3);
        bits = 0;
        bitCount = 0;
        const length = <u32>load<u16>(input);
        if ((length ^ <u32>load<u16>(input, 2)) != 0xffff) {
          leave(input + 4 > inputEnd ? TRUNCATED : DAMAGED, source);
          return <i32>(out - target);
        }
        input += 4;
        stored = <usize>length;
        mode = IN_STORED;
      } else if (type == 3) {
        leave(DAMAGED, source);
        return <i32>(out - target);
      } else {
        if (type == 1) {
          if (!isFixedReady) prepareFixed();
          literals = FIXED_LITERALS;
          distances = FIXED_DISTANCES;
        } else {
          if (!readCodes(inputEnd)) {
            leave(input - <usize>(bitCount >> 3) > inputEnd ? TRUNCATED : DAMAGED, source);
            return <i32>(out - target);
          }
          literals = LITERALS;
          distances = DISTANCES;
        }
        mode = IN_CODED;
      }
    }
    if (mode == IN_STORED) {
      if (input > inputEnd) {
        leave(TRUNCATED, source);
        return <i32>(out - target);
      }
      const part = min(stored, min(inputEnd - input, outputEnd > out ? outputEnd - out : 0));
      memory.copy(out, input, part);
      out += part;
      input += part;
      stored -= part;
      if (stored) {
        leave(input < inputEnd ? IS_FULL : isEnd ? TRUNCATED : NEEDS_INPUT, source);
        return <i32>(out - target);
      }
      mode = AT_BLOCK;
      continue;
    }
    while (true) {
      if (input > inputLimit) {
        leave(isEnd ? TRUNCATED : NEEDS_INPUT, source);
        return <i32>(out - target);
      }
      if (out > outputEnd) {
        leave(IS_FULL, source);
        return <i32>(out - target);
      }
      refill();
      let entry = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
      if (entry & IS_LITERAL) {
        bits >>= entry & 15;
        bitCount -= <i32>(entry & 15);
        store<u8>(out++, <u8>(entry >> 8));
        entry = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
        if (!(entry & IS_LITERAL)) continue;
        bits >>= entry & 15;
        bitCount -= <i32>(entry & 15);
        store<u8>(out++, <u8>(entry >> 8));
        entry = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
        if (!(entry & IS_LITERAL)) continue;
        bits >>= entry & 15;
        bitCount -= <i32>(entry & 15);
        store<u8>(out++, <u8>(entry >> 8));
        continue;
      }
      if (!(entry & 15)) {
        entry = decodeLong(bits, literals, LITERAL_BITS, KIND_LITERAL);
        if (entry & IS_LITERAL) {
          take(entry & 15);
          store<u8>(out++, <u8>(entry >> 8));
          continue;
        }
      }
      if (entry & IS_WRONG) {
        leave(DAMAGED, source);
        return <i32>(out - target);
      }
      take(entry & 15);
      if (entry & IS_END) {
        mode = AT_BLOCK;
        break;
      }
      const length = <usize>(((entry >> 8) & 0xffff) + take((entry >> 4) & 15));
      entry = load<u32>(distances + ((<usize>bits & ((1 << DISTANCE_BITS) - 1)) << 2));
      if (!(entry & 15)) entry = decodeLong(bits, distances, DISTANCE_BITS, KIND_DISTANCE);
      if (entry & IS_WRONG) {
        leave(DAMAGED, source);
        return <i32>(out - target);
      }
      take(entry & 15);
      const distance = <usize>(((entry >> 8) & 0xffff) + take((entry >> 4) & 15));
      if (out - oldest < distance) {
        leave(DAMAGED, source);
        return <i32>(out - target);
      }
      copyBack(out, distance, length);
      out += length;
    }
  }
}
