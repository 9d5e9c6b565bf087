/**
 * What a structure check is: it takes a credential apart as its issuer built it, says whether it has that form at all, and what it tells of
 * its owner without asking anybody. One file a family beside this one; index.ts is the registry. `confirm.ts` calls them for confirmed matches.
 */
import type { Details } from '../../core/contracts.ts';

export type { Details } from '../../core/contracts.ts';

/** `structure` of a rule: the id and what the structure wants to know besides. */
export type StructureUse = {
  readonly id: string;
  /** `split`: what the credential is cut at, which piece is shown (from the end when negative), and how it is called. */
  readonly at?: string;
  readonly part?: number;
  readonly label?: string;
};

export type Structure = {
  readonly id: string;
  /** A value that does not have the structure: certainly no such credential, or one step less sure (the form is not documented, or people mangle it). */
  readonly mismatch: 'reject' | 'lower';
  /** Returns what the value (one character a byte) tells, or null where it does not have the structure. Cost O(length). */
  read(value: string, use: StructureUse): Details | null;
};

/** Longer texts are cut: a detail is shown in a line. */
const MAX_DETAIL_CHARACTERS = 120;
/** More details than this help nobody. */
const MAX_DETAILS = 8;

/** Returns the details that have a text, printable, cut, in order. Numbers become text, other values are left out. */
export function details(pairs: readonly (readonly [string, unknown])[]): Details {
  const told = pairs
    .map(([label, value]) => [label, typeof value === 'number' ? String(value) : value] as const)
    .filter((pair): pair is readonly [string, string] => typeof pair[1] === 'string' && pair[1].trim() !== '')
    .map(([label, value]) => [label, printable(value)] as const);
  return Object.fromEntries(told.slice(0, MAX_DETAILS));
}

function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > MAX_DETAIL_CHARACTERS ? `${clean.slice(0, MAX_DETAIL_CHARACTERS)}…` : clean;
}

/** Returns seconds since 1970 as a date, or undefined where it is none between 2000 and 2100. */
export function dateOf(seconds: unknown): string | undefined {
  const isDate = typeof seconds === 'number' && seconds > 946_684_800 && seconds < 4_102_444_800;
  return isDate ? new Date(seconds * 1000).toISOString().slice(0, 10) : undefined;
}
