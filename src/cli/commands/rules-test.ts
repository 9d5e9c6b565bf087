/** `leakwarden rules test FILE`: every match of every rule in one file, reported or suppressed and why. For writers of rules. */
import type { Finding, Report } from '../../core/contracts.ts';
import { describe, printable } from '../../core/errors.ts';
import { NO_SUPPRESSIONS } from '../../suppress/settings.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { Given } from '../given.ts';
import type { Io } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { openSources, performScan, settingOptionsOf } from '../run-scan.ts';
import { counted, loadSettings } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

/** Exit 0 whatever matches: a test of rules is no audit. Problems make it 3. */
export async function run(given: Given, io: Io): Promise<number> {
  const settings = await loadSettings({ ...settingOptionsOf(given), noBaseline: true }, io.env, io.cwd);
  const ruleset = await loadRules(settings);
  const suppressions = { ...NO_SUPPRESSIONS, cwd: io.cwd, root: settings.root };
  const opened = await openSources(given.operands, given, io);
  const report = await performScan({ settings: { ...settings, exclude: [] }, ruleset, suppressions, ...opened, hasProgress: false }, io);
  await writeToStream(io.stdout, linesOf(report));
  return exitCodeOf(report, 'never');
}

type Row = { readonly finding: Finding; readonly fate: string };

function* linesOf(report: Report): Iterable<string> {
  const rows: Row[] = [
    ...report.findings.map((finding) => ({ finding, fate: 'reported' })),
    ...report.suppressed.map(({ finding, by, reason }) => ({ finding, fate: `suppressed by ${by}: ${reason}` })),
  ];
  const matches = rows.flatMap(({ finding, fate }) => finding.places.map((place) => ({ finding, fate, place })));
  matches.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  for (const { finding, fate, place } of matches) {
    const { rule, confidence, entropy, checksum, secret, parts } = finding;
    const facts = [
      `${secret.length} characters`,
      `${entropy.toFixed(1)} bits per character`,
      `${confidence} confidence`,
      checksum === 'none' ? '' : `checksum ${checksum}`,
      ...Object.entries(finding.details).map(([label, text]) => `${label} ${printable(text)}`),
      ...Object.entries(parts).map(([name, part]) => `with ${name} on line ${part.place.line}`),
    ];
    yield `${printable(place.path)}:${place.line}:${place.column}  ${rule}  ${printable(fate)}\n  ${facts.filter((fact) => fact !== '').join(', ')}\n`;
  }
  for (const { code, data } of report.problems) yield `problem: ${describe(code, data)}\n`;
  yield `${counted(matches.length, 'match', 'matches')}\n`;
}
