/** sarif: the schema, what GitHub reads, and addresses that lead back to the path. test/tools/sarif-validate.mjs adds Microsoft's validator. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Log, Result, Run } from 'sarif';
import { describe, expect, it } from 'vitest';
import type { RenderOptions, Report } from '../../src/core/contracts.ts';
import { sarifReporter } from '../../src/reports/sarif.ts';
import { CLEAN_REPORT, PLAIN, RANDOM_REPORTS, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../fixtures/schemas/sarif-2.1.0.json', import.meta.url)), 'utf8'));
const isValid = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

function parse(report: Report, options: RenderOptions = SMALL_OPTIONS): Run {
  const log: Log = JSON.parse([...sarifReporter.render(report, options)].join(''));
  const [run] = log.runs;
  if (run === undefined) throw new Error('a log has one run');
  return run;
}

function results(report: Report): readonly Result[] {
  return parse(report).results ?? [];
}

describe('sarif', () => {
  it('is valid against the schema of SARIF 2.1.0', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      for (const options of [PLAIN, SMALL_OPTIONS]) {
        isValid(JSON.parse([...sarifReporter.render(report, options)].join('')));
        expect(isValid.errors ?? []).toEqual([]);
      }
    };
    check({ report: SMALL_REPORT });
    check({ report: CLEAN_REPORT });
    RANDOM_REPORTS.forEach(check);
  });

  it('would notice a fault against the schema', () => {
    expect(isValid({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });

  it('has a result for each file of a finding, all of them under one id', () => {
    const token = results(SMALL_REPORT).filter((result) => result.properties?.['finding'] === '11112222333344445555666677778888');
    const uris = token.map((result) => result.locations?.map((location) => location.physicalLocation?.artifactLocation?.uri));
    expect(uris).toEqual([['src/config.ts', 'src/config.ts'], ['docs/set%20up.md'], ['test/a.ts']]);
    expect(new Set(token.map((result) => result.partialFingerprints?.['leakwarden/v1'])).size).toBe(3);
  });

  it('keeps the fingerprint when a secret moves within its file', () => {
    const moved = SMALL_REPORT.findings.map((finding) => ({
      ...finding,
      places: finding.places.map((place) => ({ ...place, line: place.line + 7 })),
    }));
    const prints = (report: Report): unknown[] => results(report).map((result) => result.partialFingerprints);
    expect(prints({ ...SMALL_REPORT, findings: moved })).toEqual(prints(SMALL_REPORT));
  });

  it('gives GitHub what it sorts and shows rules by', () => {
    const rules = parse(SMALL_REPORT).tool.driver.rules ?? [];
    expect(rules.map((rule) => rule.id)).toEqual(['example-secret-key', 'example-token', 'generic-password']);
    for (const rule of rules) {
      expect(rule.help?.markdown).toContain('## What to do');
      expect(rule.fullDescription?.text).toMatch(/\.$/);
      expect(Number(rule.properties?.['security-severity'])).toBeGreaterThan(0);
      expect(['high', 'medium', 'low']).toContain(rule.properties?.['precision']);
      expect(rule.helpUri).toMatch(/^https:/);
    }
  });

  it('refers to the right rule by index', () => {
    const run = parse(SMALL_REPORT);
    for (const result of run.results ?? []) expect(run.tool.driver.rules?.[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
  });

  it('writes addresses that are relative, encoded, and lead back to the path', () => {
    const check = ({ report }: { readonly report: Report }): void => {
      const paths = new Set(report.findings.flatMap((finding) => finding.places.map((place) => place.path)));
      const uris = results({ ...report, suppressed: [] }).map(
        (result) => result.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '',
      );
      for (const uri of uris) {
        expect(uri).toMatch(/^(?:[0-9A-Za-z._~/-]|%[0-9A-F]{2})*$|^file:\/\//);
        const path = decodeURIComponent(uri.replace(/^file:\/\/(?:\/(?=[A-Za-z]:))?/, ''));
        if (!path.includes('‹redacted›')) expect(paths).toContain(path);
      }
    };
    RANDOM_REPORTS.forEach(check);
  });

  it('says in the source or outside of it why a finding is suppressed', () => {
    const suppressions = results(SMALL_REPORT).flatMap((result) => result.suppressions ?? []);
    expect(suppressions).toEqual([
      { kind: 'inSource', status: 'accepted', justification: 'allow-comment: test double.' },
      { kind: 'external', status: 'accepted', justification: 'baseline: ‹redacted› is known, see ticket 12.' },
    ]);
  });

  it('points to the parts of a credential', () => {
    const [pair] = results(SMALL_REPORT).filter((result) => result.ruleId === 'example-secret-key');
    expect(pair?.relatedLocations?.map((location) => location.message?.text)).toEqual(['Its id (example-key-id).']);
  });

  it('tells that the scan was incomplete', () => {
    const [invocation] = parse(SMALL_REPORT).invocations ?? [];
    expect(invocation?.executionSuccessful).toBe(false);
    expect(invocation?.toolExecutionNotifications?.map((notification) => notification.descriptor?.id)).toEqual([
      'unreadable',
      'unreadable',
      'not-a-file',
    ]);
    expect(parse(CLEAN_REPORT).invocations?.[0]?.executionSuccessful).toBe(true);
  });

  it('keeps to what GitHub takes, the gravest first, and says what was left out', () => {
    const [password, token] = SMALL_REPORT.findings;
    const [place] = password?.places ?? [];
    if (password === undefined || token === undefined || place === undefined) throw new Error('the sample has findings');
    const places = Array.from({ length: 25_001 }, (_, index) => ({ ...place, path: `f${index}` }));
    const run = parse({ ...SMALL_REPORT, findings: [{ ...password, places }, token], suppressed: [], problems: [] });
    expect(run.results).toHaveLength(25_000);
    expect(run.results?.[0]?.ruleId).toBe('example-token');
    expect(run.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toContain('3 results left out');
  });
});
