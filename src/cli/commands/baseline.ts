/** What the three baseline commands share: which file it is, and a scan that knows no baseline. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Report } from '../../core/contracts.ts';
import { ToolError } from '../../core/errors.ts';
import { type BaselineEntry, isBaseline, parseBaseline } from '../../suppress/baseline.ts';
import { type Given, optionOf } from '../given.ts';
import { type Io, note } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { MAX_BASELINE_BYTES, readText, shortReason } from '../read-text.ts';
import { openSources, performScan, settingOptionsOf, wantsProgress } from '../run-scan.ts';
import { loadSettings, type NamedFile, type Settings } from '../settings.ts';
import { DEFAULT_BASELINE, loadSuppressions } from '../suppress-settings.ts';

/** Returns the file of --baseline, LEAKWARDEN_BASELINE or the configuration, else the usual one below the root. */
export function placeOfBaseline({ baseline, root, cwd }: Settings): NamedFile {
  if (typeof baseline === 'object' && baseline !== null) return baseline;
  const path = join(root, DEFAULT_BASELINE);
  return { path, shown: relative(cwd, path), within: root };
}

/** Returns the entries, or null when there is no file. Throws ToolError `baseline-invalid`, also for baselines of other scanners. */
export function readBaseline({ path, shown, within }: NamedFile): BaselineEntry[] | null {
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = readText(path, MAX_BASELINE_BYTES, within);
  } catch (error) {
    throw new ToolError('baseline-invalid', { path: shown, reason: shortReason(error) }, { cause: error });
  }
  if (!isBaseline(text))
    throw new ToolError('baseline-invalid', { path: shown, reason: 'another scanner wrote it; it can be read, not updated' });
  return parseBaseline(text, shown);
}

/** Scans as `scan` does, but without any baseline. */
export async function scanForBaseline(given: Given, io: Io): Promise<{ report: Report; settings: Settings }> {
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const { suppressions, notices } = loadSuppressions({ ...settings, baseline: null });
  const ruleset = await loadRules(settings);
  const opened = await openSources(given.operands, given, io);
  for (const notice of [...settings.notices, ...notices]) note(io, notice);
  const report = await performScan({ settings, ruleset, suppressions, ...opened, hasProgress: wantsProgress(given, io) }, io);
  return { report, settings };
}

/** Returns what a new entry says of itself. */
export function stampOf(given: Given, io: Io): { added: string; reason: string | null } {
  return { added: io.now().toISOString().slice(0, 10), reason: optionOf(given, 'reason') ?? null };
}
