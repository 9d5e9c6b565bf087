/**
 * Reads a labelled corpus (labels.jsonl: one case a line) and says which of its positives a scan found.
 *
 * A positive is found when a match on its lines has its text, a part of it or more: a label may be a whole address where the match is
 * the password in it. A label without text or line is found when its file has a match.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { FoundMatch } from '../../src/engine/found-match.ts';

export type Label = {
  readonly file: string;
  readonly line: number | null;
  readonly end_line?: number | null;
  readonly secret: string | null;
  readonly accept?: readonly string[];
  readonly kind: string;
  readonly label: boolean;
  readonly tags?: readonly string[];
  /** CredData's ground truth: T, F or X (a sample). */
  readonly gt?: string;
};

/** Shortest text that says anything about a label. */
const SHORTEST = 4;

/** Returns the positives of a corpus whose own sums are right; an empty list where there is no corpus. */
export function readPositives(folder: URL): readonly Label[] {
  const file = new URL('labels.jsonl', folder);
  if (!existsSync(file)) return [];
  const labels = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Label => JSON.parse(line));
  return labels.filter((label) => label.label && !label.tags?.includes('checksum-bad'));
}

export function isFound(label: Label, matches: readonly FoundMatch[]): boolean {
  return matches.some((match) => meets(label, match) && speaksOf(label, match));
}

function meets({ line, end_line: end, secret }: Label, { place }: FoundMatch): boolean {
  if (line === null) return true;
  const last = Math.max(end ?? line, line + (secret?.split('\n').length ?? 1) - 1);
  return place.line <= last && Math.max(place.endLine, place.line) >= line;
}

function speaksOf({ secret, accept = [] }: Label, { secret: found }: FoundMatch): boolean {
  if (secret === null) return true;
  return [secret, ...accept].some(
    (text) => found.includes(text.trim()) || (found.length >= Math.min(SHORTEST, text.length) && text.includes(found)),
  );
}
