/**
 * Reads the files that keep findings out of a report: the baseline (ours, a gitleaks report, detect-secrets'), `.leakwardenignore`, `.gitleaksignore`
 * and `.secrets.baseline` at the root. Settings in, SuppressSettings and notices out. Called by the commands that scan.
 */
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { isBaseline, parseBaseline } from '../suppress/baseline.ts';
import { parseIgnoreFile } from '../suppress/fingerprints.ts';
import { parseGitleaksIgnore } from '../suppress/gitleaks-ignore.ts';
import { readGitleaksReport } from '../suppress/gitleaks-report.ts';
import { readSecretsBaseline } from '../suppress/secrets-baseline.ts';
import { NO_SUPPRESSIONS, type SuppressSettings } from '../suppress/settings.ts';
import { isMissing, MAX_BASELINE_BYTES, MAX_CONFIG_BYTES, readText, readTextIfThere, shortReason } from './read-text.ts';
import { counted, type NamedFile, type Settings } from './settings.ts';

/** Where `baseline create` writes and a scan looks when nothing else is said; below the root. */
export const DEFAULT_BASELINE = '.leakwarden/baseline.jsonl';

type Known = Pick<SuppressSettings, 'baseline' | 'reportedSecrets' | 'hashedSecrets'>;

const NOTHING_KNOWN: Known = { baseline: [], reportedSecrets: [], hashedSecrets: [] };

/** Throws ToolError `baseline-invalid`, `ignore-invalid`, `config-unreadable`. */
export function loadSuppressions(settings: Settings): { suppressions: SuppressSettings; notices: string[] } {
  const { cwd, root, allow, minConfidence } = settings;
  const notices: string[] = [];
  const { known, shown } = loadKnown(settings);
  const count = known.baseline.length + known.reportedSecrets.length + known.hashedSecrets.length;
  // A baseline that the user names is no news to them.
  if (count > 0 && (typeof settings.baseline === 'string' || settings.baseline?.within !== null)) {
    notices.push(`${counted(count, 'finding is', 'findings are')} known by the baseline ${shown}`);
  }

  const ignoreFile = <Entry>(name: string, parse: (text: string, name: string) => Entry[]): Entry[] => {
    const text = settings.usesFoundFiles ? readFound(root, name, MAX_CONFIG_BYTES) : null;
    const entries = text === null ? [] : parse(text, name);
    if (entries.length > 0) notices.push(`${counted(entries.length, 'finding is', 'findings are')} ignored by ${name}`);
    return entries;
  };
  const ignoredIds = ignoreFile('.leakwardenignore', parseIgnoreFile);
  const ignoredPlaces = ['.gitleaksignore', '.betterleaksignore'].flatMap((name) => ignoreFile(name, parseGitleaksIgnore));
  return { suppressions: { ...NO_SUPPRESSIONS, cwd, root, allow, minConfidence, ...known, ignoredIds, ignoredPlaces }, notices };
}

/** Returns what a baseline file holds, whichever scanner wrote it. `text` is its content, `name` its path to show. */
export function readKnown(text: string, name: string): Known {
  if (isBaseline(text)) return { ...NOTHING_KNOWN, baseline: parseBaseline(text, name) };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ToolError('baseline-invalid', { path: name, reason: 'it is not JSON' }, { cause: error });
  }
  if (Array.isArray(value)) return { ...NOTHING_KNOWN, reportedSecrets: readGitleaksReport(value, name) };
  if (typeof value === 'object' && value !== null) return { ...NOTHING_KNOWN, hashedSecrets: readSecretsBaseline({ ...value }, name) };
  throw new ToolError('baseline-invalid', { path: name, reason: 'it is neither a list nor an object' });
}

/** Without a word of the user, both our own and detect-secrets' usual file count. */
function loadKnown({ baseline, root, usesFoundFiles }: Settings): { known: Known; shown: string } {
  if (baseline === null) return { known: NOTHING_KNOWN, shown: '' };
  if (baseline !== 'found') return { known: readKnown(readNamed(baseline), baseline.shown), shown: baseline.shown };
  const names = usesFoundFiles ? [DEFAULT_BASELINE, '.secrets.baseline'] : [];
  let known = NOTHING_KNOWN;
  const shown: string[] = [];
  for (const name of names) {
    const text = readFound(root, name, MAX_BASELINE_BYTES);
    if (text === null) continue;
    const read = readKnown(text, name);
    known = { baseline: [...known.baseline, ...read.baseline], reportedSecrets: read.reportedSecrets, hashedSecrets: read.hashedSecrets };
    shown.push(name);
  }
  return { known, shown: shown.join(' and ') };
}

function readNamed({ path, shown, within }: NamedFile): string {
  try {
    return readText(path, MAX_BASELINE_BYTES, within);
  } catch (error) {
    if (isMissing(error)) throw new ToolError('baseline-invalid', { path: shown, reason: 'there is no such file' }, { cause: error });
    throw new ToolError('baseline-invalid', { path: shown, reason: shortReason(error) }, { cause: error });
  }
}

function readFound(root: string, name: string, maxBytes: number): string | null {
  try {
    return readTextIfThere(join(root, name), maxBytes, root);
  } catch (error) {
    throw new ToolError('config-unreadable', { path: name, reason: shortReason(error) }, { cause: error });
  }
}
