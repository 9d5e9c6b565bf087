/** Makes random texts that a pattern matches, from its own syntax tree; what assertions ask of the neighbours is left out. */
import { members } from '../../src/ruleset/byte-set.ts';
import type { PatternNode } from '../../src/ruleset/parse-pattern.ts';

/** How often a repeat is written beyond its least count, at most. */
const MORE = 12;

/** Returns one text, one character a byte. `random` gives whole numbers below its argument. */
export function randomMatch(node: PatternNode, random: (limit: number) => number): string {
  switch (node.kind) {
    case 'set': {
      const bytes = members(node.set);
      return String.fromCharCode(bytes[random(bytes.length)] ?? 0);
    }
    case 'sequence':
      return node.items.map((item) => randomMatch(item, random)).join('');
    case 'choice': {
      const item = node.items[random(node.items.length)];
      return item ? randomMatch(item, random) : '';
    }
    case 'repeat': {
      const count = node.min + random(Math.min(node.max - node.min, MORE) + 1);
      return Array.from({ length: count }, () => randomMatch(node.item, random)).join('');
    }
    case 'group':
      return randomMatch(node.item, random);
    case 'assertion':
      return '';
  }
}
