/**
 * Puts a new value in the place of an old one in what a store holds: the whole text, a field of JSON, the password of an address or of a line. Everything else
 * stays as it was, byte for byte. In: the text, the field as the index names it, both values; out: the new text, or null where it cannot be said where the old
 * one stands. Called by the rotators of stores whose secrets are texts.
 */
import { reveal, Secret } from '../core/secret.ts';
import { type JsonString, jsonStrings } from './json-strings.ts';

/** JSON in a string of JSON, and so on: what is looked into. */
const MAX_DEPTH = 4;
/** What needs no quotes in a line of `name=value`, a connection string, YAML. */
const PLAIN = /^[\w.~+/=@%-]+$/;

/** Returns the text with `fresh` in the place of `old`; null where `old` does not stand there, or at more than one place. */
export function replaceField(text: string, field: string, old: Secret, fresh: Secret): string | null {
  const [was, becomes] = [reveal(old, 'store'), reveal(fresh, 'store')];
  return was === '' ? null : replaced(text, field, was, becomes, 0);
}

/** Whether `value` stands in the field. */
export function fieldHolds(text: string, field: string, value: Secret): boolean {
  return replaceField(text, field, value, value) !== null;
}

/** Returns what stands in the field, where it is the whole text or a string of its own in JSON; else null. */
export function valueOfField(text: string, field: string): Secret | null {
  if (field === '') return text === '' ? null : new Secret(text);
  const [only, ...more] = (jsonStrings(text) ?? []).filter(({ path }) => path === field);
  return only && only.value !== '' && more.length === 0 ? new Secret(only.value) : null;
}

/** Whether the text has such a field, as far as can be seen without knowing the value. */
export function hasField(text: string, field: string): boolean {
  const strings = jsonStrings(text);
  if (field === '' || strings === null) return true;
  return strings.some(({ path }) => path === field || path === '' || field.startsWith(`${path}.`));
}

/** Returns the text with other fields of the same JSON object set; null where one is not there, or is no string. */
export function setSiblings(text: string, field: string, siblings: Readonly<Record<string, string>>): string | null {
  const parent = field.includes('.') ? field.slice(0, field.lastIndexOf('.') + 1) : '';
  let now = text;
  for (const [name, value] of Object.entries(siblings)) {
    const [only, ...more] = (jsonStrings(now) ?? []).filter(({ path }) => path === `${parent}${name}`);
    if (!only || more.length > 0) return null;
    now = spliced(now, only, JSON.stringify(value));
  }
  return now;
}

/** The names among `wanted` that stand beside the field, as strings. */
export function siblingsOf(text: string, field: string, wanted: readonly string[]): string[] {
  return wanted.filter((name) => setSiblings(text, field, { [name]: '' }) !== null);
}

function replaced(text: string, field: string, was: string, becomes: string, depth: number): string | null {
  if (field === '') return replacedWhole(text, was, becomes);
  const strings = jsonStrings(text);
  if (strings === null) return replacedInPlain(text, was, becomes);
  const found = strings.flatMap((one) => {
    const rest =
      one.path === field ? '' : one.path === '' ? field : field.startsWith(`${one.path}.`) ? field.slice(one.path.length + 1) : null;
    const inner = rest === null || depth >= MAX_DEPTH ? null : replaced(one.value, rest, was, becomes, depth + 1);
    return inner === null ? [] : [{ one, inner }];
  });
  const [only, ...more] = found;
  return only && more.length === 0 ? spliced(text, only.one, JSON.stringify(only.inner)) : null;
}

/** White space round a value, a last line's end above all, stays. */
function replacedWhole(text: string, was: string, becomes: string): string | null {
  if (text === was) return becomes;
  const trimmed = text.trim();
  return trimmed === was.trim() ? text.replace(trimmed, () => becomes) : null;
}

/** An address with a password, a connection string, lines: the value once, in the way in which it is written there. */
function replacedInPlain(text: string, was: string, becomes: string): string | null {
  const isAddress = /^\s*[a-z][a-z0-9+.-]{0,30}:\/\//i.test(text);
  const isEncoded = !text.includes(was);
  const from = isEncoded ? encoded(was) : was;
  const to = was === becomes ? from : isAddress || isEncoded ? encoded(becomes) : becomes;
  if (from === null || to === null) return null;
  const at = text.indexOf(from);
  if (at < 0 || text.includes(from, at + 1)) return null;
  if (to !== from && !PLAIN.test(to)) return null;
  return text.slice(0, at) + to + text.slice(at + from.length);
}

/** Returns null for half a character, which has no UTF-8. */
function encoded(text: string): string | null {
  return /\p{Surrogate}/u.test(text) ? null : encodeURIComponent(text);
}

function spliced(text: string, { start, end }: JsonString, literal: string): string {
  return text.slice(0, start) + literal + text.slice(end);
}
