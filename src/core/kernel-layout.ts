/**
 * The kernel's memory. The only place with these numbers: asc compiles it into the kernel, tsc and esbuild into its host and the rule compiler.
 *
 * ```
 *        0  header: u32 × 16 (HEADER_*)
 *     1024  CLASS: u8 × 256, what a byte is (CLASS_*)
 *     2048  FIRST: u16 × 256, heads of lists by the first byte of a token             ─┐
 *     4096  FORWARD: u16 × 2048, by the first three bytes of a token                   │ 0 = none,
 *     8192  BEHIND:  u16 × 2048, by the two bytes before it                            │ else index
 *    12288  KEYWORD: u16 × 4096, by four folded bytes of a keyword before a value      │ into LISTS
 *    20480  ANCHOR:  u16 × 4096, by four folded bytes                                 ─┘ (KEYWORD_LISTS)
 *    28672  ANCHOR_QUADS: one bit for each of 65,536 hashes of the four folded bytes of an anchor
 *    36864  ANCHOR_BITS: the same of their first three bytes, and of their last three, times HEADER_ANCHOR_FACTOR: what is looked for at every second byte
 *    45056  GATE_TOKEN: u8 × 16 kinds × 256 lengths: how many bytes before such a token keywords are looked for, 0 = no rule takes one
 *    49152  GATE_WIDE: the same for the run of CLASS_WIDE
 *    53248  KEYWORD_QUADS: as ANCHOR_QUADS, for KEYWORD
 *    61440  KEYWORD_BITS: as ANCHOR_BITS, times HEADER_KEYWORD_FACTOR
 *    69632  FORWARD_BITS: one bit for each hash of the first three bytes of a token, as they are
 *    77824  BEHIND_BITS: one bit for each pair of bytes before a token
 *    86016  LISTS (LIST_ENTRY bytes each: program u16 or 65535, bytes to go back to what is compared u8, 0, mask u64, value u64), PROGRAMS u32…, SETS 32 bytes each, CODE, KEYWORD_LISTS (KEYWORD_ENTRY bytes each: four bytes u32, entry of KEYWORDS u16 or 0, 0 u16), KEYWORDS: where each begins stands in the header
 *  1 MiB    OUT: candidates, u32 place, u32 program
 *    5 MiB    SPANS: encoded text, u32 kinds (ENCODED_*), u32 start, u32 end
 *    5.25 MiB LONG_OUT: places at which something far off was read, u32 place, i32 first byte read, u32 last byte read
 *    5.75 MiB INFLATE: Huffman tables of the block that is being unpacked
 *  6 MiB    DATA: 256 zero bytes, the window, 256 zero bytes
 *  PAGES    where stored values are looked for (stored.ts): their header, STORED_BITS: a bit for each sum, STORED_SLOTS: sums and what has them
 *  PAGES_WITH_STORED  what a history needs (src/engine/history), in an instance that has more memory: INPUT packed bytes, RUNS of a delta, OBJECTS unpacked
 * ```
 */
/** Bytes of an entry of LISTS. */
export const LIST_ENTRY = 20;
/** Bytes of an entry of KEYWORD_LISTS. */
export const KEYWORD_ENTRY = 8;
/** Entries of KEYWORDS begin at multiples of so many bytes: u16 indices then reach 256 KiB; 855 keywords take 22 KB. */
export const KEYWORD_STEP = 4;

export const HEADER_LISTS = 0;
export const HEADER_PROGRAMS = 4;
export const HEADER_SETS = 8;
export const HEADER_CODE = 12;
export const HEADER_KEYWORDS = 16;
export const HEADER_KEYWORD_LISTS = 20;
/** Number of programs; a u32 for each, "last place reported", stands after the tables. */
export const HEADER_PROGRAM_COUNT = 24;
export const HEADER_LAST = 28;
/** What the trigrams of anchors are multiplied by (ANCHOR_BITS). */
export const HEADER_ANCHOR_FACTOR = 32;
/** The same for those of keywords. */
export const HEADER_KEYWORD_FACTOR = 36;

export const CLASS = 1024;
export const FIRST = 2048;
export const FORWARD = 4096;
export const BEHIND = 8192;
export const KEYWORD = 12288;
export const ANCHOR = 20480;
export const ANCHOR_QUADS = 28672;
export const ANCHOR_BITS = 36864;
export const GATE_TOKEN = 45056;
export const GATE_WIDE = 49152;
export const KEYWORD_QUADS = 53248;
export const KEYWORD_BITS = 61440;
export const FORWARD_BITS = 69632;
export const BEHIND_BITS = 77824;
export const TABLES = 86016;
export const TABLES_END = 1048576;

export const OUT = 1048576;
/** Candidates that fit; the host reports a file with more as a problem. */
export const OUT_MAX = 524288;

export const SPANS = 5242880;
/** What of a text's encoded spans is listed: of a window what is to be decoded; of a blob also what was read beside it, which has no kind; in a part that changed, whether there is any. */
export const LIST_WINDOW = 0;
export const LIST_BLOB = 1;
export const LIST_CHANGES = 2;
/** Spans of encoded text that fit; the host reports a file with more as a problem. */
export const SPANS_MAX = 16384;

export const LONG_OUT = 5505024;
export const LONG_MAX = 43690;
/** A place at which more is read than so many bytes before it and from it on is noted in LONG_OUT. Found by measuring: with less, more is noted than regions save. */
export const LONG_BACK = 96;
export const LONG_REACH = 96;

export const INFLATE = 6029312;

export const DATA = 6291456 + 256;
/** Zero bytes that the host keeps before and after the window, so that no load needs a check. */
export const PAD = 256;
/** Largest window in bytes. */
export const WINDOW_MAX = 4456448;
/** 64 KiB pages in all. */
export const PAGES = 166;

/** Packed bytes are read here: whole objects, or pieces of a large one. */
export const INPUT = 20381696;
export const INPUT_BYTES = 2097152;
/** What a delta copies: u32 place in the result, u32 place in the base, u32 length. */
export const RUNS = INPUT + INPUT_BYTES + PAD;
export const RUNS_MAX = 65536;
/** Unpacked objects, from here to the end of the memory. */
export const OBJECTS = RUNS + 12 * RUNS_MAX;
/** Bytes that inflate and delta may write after what they were asked for. */
export const SLACK = 512;
/** 64 KiB pages with the tables of stored values. */
export const PAGES_WITH_STORED = 311;
/** Two keys and two odd factors of the sums, u32 each (src/core/stored-prints.ts). */
export const STORED_FACTORS = 10878976;
/** How far a sum is shifted to give a bit's number. */
export const STORED_BITS_SHIFT = 10878992;
/** Number of slots less one. */
export const STORED_SLOTS_MASK = 10878996;
export const STORED_BITS = 10944512;
/** Bits at most, 1 MiB. */
export const STORED_BITS_LOG2 = 23;
export const STORED_SLOTS = 11993088;
/** Slots at most, of 8 bytes. */
export const STORED_SLOTS_LOG2 = 20;

export const CLASS_DIGIT = 1;
export const CLASS_UPPER = 2;
export const CLASS_LOWER = 4;
/** `_` and `-`. */
export const CLASS_JOINER = 8;
/** Letters, digits, `_ - + /`: what a long token is made of. */
export const CLASS_RUN = 16;
/** Letters, digits, `_`. */
export const CLASS_WORD = 32;
/** CLASS_RUN and `= . ~ :`: what an encoded value may be made of. */
export const CLASS_WIDE = 64;

/** Bytes of CLASS_RUN in a row that make a token worth a look. */
export const RUN_LENGTH = 16;

// Instructions of a program. All operands are bytes or little-endian u16.
/** Everything was found: report. */
export const OP_REPORT = 0;
/** set u16, min u16, max u16 (65535 = no limit): as many bytes of the set as there are, at most max. */
export const OP_SET = 1;
/** byte u8. */
export const OP_BYTE = 2;
/** count u8: go back so many bytes; fails before the window's start. */
export const OP_BACK = 3;
/** length u8, bytes: these letters in any case (bytes are given folded). */
export const OP_FOLD = 4;
/** Fails unless a token may begin here. */
export const OP_LEFT = 5;
/** set u16: fails if the next byte is in the set. */
export const OP_NOT_NEXT = 6;
/** needsDigit u8: fails unless something that looks like an assignment of a literal follows (assign.ts), with a digit where one is needed. */
export const OP_ASSIGN = 7;
/** back u16, count u8, then count times length u8 and folded bytes: fails unless one of these words stands in the so many bytes before where the match begins. */
export const OP_KEYWORD = 8;
/**
 * set u16, distance u16, count u8, then count times mask u32 and value u32: fails unless at this place, or at most `distance` bytes of the set further on, four
 * folded bytes are one of these. The place stays.
 */
export const OP_NEAR = 9;
/** How far into a value a digit counts. */
export const DIGIT_BYTES = 100;

// What a span of encoded text holds (src/kernel/assembly/encoded.ts). One of the first three, or any of the others together.
/** A run of base64 of either alphabet, over several lines perhaps. */
export const ENCODED_BASE64 = 1;
/** Pairs of hexadecimal digits. */
export const ENCODED_HEX = 2;
/** Bytes as `0x41, 0x42`. */
export const ENCODED_BYTES = 4;
/** A line, or lines, with `%3D`. */
export const ENCODED_PERCENT = 8;
/** With `\u003d`, `\x3d`, `\/`, `\"`. */
export const ENCODED_BACKSLASH = 16;
/** With `&#61;`, `&quot;`. */
export const ENCODED_HTML = 32;
/** With `=3D` or broken by `=` at a line's end. */
export const ENCODED_QUOTED = 64;
/** Colours of terminals between words. */
export const ENCODED_ANSI = 128;
