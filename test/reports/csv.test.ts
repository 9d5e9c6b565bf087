/** csv: rows that any reader takes apart the same way, and no cell that a spreadsheet would run. */
import { describe, expect, it } from 'vitest';
import type { RenderOptions, Report } from '../../src/core/contracts.ts';
import { csvReporter } from '../../src/reports/csv.ts';
import { PLAIN, RANDOM_REPORTS, type RandomReport, SMALL_REPORT } from './sample-report.ts';

const render = (report: Report, options: RenderOptions = PLAIN): string => [...csvReporter.render(report, options)].join('');

/** A reader of RFC 4180, written apart from the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new Error('not RFC 4180');
    row.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe('csv', () => {
  it('has a header and a row for each place', () => {
    const [header, ...rows] = parseCsv(render(SMALL_REPORT));
    expect(header?.slice(0, 3)).toEqual(['id', 'rule', 'name']);
    expect(rows).toHaveLength(13 + 3 + 1);
  });

  it('gives every row as many cells as the header, and no cell that is a formula', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      const [header, ...rows] = parseCsv(render(report));
      expect(rows).toHaveLength(report.findings.reduce((sum, finding) => sum + finding.places.length, 0));
      for (const row of rows) {
        expect(row).toHaveLength(header?.length ?? 0);
        for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@\t\r]/);
      }
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('puts a quote before a path that begins like a formula', () => {
    const [first] = SMALL_REPORT.findings;
    const [place] = first?.places ?? [];
    if (first === undefined || place === undefined) throw new Error('the sample has findings');
    const report = { ...SMALL_REPORT, findings: [{ ...first, places: [{ ...place, path: '=cmd,x' }] }] };
    expect(parseCsv(render(report))[1]?.[11]).toBe("'=cmd,x");
  });

  it('keeps a value of several lines whole when it is revealed', () => {
    const check = ({ report, values }: RandomReport): void => {
      const rows = parseCsv(render(report, { ...PLAIN, reveal: true })).slice(1);
      for (const row of rows) expect(values).toContain(row.at(-1));
    };
    RANDOM_REPORTS.forEach(check);
  });
});
