/**
 * How often a folded trigram is to be expected in source text, with all that share its hash: what programs.ts chooses anchors by. From the counts of
 * trigram-frequencies.ts; by its characters where it is not among them.
 */
import { foldedBytes } from './byte-set.ts';
import { hash3 } from './hash3.ts';
import { packTrigram, trigramBytes } from './trigram.ts';
import { COMMON_TRIGRAMS } from './trigram-frequencies.ts';

/** Characters of source text by how often they occur, most frequent first (the same count as in trigram-frequencies.ts). */
const COMMON = ' etaoinsrlcdupm_fg.hbyv,()=w"x/;k-:\'0z1*jq2{}>[]<+&3#4568%7!9|?$@^~`\\';

function rank(byte: number): number {
  const at = COMMON.indexOf(String.fromCharCode(byte));
  return at < 0 ? COMMON.length : at;
}

const COMMON_RANKS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: COMMON_TRIGRAMS.length / 3 }, (_, i) => [COMMON_TRIGRAMS.slice(3 * i, 3 * i + 3), i]),
);

/** Returns a folded trigram as COMMON_TRIGRAMS writes it: `_` is DEL when its case is folded. */
function textOf(trigram: number): string {
  return String.fromCharCode(...trigramBytes(trigram)).replaceAll('\x7f', '_');
}

/** How often each hash of the common trigrams is to be expected: what shares it with one of them is met as often, whatever it says itself. */
const COMMON_HASHES: ReadonlyMap<number, number> = [...COMMON_RANKS].reduce((sums, [text, known]) => {
  const [a = 0, b = 0, c = 0] = foldedBytes(text.replaceAll('_', '\x7f'));
  const hash = hash3(packTrigram(a, b, c));
  return sums.set(hash, (sums.get(hash) ?? 0) + 1 / (2 + known));
}, new Map<number, number>());

/** Returns how often a folded trigram is to be expected, on no particular scale. */
export function trigramCost(trigram: number): number {
  const bytes = trigramBytes(trigram);
  const shared = COMMON_HASHES.get(hash3(trigram)) ?? 0;
  if (COMMON_RANKS.has(textOf(trigram))) return shared;
  // Rulers of one character: -----, =====
  if (bytes[0] === bytes[1] && bytes[1] === bytes[2]) return 0.3 + shared;
  // By its characters, and rarer than all that are listed, whatever these say.
  return 1 / (2 + COMMON_RANKS.size + bytes.reduce((rarity, byte) => rarity * (2 + rank(byte)), 1)) + shared;
}
