import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReport } from '../../src/cli/read-report.ts';
import type { Finding, Report } from '../../src/core/contracts.ts';
import { Secret } from '../../src/core/secret.ts';
import { FORMATS, loadReporter, REPORTERS } from '../../src/reports/index.ts';
import { planIdOf } from '../../src/rotate/plan.ts';
import { World } from '../rotate/world.ts';

const place = { path: 'a/é.env', line: 3, column: 2, endLine: 3, endColumn: 9, span: { start: 0, end: 0 }, url: 'https://git.example/a' };

const finding: Finding = {
  id: '0123456789abcdef0123456789abcdef',
  rule: 'x-token',
  provider: 'X',
  name: 'X token',
  severity: 'high',
  confidence: 'medium',
  entropy: 3.5,
  checksum: 'none',
  details: {},
  secret: new Secret('a value that is not to be shown'),
  preview: 'x_',
  parts: { id: { rule: 'x-id', secret: new Secret('1234'), place } },
  places: [place, { ...place, line: 9 }],
  verdict: { state: 'live', by: 'vault', at: '2025-01-01T00:00:00Z', where: 'kv/app' },
};

const plan = await new World().plan();
const planId = planIdOf(plan);

const report: Report = {
  tool: { name: 'leakwarden', version: '1.2.3' },
  started: '2025-01-01T00:00:00.000Z',
  inputs: ['.', 'b'],
  findings: [finding, { ...finding, id: 'f'.repeat(32) }],
  suppressed: [{ finding: { ...finding, verdict: { state: 'unknown', why: 'not-asked' } }, by: 'path', reason: 'samples (f:1)' }],
  problems: [
    { code: 'unreadable', where: 'p', data: { path: 'p: q', reason: 'permission denied' } },
    { code: 'interrupted', where: 'q', data: {} },
  ],
  stats: { files: 2, bytes: 10, binaryFiles: 0, candidates: 4, rules: 5, threads: 2, seconds: 0.5, regexEngine: 're2' },
  rotations: [
    { finding: finding.id, refused: 'no store\u001b[2J holds it' },
    { finding: 'f'.repeat(32), id: planId, plan },
  ],
};

const render = (format: string, of: Report): string =>
  [...(REPORTERS[format]?.render(of, { rules: new Map(), colour: false, reveal: false }) ?? [])].join('');

describe('a saved report', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string): Report {
    writeFileSync(join(folder, 'r.json'), text);
    return readReport(join(folder, 'r.json'));
  }

  it.each(FORMATS)('says the same as the report it was, in %s', async (format) => {
    const reporter = await loadReporter(format);
    const written = (of: Report): string => [...reporter.render(of, { rules: new Map(), colour: false, reveal: false })].join('');
    const again = read(render('json', report));
    expect(written(again)).toBe(written(report));
    expect(written(again).length).toBeGreaterThan(100);
  });

  it.each(['json', 'jsonl', 'text'])('keeps its plans, in %s', (format) => {
    const again = read(render('json', report));
    expect(again.rotations).toEqual(report.rotations);
    const { rotations: _, ...without } = again;
    expect([render(format, again).includes(planId.slice(0, 12)), render(format, without).includes(planId.slice(0, 12))]).toEqual([
      true,
      false,
    ]);
  });

  it('has no plans when it was made without', () => {
    const { rotations: _, ...without } = report;
    expect(read(render('json', without))).not.toHaveProperty('rotations');
  });

  const withPlans = (rotations: unknown): string => JSON.stringify({ ...JSON.parse(render('json', report)), rotations });
  const deep = `{"finding":"f","id":"${planId}","plan":${JSON.stringify(plan).slice(0, -1)},"also":${'['.repeat(300_000)}${']'.repeat(300_000)}}}`;

  it.each([
    ['', 'it is not JSON'],
    ['[]', 'its schema is not leakwarden/report@1'],
    ['{"schema":"other"}', 'its schema is not leakwarden/report@1'],
    ['{"schema":"leakwarden/report@1"}', 'tool is no object'],
    [render('json', report).replace('"high"', '"huge"'), 'severity is none of critical, high, medium, low'],
    [render('json', report).replace('"unreadable"', '"constructor"'), 'it has a problem of unknown code constructor'],
    [render('json', report).replaceAll('"places": [', '"places": [1,'), 'an entry of places is no object'],
    [withPlans({}), 'rotations is no list'],
    [withPlans([1]), 'an entry of rotations is no object'],
    [withPlans([{ finding: 'f' }]), 'id is no text'],
    [withPlans([{ finding: 'f', refused: 1 }]), 'refused is no text'],
    [
      withPlans([{ finding: 'f', id: planId, plan: { ...plan, also: 'x' } }]),
      'a plan of rotations cannot be read: it holds what no plan holds',
    ],
    [withPlans([]).replace('"rotations":[]', `"rotations":[${deep}]`), 'a plan of rotations cannot be read: it holds what no plan holds'],
    [withPlans([{ finding: 'f', id: `${planId}\u001b`, plan }]), 'the id of a plan of rotations is not that of the plan'],
    [withPlans([{ finding: 'f', id: planId, plan: { ...plan, approvals: 2 } }]), 'the id of a plan of rotations is not that of the plan'],
    [withPlans(Array(1001).fill({ finding: 'f', refused: '' })), 'rotations has more than 1000 entries'],
  ])('%#: is refused when it is none', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });
});
