/** The jsonl report: a line for each finding with the fields of the json report, then one line with all the rest (docs/reports.md). */
import type { RenderOptions, Report, Reporter } from '../core/contracts.ts';
import { findingFields, headFields, problemFields, suppressedFields } from './fields.ts';
import { toJson } from './json-text.ts';

export const jsonlReporter: Reporter = { format: 'jsonl', render: renderJsonl };

function* renderJsonl(report: Report, options: RenderOptions): Iterable<string> {
  for (const finding of report.findings) {
    yield `${toJson({ type: 'finding', ...findingFields(finding, options.reveal) }, true)}\n`;
  }
  const summary = {
    type: 'summary',
    ...headFields(report),
    suppressed: report.suppressed.map((suppressed) => suppressedFields(suppressed, options.reveal)),
    problems: report.problems.map(problemFields),
    stats: report.stats,
  };
  yield `${toJson(summary, true)}\n`;
}
