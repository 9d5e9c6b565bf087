/**
 * What a user names on the command line to findings: `src/app.js:12`, or the beginning of an id as reports have it. The files are scanned for that, since no report
 * holds values. Called by fix.
 */
import type { Finding, Report, Source } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { NO_SUPPRESSIONS } from '../suppress/settings.ts';
import { type Given, isSet } from './given.ts';
import type { Io } from './io.ts';
import { loadRules } from './load-rules.ts';
import { performScan, settingOptionsOf, wantsProgress } from './run-scan.ts';
import { loadSettings } from './settings.ts';

const ID = /^[0-9a-f]{4,32}$/;
const PLACE = /^(.+):(\d{1,9})$/;

export type Found = {
  readonly named: readonly Finding[];
  /** Everything that the scan found, suppressed or not: none of it may be shown. */
  readonly all: readonly Finding[];
  readonly problems: Report['problems'];
};

/** `folders`: where ids are looked for; a place names its own file. Throws ToolError of kind usage when a name fits nothing, or several findings. */
export async function findFindings(names: readonly string[], folders: readonly string[], given: Given, io: Io): Promise<Found> {
  for (const name of names) {
    if (!ID.test(name) && !PLACE.test(name))
      throw new ToolError('bad-option', { message: `${name} is neither FILE:LINE nor the beginning of a finding's id` });
  }
  const hasIds = names.some((name) => !PLACE.test(name));
  const files = names.flatMap((name) => PLACE.exec(name)?.[1] ?? []);
  const inputs = [...new Set([...files, ...(hasIds ? (folders.length === 0 ? ['.'] : folders) : [])])];
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const ruleset = await loadRules(settings);
  const { SOURCES } = await import('../sources/index.ts');
  const sources: Source[] = [SOURCES.files({ inputs, cwd: io.cwd, env: io.env, noIgnore: isSet(given, 'no-ignore'), stdin: io.stdin })];
  const suppressions = { ...NO_SUPPRESSIONS, cwd: settings.cwd, root: settings.root };
  const plan = { settings: { ...settings, exclude: [] }, ruleset, suppressions, sources, inputs, hasProgress: wantsProgress(given, io) };
  const report = await performScan(plan, io);
  const all = [...report.findings, ...report.suppressed.map(({ finding }) => finding)];
  const named = names.flatMap((name) => findingsNamed(name, all));
  return { named: [...new Map(named.map((finding) => [finding.id, finding])).values()], all, problems: report.problems };
}

function findingsNamed(name: string, all: readonly Finding[]): readonly Finding[] {
  const [, file = '', line = ''] = PLACE.exec(name) ?? [];
  if (file !== '') {
    const path = file.replaceAll('\\', '/').replace(/^\.\//, '');
    const found = all.filter(({ places }) =>
      places.some((place) => place.path === path && place.line <= Number(line) && Number(line) <= place.endLine),
    );
    if (found.length === 0) throw new ToolError('bad-option', { message: `there is no finding at ${name}` });
    return found;
  }
  const found = new Map(all.filter(({ id }) => id.startsWith(name)).map((finding) => [finding.id, finding]));
  if (found.size === 0) throw new ToolError('bad-option', { message: `no finding has an id that begins with ${name}` });
  if (found.size > 1)
    throw new ToolError('bad-option', { message: `${found.size} findings have ids that begin with ${name}: give more of it` });
  return [...found.values()];
}
