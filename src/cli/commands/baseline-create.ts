/** `leakwarden baseline create [PATH…]`: accepts the findings of now. Refuses to replace a baseline unless told to, and to make one from half a scan. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, EXIT, ToolError } from '../../core/errors.ts';
import { renderBaseline, toBaselineEntry } from '../../suppress/baseline.ts';
import { exitCodeOf } from '../exit-code.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { settingOptionsOf } from '../run-scan.ts';
import { counted, loadSettings } from '../settings.ts';
import { writeFileAtomically } from '../write-output.ts';
import { placeOfBaseline, readBaseline, scanForBaseline, stampOf } from './baseline.ts';

/** Exit 3 when something could not be read, whose findings are then not in the baseline. */
export async function run(given: Given, io: Io): Promise<number> {
  const place = placeOfBaseline(await loadSettings(settingOptionsOf(given), io.env, io.cwd));
  if (!isSet(given, 'force') && readBaseline(place) !== null) {
    throw new ToolError('bad-option', {
      message: `${place.shown} is there already: baseline update keeps it up to date, --force replaces it`,
    });
  }
  const { report, settings } = await scanForBaseline(given, io);
  const exitCode = exitCodeOf(report, 'never');
  if (exitCode === EXIT.interrupted) return exitCode;
  for (const { code, data } of report.problems) note(io, describe(code, data));
  mkdirSync(dirname(place.path), { recursive: true });
  const entries = report.findings.map((finding) => toBaselineEntry(finding, settings, stampOf(given, io)));
  writeFileAtomically(place.path, [renderBaseline(entries)], { isPrivate: false });
  if (!isSet(given, 'quiet')) note(io, `${counted(entries.length, 'finding', 'findings')} in ${place.shown}; commit it`);
  return exitCode;
}
