/**
 * All places of findings to the files as they would be: what is rewritten, how, and what a person must do. Called by `leakwarden fix` and for the `fixes` of SARIF,
 * which read the files. Nothing is written here.
 */
import type { Finding, Place } from '../core/contracts.ts';
import { reveal } from '../core/secret.ts';
import { applyEdits, type Edit, rewriteValue } from './rewrite.ts';
import { variableNameOf } from './variable-name.ts';

export type FixedPlace = { readonly finding: Finding; readonly place: Place; readonly variable: string; readonly edits: readonly Edit[] };
export type LeftPlace = { readonly finding: Finding; readonly place: Place; readonly why: string };

export type FixedFile = {
  readonly path: string;
  /** Latin-1, as it was read, and as it would be. */
  readonly before: string;
  readonly after: string;
  readonly edits: readonly Edit[];
  readonly places: readonly FixedPlace[];
};

export type Fixes = {
  readonly files: readonly FixedFile[];
  readonly left: readonly LeftPlace[];
  /** By the findings' ids. */
  readonly variables: ReadonlyMap<string, string>;
  /** Each sentence once, with the path that it is about. */
  readonly notes: readonly { readonly path: string; readonly note: string }[];
};

/** Gives a file's bytes as Latin-1, or null when it cannot be read. */
export type ReadFile = (path: string) => string | null;

/** `variable`: the user's choice of a name, for one finding. */
export function fixPlaces(findings: readonly Finding[], read: ReadFile, variable: string | null): Fixes {
  const texts = new Map<string, string | null>();
  const textOf = (path: string): string | null => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const text = read(path);
    texts.set(path, text);
    return text;
  };
  const variables = new Map<string, string>();
  for (const finding of findings) variables.set(finding.id, variable ?? freshName(finding, textOf, new Set(variables.values())));

  const left: LeftPlace[] = [];
  const notes = new Map<string, { path: string; note: string }>();
  const byPath = new Map<string, FixedPlace[]>();
  for (const finding of findings) {
    for (const place of finding.places) {
      const name = variables.get(finding.id) ?? '';
      const outcome = fixPlace(finding, place, name, textOf, byPath.get(place.path) ?? []);
      if ('why' in outcome) {
        left.push({ finding, place, why: outcome.why });
        continue;
      }
      byPath.set(place.path, [...(byPath.get(place.path) ?? []), { finding, place, variable: name, edits: outcome.edits }]);
      for (const note of outcome.notes) notes.set(`${place.path}\0${note}`, { path: place.path, note });
    }
  }
  const files = [...byPath].map(([path, places]): FixedFile => {
    const before = textOf(path) ?? '';
    const edits = unique(places.flatMap((place) => place.edits));
    return { path, before, after: applyEdits(before, edits), edits, places };
  });
  return { files, left, variables, notes: [...notes.values()] };
}

function fixPlace(
  finding: Finding,
  place: Place,
  variable: string,
  textOf: (path: string) => string | null,
  others: readonly FixedPlace[],
): { readonly edits: readonly Edit[]; readonly notes: readonly string[] } | { readonly why: string } {
  if (place.commit !== undefined) return { why: 'it stands in history, which is not rewritten' };
  if (place.decoded !== undefined) return { why: 'it stands there in an encoding' };
  if (place.path.includes('!')) return { why: 'it stands in an archive' };
  const text = textOf(place.path);
  if (text === null) return { why: 'the file cannot be read' };
  const { start, end } = place.span;
  if (Buffer.from(text.slice(start, end), 'latin1').toString() !== reveal(finding.secret, 'compare'))
    return { why: 'the file is not in UTF-8, or it has changed' };
  const result = rewriteValue(place.path, text, place.span, variable);
  if ('refused' in result) return { why: result.refused };
  const taken = others.flatMap(({ edits }) => edits);
  const clashes = result.edits.some((edit) => taken.some((other) => edit.start < other.end && other.start < edit.end));
  return clashes ? { why: 'it stands in a line that is rewritten already: run it once more' } : result;
}

/** Two places of one file need the same import once. */
function unique(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit])).values()];
}

function freshName(finding: Finding, textOf: (path: string) => string | null, taken: ReadonlySet<string>): string {
  const [place] = finding.places;
  const text = place === undefined || place.commit !== undefined ? null : textOf(place.path);
  const name = variableNameOf(text ?? '', place?.span ?? { start: 0, end: 0 }, finding);
  let fresh = name;
  for (let number = 2; taken.has(fresh); number++) fresh = `${name}_${number}`;
  return fresh;
}
