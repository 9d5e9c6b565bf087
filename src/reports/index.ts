/**
 * The registry of report formats: name on the command line → reporter. A new format is one file and one line here; the contract suite covers it. What most runs never
 * write is loaded when it is asked for.
 */
import type { Reporter } from '../core/contracts.ts';
import { csvReporter } from './csv.ts';
import { jsonReporter } from './json.ts';
import { jsonlReporter } from './jsonl.ts';
import { sarifReporter } from './sarif.ts';
import { textReporter } from './text.ts';

/** Ask it with Object.hasOwn: a name that a user typed may be `constructor`. */
export const REPORTERS: Readonly<Record<string, Reporter>> = {
  text: textReporter,
  json: jsonReporter,
  jsonl: jsonlReporter,
  sarif: sarifReporter,
  csv: csvReporter,
};

const ON_DEMAND: Readonly<Record<string, () => Promise<Reporter>>> = {
  junit: async () => (await import('./junit.ts')).junitReporter,
  gitlab: async () => (await import('./gitlab.ts')).gitlabReporter,
  markdown: async () => (await import('./markdown.ts')).markdownReporter,
  html: async () => (await import('./html.ts')).htmlReporter,
};

/** Every format, in the order in which help lists them. */
export const FORMATS: readonly string[] = [...Object.keys(REPORTERS), ...Object.keys(ON_DEMAND)];

/** Returns the reporter of a format of FORMATS. Throws an Error for another. */
export async function loadReporter(format: string): Promise<Reporter> {
  const known = Object.hasOwn(REPORTERS, format) ? REPORTERS[format] : undefined;
  const load = Object.hasOwn(ON_DEMAND, format) ? ON_DEMAND[format] : undefined;
  const reporter = known ?? (await load?.());
  if (reporter === undefined) throw new Error(`no reporter for ${format}`);
  return reporter;
}
