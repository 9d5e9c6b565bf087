/** The json report: one document, schema `leakwarden/report@1` (docs/reports.md), written finding by finding. */
import type { RenderOptions, Report, Reporter } from '../core/contracts.ts';
import { findingFields, headFields, problemFields, suppressedFields } from './fields.ts';
import { jsonArray, toJson } from './json-text.ts';

export const jsonReporter: Reporter = { format: 'json', render: renderJson };

function* renderJson(report: Report, options: RenderOptions): Iterable<string> {
  const head = Object.entries(headFields(report)).map(([key, value]) => `  "${key}": ${toJson(value).replaceAll('\n', '\n  ')},\n`);
  yield `{\n${head.join('')}  "findings": `;
  yield* jsonArray(
    mapped(report.findings, (finding) => findingFields(finding, options.reveal)),
    2,
  );
  yield ',\n  "suppressed": ';
  yield* jsonArray(
    mapped(report.suppressed, (suppressed) => suppressedFields(suppressed, options.reveal)),
    2,
  );
  yield ',\n  "problems": ';
  yield* jsonArray(mapped(report.problems, problemFields), 2);
  yield `,\n  "stats": ${toJson(report.stats).replaceAll('\n', '\n  ')}\n}\n`;
}

/** Like `map`, one at a time: a report may hold more than fits in memory twice. */
function* mapped<From, To>(values: Iterable<From>, change: (value: From) => To): Iterable<To> {
  for (const value of values) yield change(value);
}
