/**
 * How often a folded trigram is to be expected in source text: what programs.ts chooses anchors by, and kernel-image.ts how they are hashed. From the counts of
 * trigram-frequencies.ts; by its characters where it is not among them.
 */
import { foldedBytes } from './byte-set.ts';
import { hashBy } from './hash3.ts';
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

/** The common trigrams, folded, and how often each is to be expected. */
const COMMON_COSTS: readonly (readonly [number, number])[] = [...COMMON_RANKS].map(([text, known]) => {
  const [a = 0, b = 0, c = 0] = foldedBytes(text.replaceAll('_', '\x7f'));
  return [packTrigram(a, b, c), 1 / (2 + known)];
});

/** Returns how often a folded trigram is to be expected, on no particular scale. */
export function trigramCost(trigram: number): number {
  const bytes = trigramBytes(trigram);
  const known = COMMON_RANKS.get(textOf(trigram));
  if (known !== undefined) return 1 / (2 + known);
  // Rulers of one character: -----, =====
  if (bytes[0] === bytes[1] && bytes[1] === bytes[2]) return 0.3;
  // By its characters, and rarer than all that are listed, whatever these say.
  return 1 / (2 + COMMON_RANKS.size + bytes.reduce((rarity, byte) => rarity * (2 + rank(byte)), 1));
}

/** How many factors are tried: 64 of them leave the two hundred most common trigrams without a hash of another mostly. */
const TRIED_FACTORS = 64;

/**
 * Returns what to multiply trigrams by so that hardly a common one has the hash of one that is looked for: half of what the kernel had to look at was that.
 * Tries a fixed row of odd numbers (those of Weyl's sequence by the golden ratio).
 */
export function bestFactor(wanted: ReadonlySet<number>): number {
  let best = { factor: 1, cost: Number.POSITIVE_INFINITY };
  for (let i = 1; i <= TRIED_FACTORS; i++) {
    const factor = (Math.imul(i, 0x9e3779b9) | 1) >>> 0;
    const hashes = new Set([...wanted].map((trigram) => hashBy(factor, trigram)));
    const cost = COMMON_COSTS.reduce((sum, [trigram, often]) => sum + (hashes.has(hashBy(factor, trigram)) ? often : 0), 0);
    if (cost < best.cost) best = { factor, cost };
  }
  return best.factor;
}
