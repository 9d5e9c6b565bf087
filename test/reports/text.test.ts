/** text: what a person must find in it. The layout itself is in the snapshots of contract.test.ts. */
import { describe, expect, it } from 'vitest';
import type { RenderOptions, Report } from '../../src/core/contracts.ts';
import { size } from '../../src/reports/amounts.ts';
import { textReporter } from '../../src/reports/text.ts';
import { CLEAN_REPORT, PLAIN, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

const render = (report: Report, options: RenderOptions = SMALL_OPTIONS): string => [...textReporter.render(report, options)].join('');

describe('text', () => {
  it('puts the gravest rule first', () => {
    const text = render(SMALL_REPORT);
    const at = ['Example token', 'Example secret key', 'Password in an assignment'].map((name) => text.indexOf(name));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at[0]).toBeGreaterThan(-1);
  });

  it('shows ten places and counts the rest', () => {
    const text = render(SMALL_REPORT);
    expect(text).toContain('test/case-10.py:10:5');
    expect(text).not.toContain('test/case-11.py');
    expect(text).toContain('and 3 more\n');
  });

  it('ends with one line of totals', () => {
    const last = render(SMALL_REPORT).trimEnd().split('\n').at(-1);
    expect(last).toBe(
      '3 findings (1 critical, 1 high, 1 medium) in 1,204 files, 12.4 MB, 0.31 s, 7 binary files not scanned; incomplete: 3 problems',
    );
  });

  it('says that a clean run is clean', () => {
    expect(render({ ...CLEAN_REPORT, stats: { ...CLEAN_REPORT.stats, files: 1, bytes: 12, binaryFiles: 0 } })).toBe(
      'no findings in 1 file, 12 bytes, 0.31 s\n',
    );
  });

  it('says where to rotate, and what to do where nobody knows a page', () => {
    const text = render(SMALL_REPORT);
    expect(text).toContain('whoever can read the code has it: rotate it at https://example.com/settings/tokens\n');
    expect(text).toContain('whoever can read the code has it: change it where it was issued');
  });

  it('asks for haste when a secret works', () => {
    const findings = SMALL_REPORT.findings.map((finding) => ({
      ...finding,
      verdict: { state: 'live', by: 'vault', at: '2001-02-03T04:05:06Z', where: 'kv/app' } as const,
    }));
    expect(render({ ...SMALL_REPORT, findings })).toContain('it works today: rotate it at https://example.com/settings/tokens');
  });

  it('uses colours only when it may', () => {
    expect(render(SMALL_REPORT)).not.toContain('\u001b[');
    expect(render(SMALL_REPORT, { ...PLAIN, colour: true })).toContain('\u001b[');
  });

  it('shows at most ten problems of a kind, and its hint once', () => {
    const problems = Array.from(
      { length: 30 },
      (_, index) => ({ code: 'unreadable', where: `f${index}`, data: { path: `f${index}`, reason: 'no' } }) as const,
    );
    const text = render({ ...SMALL_REPORT, problems });
    expect(text.match(/^problem:/gm)).toHaveLength(10);
    expect(text.match(/hint:/g)).toHaveLength(1);
    expect(text).toContain('and 20 more');
  });
});

describe('size', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [12_431_000, '12.4 MB'],
    [3e15, '3000.0 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});
