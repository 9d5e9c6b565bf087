/**
 * What users call findings on the command line, `src/app.js:12` or the beginning of an id as reports have it, and where these are looked for: reports hold no values, so
 * files are scanned, with nothing left out. Called by find-findings.ts (fix) and find-leaked.ts (rotate).
 */
import type { Finding, Report, Source } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { NO_SUPPRESSIONS } from '../suppress/settings.ts';
import type { Io } from './io.ts';
import { loadRules } from './load-rules.ts';
import { performScan } from './run-scan.ts';
import type { Settings } from './settings.ts';

export type FindingName =
  | { readonly kind: 'place'; readonly text: string; readonly file: string; readonly line: number }
  | { readonly kind: 'id'; readonly text: string };

/** Throws ToolError `bad-option` for what is neither. */
export function readName(text: string, leastDigits: number): FindingName {
  const [, file, line] = /^(.+):(\d{1,9})$/.exec(text) ?? [];
  if (file !== undefined) return { kind: 'place', text, file, line: Number(line) };
  if (/^[0-9a-f]{1,32}$/.test(text) && text.length >= leastDigits) return { kind: 'id', text };
  throw new ToolError('bad-option', {
    message: `${text} is neither FILE:LINE nor the beginning of a finding's id: 32 hexadecimal digits, or the first ${leastDigits} and more`,
  });
}

/** Returns the files that places name, each once. */
export function filesNamed(names: readonly FindingName[]): string[] {
  return [...new Set(names.flatMap((name) => (name.kind === 'place' ? [name.file] : [])))];
}

/** Returns what a name means among findings: all at a place, or the one of an id. Null where it is none's id. Throws ToolError `bad-option`. */
export function findingsNamed(name: FindingName, all: readonly Finding[]): readonly Finding[] | null {
  if (name.kind === 'place') {
    const path = name.file.replaceAll('\\', '/').replace(/^\.\//, '');
    const found = all.filter(({ places }) =>
      places.some((place) => place.path === path && place.line <= name.line && name.line <= place.endLine),
    );
    if (found.length === 0) throw new ToolError('bad-option', { message: `there is no finding at ${name.text}` });
    return found;
  }
  const found = new Map(all.filter(({ id }) => id.startsWith(name.text)).map((finding) => [finding.id, finding]));
  if (found.size > 1)
    throw new ToolError('bad-option', { message: `${found.size} findings have ids that begin with ${name.text}: give more digits` });
  return found.size === 0 ? null : [...found.values()];
}

export type SearchOptions = {
  readonly settings: Settings;
  /** Files that git ignores are read, too. */
  readonly noIgnore: boolean;
  readonly hasProgress: boolean;
};

/** Returns everything that a scan of these files and folders finds, suppressed or not. Throws ToolError. */
export async function searchFiles(
  inputs: readonly string[],
  { settings, noIgnore, hasProgress }: SearchOptions,
  io: Io,
): Promise<{ readonly all: readonly Finding[]; readonly problems: Report['problems'] }> {
  const ruleset = await loadRules(settings);
  const { SOURCES } = await import('../sources/index.ts');
  const sources: Source[] = [SOURCES.files({ inputs, cwd: io.cwd, env: io.env, noIgnore, stdin: io.stdin })];
  const suppressions = { ...NO_SUPPRESSIONS, cwd: settings.cwd, root: settings.root };
  const plan = { settings: { ...settings, exclude: [] }, ruleset, suppressions, sources, inputs, hasProgress };
  const { findings, suppressed, problems } = await performScan(plan, io);
  return { all: [...findings, ...suppressed.map(({ finding }) => finding)], problems };
}
