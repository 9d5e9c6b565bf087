/**
 * Glob patterns over paths, for exclusions and allow entries. The text comes from configuration and may be hostile, so it never
 * becomes a regular expression: a pattern is cut into segments, and `*` and `**` are matched by going back to the last star only
 * (the usual wildcard algorithm), which costs at most length of pattern x length of path.
 *
 * `*` any characters but `/` · `?` one · `[a-z]`, `[!a-z]` one of, none of · `**` any folders · `{a,b}` either · `\` takes the next one
 * literally. As in .gitignore, a pattern without a slash matches a name at any depth, and what matches a folder matches all below it.
 */

/** Characters; a longer pattern is no pattern that a person wrote. */
const MAX_PATTERN_CHARS = 512;
/** Braces multiply out; more alternatives than this are refused. */
const MAX_ALTERNATIVES = 64;
/** Characters of a path that are looked at: PATH_MAX of Linux. */
const MAX_PATH_CHARS = 4096;

type Token =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

type Segment = { readonly kind: 'folders' } | { readonly kind: 'name'; readonly tokens: readonly Token[] };

export type Glob = { readonly text: string; readonly alternatives: readonly (readonly Segment[])[] };

/** Says what is wrong with a pattern: lower case, no full stop. */
export class GlobError extends Error {
  override readonly name = 'GlobError';
}

/** Returns the compiled pattern; throws GlobError. */
export function compileGlob(text: string): Glob {
  if (text.length === 0) throw new GlobError('the pattern is empty');
  if (text.length > MAX_PATTERN_CHARS) throw new GlobError(`the pattern is longer than ${MAX_PATTERN_CHARS} characters`);
  if (text.startsWith('!')) throw new GlobError('a pattern cannot begin with "!": list what to leave out, or write \\!');
  return { text, alternatives: expandBraces(text).map(parseSegments) };
}

/** Returns whether the pattern matches the path, or a folder that the path lies in. `path` uses `/`. */
export function matchesGlob(glob: Glob, path: string): boolean {
  const names = path
    .slice(0, MAX_PATH_CHARS)
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .map(codesOf);
  return glob.alternatives.some((segments) => matchSegments(segments, names));
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Returns the pattern's alternatives without braces. A group without a comma, and one inside brackets, stands for itself. */
function expandBraces(text: string): string[] {
  let done: string[] = [];
  let open = [text];
  while (open.length > 0) {
    const next: string[] = [];
    for (const pattern of open) {
      const group = firstGroup(pattern);
      if (group === null) done.push(pattern);
      else for (const choice of group.choices) next.push(pattern.slice(0, group.start) + choice + pattern.slice(group.end));
    }
    if (done.length + next.length > MAX_ALTERNATIVES) throw new GlobError(`the braces give more than ${MAX_ALTERNATIVES} alternatives`);
    open = next;
  }
  done = [...new Set(done)];
  return done;
}

/** Returns the first outermost `{…,…}` and its choices, or null. */
function firstGroup(pattern: string): { start: number; end: number; choices: string[] } | null {
  let start = -1;
  let depth = 0;
  let from = 0;
  let choices: string[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') at++;
    else if (character === '[') at = Math.max(at, setEnd(pattern, at));
    else if (character === '{') {
      if (depth++ === 0) [start, from, choices] = [at, at + 1, []];
    } else if (character === ',' && depth === 1) {
      choices.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === '}' && depth > 0 && --depth === 0) {
      if (choices.length > 0) return { start, end: at + 1, choices: [...choices, pattern.slice(from, at)] };
    }
  }
  if (depth > 0) throw new GlobError('a "{" is not closed; write \\{ for the character');
  return null;
}

/** Returns the index of the `]` that closes the set opened at `at`, or -1. */
function setEnd(pattern: string, at: number): number {
  let from = at + 1;
  if (pattern.charAt(from) === '!' || pattern.charAt(from) === '^') from++;
  if (pattern.charAt(from) === ']') from++;
  for (let end = from; end < pattern.length; end++) {
    if (pattern.charAt(end) === '\\') end++;
    else if (pattern.charAt(end) === ']') return end;
  }
  return -1;
}

function parseSegments(pattern: string): Segment[] {
  const isRooted = pattern.replace(/\/+$/, '').includes('/');
  const names = splitNames(pattern).filter((name) => name !== '' && name !== '.');
  if (names.length === 0) throw new GlobError('the pattern names no file');
  const segments: Segment[] = isRooted ? [] : [{ kind: 'folders' }];
  for (const name of names) {
    const isFolders = name === '**';
    if (isFolders && segments.at(-1)?.kind === 'folders') continue;
    segments.push(isFolders ? { kind: 'folders' } : { kind: 'name', tokens: parseName(name) });
  }
  return segments;
}

/** Splits at `/`, but not inside of a set. */
function splitNames(pattern: string): string[] {
  const names: string[] = [];
  let from = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') at++;
    else if (character === '[') at = Math.max(at, setEnd(pattern, at));
    else if (character === '/') {
      names.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...names, pattern.slice(from)];
}

function parseName(name: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at);
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '[') {
      const end = setEnd(name, at);
      if (end < 0) throw new GlobError('a "[" is not closed; write \\[ for the character');
      tokens.push(parseSet(name.slice(at + 1, end)));
      at = end;
    } else {
      if (character === '\\') at++;
      const code = name.codePointAt(at);
      if (code === undefined) throw new GlobError('the pattern ends in a backslash; paths are written with "/"');
      tokens.push({ kind: 'character', code });
      if (code > 0xffff) at++;
    }
  }
  return tokens;
}

/** `inside` is what stands between the brackets; a `]` may stand first, a `-` first or last. */
function parseSet(inside: string): Token {
  const negated = inside.startsWith('!') || inside.startsWith('^');
  const codes = codesOf(negated ? inside.slice(1) : inside);
  const [backslash, hyphen] = [0x5c, 0x2d];
  const ranges: [number, number][] = [];
  for (let at = 0; at < codes.length; at++) {
    if (codes[at] === backslash) at++;
    const low = codes[at] ?? backslash;
    if (codes[at + 1] !== hyphen || at + 2 >= codes.length) {
      ranges.push([low, low]);
      continue;
    }
    at += codes[at + 2] === backslash ? 3 : 2;
    const high = codes[at] ?? backslash;
    if (high < low) throw new GlobError('a range in brackets runs backwards');
    ranges.push([low, high]);
  }
  return { kind: 'set', negated, ranges };
}

/** True as well when the segments are used up before the names: then a folder matched. */
function matchSegments(segments: readonly Segment[], names: readonly (readonly number[])[]): boolean {
  let [at, name] = [0, 0];
  let [star, starName] = [-1, 0];
  for (;;) {
    if (at === segments.length) return true;
    const segment = segments[at];
    if (segment?.kind === 'folders') {
      // A closing `**` stands for what lies below, so at least one name must be left.
      if (at === segments.length - 1) return name < names.length;
      [star, starName] = [at++, name];
      continue;
    }
    const codes = names[name];
    if (segment !== undefined && codes !== undefined && matchName(segment.tokens, codes)) {
      at++;
      name++;
    } else {
      if (star < 0 || starName >= names.length) return false;
      [at, name] = [star + 1, ++starName];
    }
  }
}

function matchName(tokens: readonly Token[], codes: readonly number[]): boolean {
  let [at, index] = [0, 0];
  let [star, starIndex] = [-1, 0];
  while (index < codes.length || at < tokens.length) {
    const token = tokens[at];
    const code = codes[index];
    if (token?.kind === 'star') [star, starIndex] = [at++, index];
    else if (token !== undefined && code !== undefined && matchOne(token, code)) {
      at++;
      index++;
    } else {
      if (star < 0 || starIndex >= codes.length) return false;
      [at, index] = [star + 1, ++starIndex];
    }
  }
  return true;
}

function matchOne(token: Token, code: number): boolean {
  if (token.kind === 'character') return token.code === code;
  if (token.kind === 'set') return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
  return token.kind === 'any';
}
