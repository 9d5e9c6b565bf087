/** Values of all kinds that stores hold, from seeds, and their fingerprints: for the tests that look for them. */
import { createHash } from 'node:crypto';
import { type Print, packPrints, printOf, unpackPrints } from '../../src/check/prints.ts';
import { filterWords, type StoredPrints, tagOf } from '../../src/core/stored-prints.ts';
import { estimatedBits } from '../../src/engine/entropy.ts';

export const KEY = createHash('sha256').update('stored').digest();
export const filter = filterWords(KEY);
export const isGuessable = (value: string): boolean => estimatedBits(value) < 64;

/** Returns text of these characters, the same for the same seed. */
export function random(seed: string, characters: string, length: number): string {
  let text = '';
  for (let n = 0; text.length < length; n++)
    for (const byte of createHash('sha256').update(`${seed} ${n}`).digest()) text += characters[byte % characters.length];
  return text.slice(0, length);
}

export const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const VALUES = [
  ...Array.from({ length: 40 }, (_, n) => random(`a${n}`, BASE62, 27 + n)),
  ...Array.from({ length: 20 }, (_, n) => random(`b${n}`, `${BASE62}+/`, 40)),
  ...Array.from({ length: 20 }, (_, n) => random(`c${n}`, '0123456789abcdef', 40 + n)),
  ...Array.from(
    { length: 20 },
    (_, n) => `${random(`d${n}`, '"\\/ %+&=?ä\n', 3 + n)}${random(`e${n}`, BASE62, 30)}${random(`f${n}`, '"\\/ %+&é\t', n)}`,
  ),
  `postgres://app:${random('g', BASE62, 30)}@db.example:5432/x`,
];

export function printed(values: readonly string[]): { prints: StoredPrints; found: Print[] } {
  const found = values.flatMap((value) => printOf(value, tagOf(KEY, Buffer.from(value)), filter, isGuessable) ?? []);
  return { found, prints: { ...unpackPrints(packPrints(found)), filter, tagKey: KEY } };
}
