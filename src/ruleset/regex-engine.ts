/**
 * The one seam to regular-expression engines; nothing else imports re2 or re2js, or makes a RegExp from text.
 *
 * Patterns come in the normal form of write-pattern.ts, with a group `whole` and a group `secret`, and run on Latin-1 strings of at most 64 KiB round a place that the kernel gave, nearly always anchored there:
 *  - built-in rules: V8. They are vetted (test/ruleset/engines.test.ts: the same matches as re2 and re2js on every example and on random text),
 *    and V8 with captures takes 1.6 us where RE2 takes 12-15 us and needs its addon loaded first (facts/ecosystem.md §4).
 *  - rules of users and scanned repositories: re2 when its addon loads, else re2js: both linear in time. Never V8.
 * docs/decisions/0002-regex-engines.md
 */
export const ENGINES = ['v8', 're2', 're2js'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Span of the match and of its `secret` group, in characters of the text. */
export type Hit = {
  readonly end: number;
  readonly secretStart: number;
  readonly secretEnd: number;
  /** Of the group `password`, where the pattern has one that matched: start and end. */
  readonly password: readonly [number, number] | null;
};
/** As Hit, found somewhere in the text. */
export type FoundHit = Hit & { readonly start: number };

export interface Pattern {
  /** Returns the match that begins at the start of the text, or null. */
  matchAtStart(text: string): Hit | null;
  /** Returns the first match that begins at or after `from`, or null; one that begins after `last` may be left out. */
  find(text: string, from: number, last?: number): FoundHit | null;
}

export type Engine = { readonly name: EngineName; make(source: string): Pattern };

/** For vetted patterns only. */
export const V8: Engine = { name: 'v8', make: (source) => new NativePattern((flags) => new RegExp(source, flags), FEW_PLACES) };

/** Returns the engine for patterns of unknown origin: re2, or re2js where the addon does not load. */
export async function loadLinearEngine(): Promise<Engine> {
  return (await loadRe2()) ?? (await loadRe2js());
}

/** Returns an engine by name, or null where this installation has no re2. */
export async function loadEngine(name: EngineName): Promise<Engine | null> {
  return name === 'v8' ? V8 : name === 're2' ? loadRe2() : loadRe2js();
}

/** Places that V8 tries one by one: a search would go on through all of the text behind them. */
const FEW_PLACES = 32;

class NativePattern implements Pattern {
  readonly #make: (flags: string) => RegExp;
  readonly #fewPlaces: number;
  readonly #sticky: RegExp;
  /** Made when it is needed, which is seldom: reading a pattern takes longer than running it. */
  #floating: RegExp | null = null;

  /** `fewPlaces`: up to so many are tried one by one; 0 where the engine takes a copy of the text for each. */
  constructor(make: (flags: string) => RegExp, fewPlaces: number) {
    this.#make = make;
    this.#fewPlaces = fewPlaces;
    this.#sticky = make('dy');
  }

  matchAtStart(text: string): Hit | null {
    this.#sticky.lastIndex = 0;
    return toHit(this.#sticky.exec(text));
  }

  find(text: string, from: number, last = text.length): FoundHit | null {
    if (last - from >= this.#fewPlaces) {
      this.#floating ??= this.#make('dg');
      this.#floating.lastIndex = from;
      return toHit(this.#floating.exec(text));
    }
    for (let at = from; at <= last; at++) {
      this.#sticky.lastIndex = at;
      const found = this.#sticky.exec(text);
      if (found) return toHit(found);
    }
    return null;
  }
}

function toHit(found: RegExpExecArray | null): FoundHit | null {
  const groups = found?.indices?.groups;
  const whole = groups?.['whole'];
  const secret = groups?.['secret'];
  if (!whole || !secret) return null;
  return { start: whole[0], end: whole[1], secretStart: secret[0], secretEnd: secret[1], password: groups?.['password'] ?? null };
}

/** Wraps the addon, or gives null where it was not installed, not built, or is of another Node's ABI. */
async function loadRe2(): Promise<Engine | null> {
  try {
    const { default: RE2 } = await import('re2');
    return { name: 're2', make: (source) => new NativePattern((flags) => new RE2(source, flags), 0) };
  } catch {
    // Its install script is blocked by default in npm 12 and pnpm: the normal case, not a fault.
    return null;
  }
}

async function loadRe2js(): Promise<Engine> {
  const { RE2JS } = await import('re2js');
  return {
    name: 're2js',
    make: (source) => new PortablePattern(RE2JS.compile(`^(?:${source})`), RE2JS.compile(source), source.includes('(?<password>')),
  };
}

type Compiled = { matcher(text: string): Matcher };
type Matcher = { find(from: number): boolean; start(group?: string): number; end(group?: string): number };

class PortablePattern implements Pattern {
  readonly #anchored: Compiled;
  readonly #floating: Compiled;
  readonly #hasPassword: boolean;

  constructor(anchored: Compiled, floating: Compiled, hasPassword: boolean) {
    this.#anchored = anchored;
    this.#floating = floating;
    this.#hasPassword = hasPassword;
  }

  matchAtStart(text: string): Hit | null {
    return this.#first(this.#anchored.matcher(text), 0);
  }

  find(text: string, from: number): FoundHit | null {
    return this.#first(this.#floating.matcher(text), from);
  }

  #first(matcher: Matcher, from: number): FoundHit | null {
    if (!matcher.find(from)) return null;
    const password = this.#hasPassword ? matcher.start('password') : -1;
    return {
      start: matcher.start('whole'),
      end: matcher.end('whole'),
      secretStart: matcher.start('secret'),
      secretEnd: matcher.end('secret'),
      password: password < 0 ? null : [password, matcher.end('password')],
    };
  }
}
