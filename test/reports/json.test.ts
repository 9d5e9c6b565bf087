/** json and jsonl: the fields that scripts depend on. */
import { describe, expect, it } from 'vitest';
import type { RenderOptions, Report } from '../../src/core/contracts.ts';
import { jsonReporter } from '../../src/reports/json.ts';
import { jsonlReporter } from '../../src/reports/jsonl.ts';
import { PLAIN, RANDOM_REPORTS, type RandomReport, SMALL_REPORT } from './sample-report.ts';

const parseJson = (report: Report, options: RenderOptions = PLAIN) => JSON.parse([...jsonReporter.render(report, options)].join(''));

const parseLines = (report: Report, options: RenderOptions = PLAIN) =>
  [...jsonlReporter.render(report, options)]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('json', () => {
  it('has the members of leakwarden/report@1, in order', () => {
    const report = parseJson(SMALL_REPORT);
    expect(Object.keys(report)).toEqual(['schema', 'tool', 'started', 'inputs', 'findings', 'suppressed', 'problems', 'stats']);
    expect(report.schema).toBe('leakwarden/report@1');
    expect(report.stats).toEqual(SMALL_REPORT.stats);
  });

  it('writes a finding without its value', () => {
    const [, token] = parseJson(SMALL_REPORT).findings;
    expect(token.secret).toEqual({ preview: 'exa_', length: 40 });
    expect(token.places[0]).toEqual({ path: 'src/config.ts', line: 12, column: 18, endLine: 12, endColumn: 58 });
    expect(token.verdict).toEqual({ state: 'unknown', why: 'not-asked' });
  });

  it('writes values of secrets and parts when they are revealed', () => {
    const [, , pair] = parseJson(SMALL_REPORT, { ...PLAIN, reveal: true }).findings;
    expect(pair.secret.value).toBe('q7'.repeat(20));
    expect(pair.parts.id.secret).toEqual({ preview: '', length: 20, value: 'EXAID'.repeat(4) });
  });

  it('says of a problem what, where and what to do', () => {
    const [first] = parseJson(SMALL_REPORT).problems;
    expect(first).toEqual({
      code: 'unreadable',
      message: 'cannot read etc/shadow: permission denied',
      hint: 'check its permissions; nothing in it was scanned',
      where: 'etc/shadow',
      data: { path: 'etc/shadow', reason: 'permission denied' },
    });
  });

  it('masks a secret in the reason of its suppression', () => {
    const [, baseline] = parseJson(SMALL_REPORT).suppressed;
    expect(baseline.reason).toBe('‹redacted› is known, see ticket 12');
  });

  it('keeps every path exactly, whatever it holds, unless it holds the secret', () => {
    const check = ({ report, values }: RandomReport): void => {
      const kept = (path: string): boolean => !values.some((value) => path.includes(value));
      const expected = report.findings.flatMap((finding) => finding.places.map((place) => place.path)).filter(kept);
      const written = parseJson(report).findings.flatMap((finding: { places: { path: string }[] }) =>
        finding.places.map((place) => place.path),
      );
      expect(written.filter((path: string) => !path.includes('‹redacted›'))).toEqual(expected);
    };
    RANDOM_REPORTS.forEach(check);
  });
});

describe('jsonl', () => {
  it('writes a line for each finding and then one with the rest', () => {
    const lines = parseLines(SMALL_REPORT);
    expect(lines.map((line) => line.type)).toEqual(['finding', 'finding', 'finding', 'summary']);
  });

  it('says the same as json', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      const lines = parseLines(report);
      const { type: _type, ...summary } = lines.pop();
      const findings = lines.map(({ type: _kind, ...finding }) => finding);
      expect({ ...summary, findings }).toEqual(parseJson(report));
    };
    RANDOM_REPORTS.forEach(check);
  });
});
