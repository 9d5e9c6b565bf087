/**
 * Which lines of a pull request take a comment: those that stand on the right side of its diff as GitHub shows it. In: the `patch` of each file in its list
 * (docs.github.com/rest/pulls/pulls "List pull requests files"; large and binary files have none). Out: ranges of lines. Pure.
 */
import type { LineRange } from '../core/contracts.ts';

/** A hunk of a unified diff: `@@ -12,3 +14,7 @@`; a count that is left out is 1. */
const HUNK = /^@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,(\d{1,9}))? @@/gm;

/** Returns the ranges of new lines that the hunks show, their context included. */
export function linesOfPatch(patch: string | undefined): LineRange[] {
  return [...(patch ?? '').matchAll(HUNK)].flatMap(([, start = '0', count = '1']) => {
    const [first, length] = [Number(start), Number(count)];
    return length === 0 ? [] : [{ first, last: first + length - 1 }];
  });
}

/** Returns the first line from `first` to `last` that lies in one of the ranges, or null. */
export function lineWithin(first: number, last: number, ranges: readonly LineRange[]): number | null {
  const lines = ranges.flatMap((range) => (range.first <= last && range.last >= first ? [Math.max(first, range.first)] : []));
  return lines.length === 0 ? null : Math.min(...lines);
}
