/** Rewrites of findings as replacements at lines and columns, for reports: SARIF's `fixes`. Called by publish.ts. No value is part of them. */
import type { Finding, Replacement } from '../core/contracts.ts';
import { fixPlaces, type ReadFile } from './fix-places.ts';
import { lineStart } from './lexical.ts';

/** Bytes of a file, as the caller reads it, and places of a report, for which replacements are made: each place costs a walk over its file. */
export const MAX_FILE_BYTES = 256 << 10;
export const MAX_REPLACED_PLACES = 500;

/** Returns a function that gives the replacements of a finding in one file; none where the file has changed or cannot be rewritten. */
export function replacementsOf(findings: readonly Finding[], read: ReadFile): (finding: Finding, path: string) => readonly Replacement[] {
  const few: Finding[] = [];
  let places = 0;
  for (const finding of findings) {
    places += finding.places.length;
    if (places > MAX_REPLACED_PLACES) break;
    few.push(finding);
  }
  const known = new Map<string, Replacement[]>();
  for (const finding of few) {
    // One at a time, so that two findings of one line each have their own.
    for (const { path, before, edits } of fixPlaces([finding], read, null).files) {
      known.set(
        `${finding.id}\0${path}`,
        edits.map(({ start, end, text }) => {
          const [from, to] = [positionOf(before, start), positionOf(before, end)];
          return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column, text };
        }),
      );
    }
  }
  return (finding, path) => known.get(`${finding.id}\0${path}`) ?? [];
}

/** Columns in UTF-16 units, as everywhere in reports. */
function positionOf(latin1: string, offset: number): { readonly line: number; readonly column: number } {
  const start = lineStart(latin1, offset);
  let line = 1;
  for (let at = latin1.indexOf('\n'); at >= 0 && at < start; at = latin1.indexOf('\n', at + 1)) line++;
  return { line, column: Buffer.from(latin1.slice(start, offset), 'latin1').toString().length + 1 };
}
