/** Scanning a text in parts, at any address and cut anywhere, gives what scanning it whole gives; and the reach (src/engine/history/reach.ts) is enough. */
import { describe, expect, it } from 'vitest';
import { LONG_BACK, OBJECTS, PAD, PAGES_WITH_STORED } from '../../src/core/kernel-layout.ts';
import { reachOf } from '../../src/engine/history/reach.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { parsePattern } from '../../src/ruleset/parse-pattern.ts';
import { randomMatch } from '../ruleset/random-match.ts';
import { randomNumbers, randomText } from './random-text.ts';

const ruleset = builtInRuleset();
const kernel = new Kernel(builtInKernel(), ruleset.image, PAGES_WITH_STORED + 100);
const rules = builtInRules();

function place(data: Buffer, address: number): void {
  kernel.memory.fill(0, address - PAD, address + data.length + PAD);
  data.copy(kernel.memory, address);
}

function candidates(address: number, length: number, from: number, to: number): string[] {
  const { pairs } = kernel.scanPart(address, length, from, to);
  return Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`);
}

const reach = reachOf(ruleset.image);
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What a byte is changed to: what ends values, names and operators, and what goes on. */
const OTHERS = 'aZ7_-"\' \n=:;,.<>(\\/&\0';

/** Rules whose keyword may stand further from the value than the reach. */
const farRules = rules
  .filter((rule) => rule.context === 'nearby' && rule.within > LONG_BACK)
  .map((rule) => ({ keyword: rule.keywords[0] ?? '', tree: parsePattern(rule.pattern) }));

type Answers = { readonly tried: ReadonlyMap<number, string>; readonly long: ReadonlyMap<number, readonly [number, number]> };

/** Returns what is reported of each place that is tried, and what the kernel tells of its reads. */
function answersOf(text: Buffer): Answers {
  const address = OBJECTS + 512;
  place(text, address);
  const tried = new Map<number, string[]>();
  const long = new Map<number, readonly [number, number]>();
  const add = (at: number, what: string): unknown => tried.set(at, [...(tried.get(at) ?? []), what]);
  const part = kernel.scanPart(address, text.length, 0, text.length);
  for (let i = 0; i < part.pairs.length; i += 2) {
    const program = part.pairs[i + 1] ?? 0;
    add((part.pairs[i] ?? 0) + (reach.backs[program] ?? 0), `${program}`);
  }
  for (let i = 0; i < part.long.length; i += 3) {
    const [at = 0, first = 0, last = 0] = part.long.subarray(i, i + 3);
    const known = long.get(at) ?? [first, last];
    long.set(at, [Math.min(first, known[0]), Math.max(last, known[1])]);
  }
  for (const [at, [first, last]] of long) add(at, `read ${first - at} ${last - at}`);
  return { tried: new Map([...tried].map(([at, all]) => [at, sorted(all).join()])), long };
}

/** Returns the places, as in the first text, that have another answer in the second, in which they stand `shift` bytes further on the left. */
function differing(first: Answers, second: Answers, shift: number): number[] {
  const places = new Set([...first.tried.keys(), ...[...second.tried.keys()].map((at) => at + shift)]);
  return [...places].filter((at) => first.tried.get(at) !== second.tried.get(at - shift));
}

/** Whether the kernel says of a place that it read one of the bytes. */
function isTold({ long }: Answers, at: number, from: number, to: number): boolean {
  const [first = 0, last = -1] = long.get(at) ?? [];
  return first <= to && last >= from;
}

/** Returns text in which what belongs together stands far apart: long names, operators, values and tokens, and keywords 20 to 260 bytes before a token. */
function farText(random: (limit: number) => number): string {
  const letters = (n: number): string => Array.from({ length: n }, () => LETTERS[random(LETTERS.length)]).join('');
  const words = (n: number): string => 'abcdefgh '.repeat(n).slice(0, n);
  const keywords = rules.flatMap((rule) => rule.keywords);
  const rule = farRules[random(farRules.length)];
  const names = ['password', 'db_secret_key', 'token', 'apiKey', 'credential', 'private_key'];
  const one = (): string => {
    const keyword = keywords[random(keywords.length)] ?? '';
    const name = names[random(names.length)] ?? '';
    const forms = [
      `${name}${letters(random(50))}${' '.repeat(random(42))}= "${words(random(110))}${letters(random(200))}"`,
      `name: ${name}\n${' '.repeat(random(30))}value: ${words(random(3))}${letters(20 + random(280))}`,
      `<key>${name}</key>${' '.repeat(random(40))}<string>${letters(20 + random(80))}</string>`,
      `${name}${letters(42 + random(6))}: ${letters(32 + random(7))}${' '.repeat(random(3))}${'=+'[random(2)]} "${letters(20)}"`,
      `${name}${letters(42 + random(6))}</key>${' '.repeat(20 + random(14))}${'<x'[random(2)]}string>${letters(20)}</string>`,
      `${name}${letters(42 + random(6))}", "${' '.repeat(22 + random(12))}valu${'ex'[random(2)]}": "${letters(20)}"`,
      `${name}${letters(30 + random(18))} =${' '.repeat(random(20))} rb"${letters(20)}"`,
      `${name}${letters(30 + random(18))} =${' '.repeat(random(20))} ${words(8).trim()}${'(['[random(2)]}${letters(20)}`,
      `--${'x-'.repeat(random(25))}${name} ${letters(12)}9`,
      `${name}: string${' '.repeat(random(20))}= &quot;${words(random(100))}7${letters(30)}`,
      `${keyword}${words(random(260))} "${letters(16 + random(280))}"`,
      `${rule?.keyword}${words(60 + random(100))} "${rule ? randomMatch(rule.tree, random) : ''}"`,
      `${keyword} = ${letters(16 + random(60))}${'.'.repeat(random(2))}${letters(random(200))}`,
    ];
    return forms[random(forms.length)] ?? '';
  };
  return Array.from({ length: 4 }, one).join('\n').slice(0, 1500);
}

const sorted = (lines: Iterable<string>): string[] => [...new Set(lines)].sort();

describe('scanning parts', () => {
  it('gives what a scan of the whole gives, wherever it is cut', () => {
    const random = randomNumbers(31);
    let count = 0;
    for (let round = 0; round < 60; round++) {
      const data = Buffer.from(randomText(rules, random, 40), 'latin1');
      data.copy(kernel.window);
      const { pairs } = kernel.scan(data.length);
      const whole = sorted(Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`));
      count += whole.length;
      for (let cuts = 0; cuts < 10; cuts++) {
        const address = OBJECTS + 512 + 16 * random(64);
        place(data, address);
        const found: string[] = [];
        for (let from = 0; from < data.length; ) {
          const to = Math.min(data.length, from + 1 + random(cuts < 5 ? 100 : 2000));
          found.push(...candidates(address, data.length, from, to));
          from = to;
        }
        expect(sorted(found), `round ${round}`).toEqual(whole);
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it('hangs on no byte beyond the reach but those that it tells of, wherever a byte changes', () => {
    const random = randomNumbers(32);
    const wrong: string[] = [];
    let far = 0;
    for (let round = 0; round < 90; round++) {
      const text = round % 2 === 0 ? farText(random) : randomText(rules, random, 4).slice(0, 1200);
      const base = Buffer.from(text, 'latin1');
      const known = answersOf(base);
      for (let at = random(3); at < base.length; at += 1 + random(3)) {
        const changed = Buffer.from(base);
        changed[at] = OTHERS.charCodeAt(random(OTHERS.length));
        for (const place of differing(known, answersOf(changed), 0)) {
          const isNear = place > at - reach.after && place <= at + reach.before;
          if (!isNear && !isTold(known, place, at, at)) wrong.push(`round ${round}: ${place} hangs on ${at}`);
          if (!isNear) far++;
        }
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(far).toBeGreaterThan(1000);
  });

  it('hangs on where the text begins and ends no further off than on its bytes', () => {
    const random = randomNumbers(33);
    const wrong: string[] = [];
    let far = 0;
    const see = (what: string, places: readonly number[], isNear: (place: number) => boolean, isFar: (place: number) => boolean): void => {
      for (const place of places) {
        if (!isNear(place) && !isFar(place)) wrong.push(`${what}: ${place}`);
        if (!isNear(place)) far++;
      }
    };
    for (let round = 0; round < 90; round++) {
      const text = Buffer.from(round % 2 === 0 ? farText(random) : randomText(rules, random, 4).slice(0, 1200), 'latin1');
      const whole = answersOf(text);
      for (let cut = random(5); cut < text.length; cut += 1 + random(5)) {
        const head = answersOf(text.subarray(0, cut));
        const tail = answersOf(text.subarray(cut));
        const ends = (place: number): boolean => place > cut - reach.after;
        // In texts that go on, and in texts that are cut: the places that both have.
        const shorter = differing(whole, head, 0).filter((place) => place < cut);
        see(`cut at ${cut}`, shorter, ends, (place) => isTold(whole, place, cut, text.length + PAD));
        see(`longer than ${cut}`, shorter, ends, (place) => isTold(head, place, cut, text.length + PAD));
        const begins = (place: number): boolean => place < cut + reach.before;
        const later = differing(whole, tail, cut).filter((place) => place >= cut);
        see(`begins at ${cut}`, later, begins, (place) => isTold(whole, place, -PAD, cut - 1));
        see(`begins before ${cut}`, later, begins, (place) => (tail.long.get(place - cut)?.[0] ?? 0) < 0);
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(far).toBeGreaterThan(1000);
  });
});
