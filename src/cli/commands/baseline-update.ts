/**
 * `leakwarden baseline update [PATH…]`: drops what is gone, refreshes paths, adds what is there (unless --no-add). Entries keep their day and reason.
 * Nothing is dropped after a scan that could not read everything, nor for paths that were not scanned.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, EXIT } from '../../core/errors.ts';
import { type BaselineEntry, renderBaseline, toBaselineEntry } from '../../suppress/baseline.ts';
import { pathFromRoot } from '../../suppress/settings.ts';
import { exitCodeOf } from '../exit-code.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { counted, type Settings } from '../settings.ts';
import { writeFileAtomically } from '../write-output.ts';
import { placeOfBaseline, readBaseline, scanForBaseline, stampOf } from './baseline.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const { report, settings } = await scanForBaseline(given, io);
  const exitCode = exitCodeOf(report, 'never');
  if (exitCode === EXIT.interrupted) return exitCode;
  for (const { code, data } of report.problems) note(io, describe(code, data));
  const place = placeOfBaseline(settings);
  const before = new Map((readBaseline(place) ?? []).map((entry) => [entry.id, entry]));
  const now = new Map(report.findings.map((finding) => [finding.id, toBaselineEntry(finding, settings, stampOf(given, io))]));

  const kept = [...before.values()].flatMap((entry): BaselineEntry[] => {
    const seen = now.get(entry.id);
    if (seen !== undefined) return [{ ...entry, rule: seen.rule, paths: seen.paths }];
    return exitCode === EXIT.clean && wasScanned(entry, given, settings) ? [] : [entry];
  });
  const added = isSet(given, 'no-add') ? [] : [...now.values()].filter(({ id }) => !before.has(id));
  mkdirSync(dirname(place.path), { recursive: true });
  writeFileAtomically(place.path, [renderBaseline([...kept, ...added])], { isPrivate: false });
  if (!isSet(given, 'quiet')) {
    note(
      io,
      `${place.shown}: ${counted(added.length, 'finding', 'findings')} added, ${before.size - kept.length} dropped, ${kept.length} kept`,
    );
  }
  return exitCode;
}

/** With paths on the command line, only entries that lay below them can be said to be gone. */
function wasScanned({ paths }: BaselineEntry, { operands }: Given, settings: Settings): boolean {
  const scanned = operands.length === 0 ? ['.'] : operands;
  const roots = scanned.map((operand) => pathFromRoot(operand, settings));
  return paths.every((path) => roots.some((root) => root === '' || path === root || path.startsWith(`${root}/`)));
}
