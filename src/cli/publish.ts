/** Report to its places: renders it in each planned format, writes it, and returns the exit code. Called by scan and report. */
import { resolve } from 'node:path';
import type { RenderOptions, Report } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { STORED_SECRET } from '../core/stored-rule.ts';
import { FORMATS, loadReporter } from '../reports/index.ts';
import type { Ruleset } from '../ruleset/load.ts';
import type { FailOn } from './config-file.ts';
import { exitCodeOf } from './exit-code.ts';
import { type Given, isSet, optionOf } from './given.ts';
import { type Io, note } from './io.ts';
import { type OutputPlan, planOutputs } from './outputs.ts';
import { counted } from './settings.ts';
import { usesColour } from './terminal.ts';
import { writeFileAtomically, writeToStream } from './write-output.ts';

export type Publication = {
  readonly plans: readonly OutputPlan[];
  readonly reveal: boolean;
  /** Exit code of findings, or undefined. */
  readonly exitCode: number | undefined;
  readonly color: string | undefined;
  readonly quiet: boolean;
};

/** Reads the options that say where reports go, so that mistakes are told before the scan. Throws ToolError of kind usage. */
export function planPublication(given: Given): Publication {
  const plans = planOutputs(given.options, FORMATS);
  const reveal = isSet(given, 'reveal');
  if (reveal && plans.some(({ file }) => file === null)) throw new ToolError('reveal-needs-file');
  return {
    plans,
    reveal,
    exitCode: exitCodeOption(optionOf(given, 'exit-code')),
    color: optionOf(given, 'color'),
    quiet: isSet(given, 'quiet'),
  };
}

/** Writes all reports, even if one fails; then throws its ToolError `output-failed`. */
export async function publish(report: Report, publication: Publication, rules: Ruleset['named'], failOn: FailOn, io: Io): Promise<number> {
  const { plans, reveal, exitCode, color, quiet } = publication;
  const help = helpOf(report, rules);
  const failures: ToolError[] = [];
  for (const { format, file } of plans) {
    const options: RenderOptions = {
      rules: help,
      colour: file === null && usesColour(color, io.env, io.stdout.isTTY === true),
      reveal,
      ...(format === 'sarif' ? await fixesOf(report, io) : format === 'text' && report.findings.length > 0 ? await fixableOf() : {}),
    };
    const pieces = (await loadReporter(format)).render(report, options);
    try {
      if (file === null) await writeToStream(io.stdout, pieces);
      else writeFileAtomically(file, pieces, { isPrivate: reveal });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  if (!quiet && plans.every(({ file }) => file !== null)) noteFiles(report, plans, io);
  return exitCodeOf(report, failOn, exitCode);
}

/** Only for what stands in files now: history cannot be rewritten. */
async function fixesOf(report: Report, io: Io): Promise<Pick<RenderOptions, 'replacementsOf'>> {
  if (report.repositories !== undefined || report.findings.length === 0) return {};
  const [{ MAX_FILE_BYTES, replacementsOf }, { readLatin1 }] = await Promise.all([
    import('../fix/replacements.ts'),
    import('./read-text.ts'),
  ]);
  return { replacementsOf: replacementsOf(report.findings, (path) => readLatin1(resolve(io.cwd, path), MAX_FILE_BYTES)) };
}

async function fixableOf(): Promise<Pick<RenderOptions, 'isFixable'>> {
  const { knowsFile } = await import('../fix/rewrite.ts');
  return { isFixable: knowsFile };
}

/** Without a report on stdout, one line says how it went. */
function noteFiles(report: Report, plans: readonly OutputPlan[], io: Io): void {
  const problems = report.problems.length === 0 ? '' : `, ${counted(report.problems.length, 'problem', 'problems')}`;
  note(io, `${counted(report.findings.length, 'finding', 'findings')}${problems}; see ${plans.map(({ file }) => file).join(', ')}`);
}

/** Returns the help of the rules that occur in a report. */
export function helpOf(report: Report, rules: Ruleset['named']): RenderOptions['rules'] {
  const used = new Set([...report.findings, ...report.suppressed.map(({ finding }) => finding)].map(({ rule }) => rule));
  if (used.size === 0) return new Map();
  return new Map([...rules(used), ...(used.has(STORED_SECRET.id) ? [STORED_SECRET] : [])].map((rule) => [rule.id, rule]));
}

function exitCodeOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const code = /^\d{1,3}$/.test(text) ? Number(text) : 256;
  if (code <= 255) return code;
  throw new ToolError('bad-option', { message: `--exit-code must be a whole number from 0 to 255, not ${text}` });
}
