/**
 * The baseline: findings that were known when it was made, so that only what comes after is reported.
 *
 * JSON Lines, one finding a line, sorted by id, so that two branches merge by git's usual means (or `merge=union`): order and
 * repeated lines do not matter when it is read. The key is the id (digest of rule and value); paths are for people only, so moved lines and
 * renamed files change nothing. No value, no hash of a value other than the id, and no line numbers lie in it.
 */
import type { Finding, FindingId, Suppressor } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import type { RuleId } from '../core/rule.ts';
import { FINDING_ID } from './fingerprints.ts';
import { because, type IdOf, type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type BaselineEntry = {
  readonly id: FindingId;
  readonly rule: RuleId;
  readonly paths: readonly string[];
  /** Day, `2025-11-30`; null where it was not said. */
  readonly added: string | null;
  readonly reason: string | null;
  readonly from: Origin;
};

const SCHEMA = 'leakwarden/baseline@1';

/** Paths of one entry that are written down; a value that lies in a thousand files is not better known by the thousandth. */
const MAX_PATHS = 8;

/** Returns whether a text is such a baseline (and not one of another scanner). */
export function isBaseline(text: string): boolean {
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return line === '' || /^\{"(?:schema|id)":/.test(line);
}

/** Reads a baseline; `name` is the path to show. Throws ToolError `baseline-invalid`. */
export function parseBaseline(text: string, name: string): BaselineEntry[] {
  const entries = new Map<FindingId, BaselineEntry>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fail = (reason: string): ToolError => new ToolError('baseline-invalid', { path: name, reason: `line ${index + 1}: ${reason}` });
    const value = parseObject(line);
    if (value === null) throw fail(/^[<=>|]{7}/.test(line) ? 'a merge conflict; keep the lines of both sides' : 'not a JSON object');
    const { schema, id, rule, paths, added, reason } = value;
    if (schema !== undefined) {
      if (schema !== SCHEMA) throw fail(`schema is not ${SCHEMA}`);
      continue;
    }
    if (typeof id !== 'string' || !FINDING_ID.test(id)) throw fail('no id of 32 hexadecimal characters');
    entries.set(id, {
      id,
      rule: typeof rule === 'string' ? rule : '',
      paths: Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [],
      added: typeof added === 'string' ? added : null,
      reason: typeof reason === 'string' ? reason : null,
      from: `${name}:${index + 1}`,
    });
  }
  return [...entries.values()];
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Returns the text of a baseline: same entries, same bytes. */
export function renderBaseline(entries: readonly BaselineEntry[]): string {
  const lines = [...entries]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(({ id, rule, paths, added, reason }) =>
      JSON.stringify({ id, rule, paths, ...(added === null ? {} : { added }), ...(reason === null ? {} : { reason }) }),
    );
  return `${[JSON.stringify({ schema: SCHEMA }), ...lines].join('\n')}\n`;
}

/** Returns a finding as an entry of a baseline. */
export function toBaselineEntry(
  finding: Finding,
  settings: Pick<SuppressSettings, 'cwd' | 'root'>,
  { added, reason }: { readonly added: string; readonly reason: string | null },
): BaselineEntry {
  const paths = [...new Set(finding.places.map((place) => pathFromRoot(place.path, settings)))].sort().slice(0, MAX_PATHS);
  return { id: finding.id, rule: finding.rule, paths, added, reason, from: '' };
}

/** Returns null when the baseline holds nothing. */
export function createBaselineSuppressor(settings: SuppressSettings, idOf: IdOf): Suppressor | null {
  const byId = new Map(settings.baseline.map((entry) => [entry.id, entry]));
  if (byId.size === 0) return null;
  return {
    id: 'baseline',
    why(match) {
      const entry = byId.get(idOf(match));
      return entry === undefined ? null : because(entry.reason ?? (entry.added === null ? null : `known since ${entry.added}`), entry.from);
    },
  };
}
