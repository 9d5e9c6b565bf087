/** What every report format keeps to, whatever the report holds. Runs over the registry, so a new format is covered at once. */
import { describe, expect, it } from 'vitest';
import type { RenderOptions, Report } from '../../src/core/contracts.ts';
import { FORMATS, loadReporter, REPORTERS } from '../../src/reports/index.ts';
import { AUDIT_REPORT, CLEAN_REPORT, PLAIN, RANDOM_REPORTS, type RandomReport, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

const EXTENSION: Readonly<Record<string, string>> = { text: 'txt', junit: 'xml', gitlab: 'gitlab.json', markdown: 'md' };
const ALL = await Promise.all(FORMATS.map(async (format) => [format, await loadReporter(format)] as const));

describe.each(ALL)('%s', (name, reporter) => {
  const render = (report: Report, options: RenderOptions = PLAIN): string => [...reporter.render(report, options)].join('');

  it('is registered under its own name', () => {
    expect(reporter.format).toBe(name);
  });

  it('writes the small report as reviewed', async () => {
    await expect(render(SMALL_REPORT, SMALL_OPTIONS)).toMatchFileSnapshot(`snapshots/small.${EXTENSION[name] ?? name}`);
  });

  it('writes a clean report as reviewed', async () => {
    await expect(render(CLEAN_REPORT)).toMatchFileSnapshot(`snapshots/clean.${EXTENSION[name] ?? name}`);
  });

  it('writes the report of an audit as reviewed', async () => {
    await expect(render(AUDIT_REPORT, SMALL_OPTIONS)).toMatchFileSnapshot(`snapshots/audit.${EXTENSION[name] ?? name}`);
  });

  it('gives the same text for the same report, and leaves the report alone', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      const before = JSON.stringify(report);
      expect(render(report)).toBe(render(report));
      expect(JSON.stringify(report)).toBe(before);
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('holds no secret, in any writing, not even a piece of one', () => {
    const check = ({ report, values }: RandomReport): void => {
      const text = render(report, SMALL_OPTIONS);
      const leaked = values.flatMap(writingsOf).filter((writing) => text.includes(writing));
      expect(leaked).toEqual([]);
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('never writes the redacted form of a secret, which differs from run to run', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      expect(render(report)).not.toMatch(/‹secret/);
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('holds nothing that a terminal obeys', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      const text = render(report, SMALL_OPTIONS).replaceAll(name === 'csv' ? '\r\n' : '\n', '');
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('is UTF-8 in every piece', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      for (const piece of reporter.render(report, PLAIN)) expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('is written piece by piece, so that a large report need not fit in memory as text', () => {
    const [first] = SMALL_REPORT.findings;
    const many = { ...SMALL_REPORT, findings: Array.from({ length: 2000 }, () => first).filter((finding) => finding !== undefined) };
    const pieces = [...reporter.render(many, PLAIN)];
    expect(pieces.length).toBeGreaterThan(2000);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(20_000);
  });
});

/** The value whole and in pieces of ten characters, as it is, in JSON, in an address, and with line breaks made visible. */
function writingsOf(value: string): string[] {
  const pieces = [value];
  for (let start = 0; start + 10 <= value.length; start += 1) pieces.push(value.slice(start, start + 10));
  return pieces.flatMap((piece) => [
    piece,
    JSON.stringify(piece).slice(1, -1),
    encodeURIComponent(piece),
    piece.replaceAll('\n', '\\u{a}'),
  ]);
}

describe('reveal', () => {
  const reveal: RenderOptions = { ...SMALL_OPTIONS, reveal: true };
  const render = (format: string): string => [...(REPORTERS[format]?.render(SMALL_REPORT, reveal) ?? [])].join('');

  it.each(['text', 'json', 'jsonl', 'csv'])('puts values into %s', (format) => {
    expect(render(format)).toContain('swordfish');
    expect(render(format)).toContain('q7'.repeat(20));
  });

  it.each(['sarif', 'junit', 'gitlab', 'markdown', 'html'])('puts none into %s, which is made to be passed on', async (format) => {
    const text = [...(await loadReporter(format)).render(SMALL_REPORT, reveal)].join('');
    expect(text).not.toContain('swordfish');
    expect(text).not.toContain('q7'.repeat(20));
  });

  it('knows no format by a name that every object has', async () => {
    await expect(loadReporter('constructor')).rejects.toThrow('no reporter for constructor');
  });
});
