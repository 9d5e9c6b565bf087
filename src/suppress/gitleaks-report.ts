/**
 * A JSON report of gitleaks used as a baseline: `[{RuleID, File, StartLine, EndLine, Secret, Match, …}]`.
 *
 * A report in clear is compared by value: same file, and one value holds the other, since their rules cut elsewhere than ours. So it survives
 * moved lines, which it does not with gitleaks. A redacted one has only the line to go by.
 */
import type { Suppressor } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { reveal, Secret } from '../core/secret.ts';
import { type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type ReportedSecret = {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly rule: string;
  /** Null when the report was redacted. */
  readonly secret: Secret | null;
  readonly from: Origin;
};

/** Fewer characters are too few to say that one value is a part of another. */
const MIN_PART_CHARS = 8;

/** `value` is the parsed JSON of `name`. Throws ToolError `baseline-invalid`. */
export function readGitleaksReport(value: readonly unknown[], name: string): ReportedSecret[] {
  return value.map((raw, index) => {
    const entry = (typeof raw === 'object' && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
    const { File: file, StartLine: line, EndLine: endLine, RuleID: rule, Secret: secret } = entry;
    if (typeof file !== 'string' || typeof line !== 'number') {
      throw new ToolError('baseline-invalid', { path: name, reason: `entry ${index + 1} has no File and StartLine` });
    }
    const isClear = typeof secret === 'string' && secret !== '' && !/^REDACTED|\.\.\.$/.test(secret);
    return {
      path: file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, ''),
      line,
      endLine: typeof endLine === 'number' ? endLine : line,
      rule: typeof rule === 'string' ? rule : 'finding',
      secret: isClear ? new Secret(secret) : null,
      from: `${name}, entry ${index + 1}`,
    };
  });
}

/** Returns null when there is no such report. */
export function createGitleaksReportSuppressor(settings: SuppressSettings): Suppressor | null {
  const byPath = new Map<string, ReportedSecret[]>();
  for (const entry of settings.reportedSecrets) {
    const entries = byPath.get(entry.path) ?? [];
    if (entries.push(entry) === 1) byPath.set(entry.path, entries);
  }
  if (byPath.size === 0) return null;
  return {
    id: 'gitleaks-report',
    why(match) {
      const entries = byPath.get(pathFromRoot(match.place.path, settings)) ?? [];
      const known = entries.find(({ secret, line, endLine }) =>
        secret === null ? match.place.line >= line && match.place.line <= endLine : isSameOrPart(match.secret, secret),
      );
      return known === undefined ? null : `${known.rule} is known (${known.from})`;
    },
  };
}

function isSameOrPart(a: Secret, b: Secret): boolean {
  if (a.equals(b)) return true;
  const [ours, theirs] = [reveal(a, 'compare'), reveal(b, 'compare')];
  return Math.min(ours.length, theirs.length) >= MIN_PART_CHARS && (ours.includes(theirs) || theirs.includes(ours));
}
