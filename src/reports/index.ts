/** The registry of report formats: name on the command line → reporter. A new format is one file and one line here; the contract suite covers it. */
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
