/** Seeded random text that is hard on scanners: pieces of rules' examples cut, joined, shifted and broken, between noise. */
import type { Rule } from '../../src/core/rule.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

/** Returns a generator of numbers in [0, limit) (xorshift32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const JOINTS = [
  '\n',
  ' ',
  '"',
  "'",
  '=',
  ': ',
  '\\n',
  '%3D',
  '/',
  '+',
  '-',
  '.',
  '_',
  'x',
  '\t',
  '\u0000',
  '\u00e9',
  '\\u003d',
  '", "',
  '<a>',
  ';',
  '0',
];

/** Returns a text of about `pieces` pieces. */
export function randomText(rules: readonly Rule[], random: (limit: number) => number, pieces: number): string {
  let out = '';
  for (let i = 0; i < pieces; i++) {
    const rule = rules[random(rules.length)];
    const texts = [...(rule?.examples ?? []), ...(rule?.not.map((one) => one.text) ?? [])];
    let piece = fillExample(texts[random(texts.length)] ?? '', `${random(1e9)}`).slice(0, 400);
    const what = random(6);
    if (what === 0) piece = piece.slice(random(piece.length + 1));
    else if (what === 1) piece = piece.slice(0, random(piece.length + 1));
    else if (what === 2) {
      const at = random(piece.length + 1);
      piece = piece.slice(0, at) + (JOINTS[random(JOINTS.length)] ?? '') + piece.slice(at + 1);
    }
    out += piece + (JOINTS[random(JOINTS.length)] ?? '');
  }
  return out;
}
