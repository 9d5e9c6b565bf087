/** gitlab: what GitLab's schema of secret detection (version 15) asks for, and what its Markdown must not make of hostile text. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/contracts.ts';
import { gitlabReporter } from '../../src/reports/gitlab.ts';
import { AUDIT_REPORT, CLEAN_REPORT, PLAIN, RANDOM_REPORTS, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

type Vulnerability = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly severity: string;
  readonly solution: string;
  readonly identifiers: readonly { type: string; name: string; value: string; url?: string }[];
  readonly links?: readonly { url: string }[];
  readonly location: { file: string; start_line: number; end_line: number; commit: { sha: string; author?: string } };
};
type Written = {
  readonly version: string;
  readonly scan: { status: string; type: string; start_time: string; end_time: string; messages: { level: string; value: string }[] };
  readonly vulnerabilities: readonly Vulnerability[];
};

const write = (report: Report, options = SMALL_OPTIONS): Written => JSON.parse([...gitlabReporter.render(report, options)].join(''));

describe('gitlab', () => {
  it('holds what the schema requires, within its limits, for every report', () => {
    for (const { report } of [...RANDOM_REPORTS, { report: SMALL_REPORT }, { report: AUDIT_REPORT }, { report: CLEAN_REPORT }]) {
      const { version, scan, vulnerabilities } = write(report);
      expect(version).toMatch(/^15\.\d+\.\d+$/);
      expect(scan.type).toBe('secret_detection');
      for (const time of [scan.start_time, scan.end_time]) expect(time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
      for (const { level, value } of scan.messages) expect([level, value.length > 0]).toEqual(['warn', true]);
      for (const one of vulnerabilities) {
        expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
        expect([one.name.length <= 255, one.solution.length <= 7000, one.description.length <= 1_048_576]).toEqual([true, true, true]);
        expect(['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical']).toContain(one.severity);
        for (const { type, name, value, url = 'https://x' } of one.identifiers) {
          expect([type, name, value].every((text) => text !== '')).toBe(true);
          expect(url).toMatch(/^https?:\/\/./);
        }
        for (const { url } of one.links ?? []) expect(url).toMatch(/^https?:\/\/./);
        expect(one.location.commit.sha).toMatch(/^[0-9a-f]{7,64}$/);
        expect(one).not.toHaveProperty('raw_source_code_extract');
      }
    }
  });

  it('has an entry for each file of a finding, with an id that stays when the secret moves within it', () => {
    const { vulnerabilities } = write(SMALL_REPORT);
    expect(vulnerabilities).toHaveLength(13 + 2 + 1);
    expect(new Set(vulnerabilities.map(({ id }) => id)).size).toBe(16);
    const moved = SMALL_REPORT.findings.map((finding) => ({
      ...finding,
      places: finding.places.map((place) => ({ ...place, line: place.line + 7 })),
    }));
    expect(write({ ...SMALL_REPORT, findings: moved }).vulnerabilities.map(({ id }) => id)).toEqual(vulnerabilities.map(({ id }) => id));
  });

  it('fails only where nothing was found and something could not be read', () => {
    const statusOf = (report: Report): string => write(report).scan.status;
    expect(statusOf(CLEAN_REPORT)).toBe('success');
    expect(statusOf(SMALL_REPORT)).toBe('success');
    expect(statusOf({ ...CLEAN_REPORT, problems: SMALL_REPORT.problems })).toBe('failure');
  });

  it('names the commit of a place, and the author of the first one alone', () => {
    const [old, moved] = write(AUDIT_REPORT).vulnerabilities;
    expect(old?.location.commit).toEqual({ sha: '1a'.repeat(20), author: 'Ada', date: '2001-01-01T10:00:00Z' });
    expect(moved?.location.commit).toEqual({ sha: '2b'.repeat(20) });
    expect(write(SMALL_REPORT).vulnerabilities[0]?.location.commit.sha).toBe('0000000');
  });

  it('gives links to the web alone', () => {
    const rules = new Map(
      [...SMALL_OPTIONS.rules].map(([id, help]) => [id, { ...help, guide: 'javascript:alert(1)', references: ['http://a b', 'ftp'] }]),
    );
    expect(write(SMALL_REPORT, { ...PLAIN, rules }).vulnerabilities.flatMap(({ links = [] }) => links)).toEqual([]);
  });
});
