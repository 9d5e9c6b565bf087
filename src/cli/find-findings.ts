/**
 * From what a user names on the command line to findings with their values, as they stand in files now: named-findings.ts says what a name is. Called by fix.
 */
import type { Finding, Report } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { type Given, isSet } from './given.ts';
import type { Io } from './io.ts';
import { filesNamed, findingsNamed, readName, searchFiles } from './named-findings.ts';
import { settingOptionsOf, wantsProgress } from './run-scan.ts';
import { loadSettings } from './settings.ts';

const LEAST_DIGITS = 4;

export type Found = {
  readonly named: readonly Finding[];
  /** Everything that the scan found, suppressed or not: none of it may be shown. */
  readonly all: readonly Finding[];
  readonly problems: Report['problems'];
};

/** `folders`: where ids are looked for; a place names its own file. Throws ToolError of kind usage when a name fits nothing, or several findings. */
export async function findFindings(given: Given, folders: readonly string[], io: Io): Promise<Found> {
  const names = given.operands.map((text) => readName(text, LEAST_DIGITS));
  const hasIds = names.some(({ kind }) => kind === 'id');
  const inputs = [...new Set([...filesNamed(names), ...(hasIds ? (folders.length === 0 ? ['.'] : folders) : [])])];
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const options = { settings, noIgnore: isSet(given, 'no-ignore'), hasProgress: wantsProgress(given, io) };
  const { all, problems } = await searchFiles(inputs, options, io);
  const named = names.flatMap((name) => {
    const found = findingsNamed(name, all);
    if (found) return found;
    throw new ToolError('bad-option', { message: `no finding has an id that begins with ${name.text}` });
  });
  return { named: [...new Map(named.map((finding) => [finding.id, finding])).values()], all, problems };
}
