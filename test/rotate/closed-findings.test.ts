/** Findings that were closed: what later reports say of them, and when they are open again. */
import { describe, expect, it } from 'vitest';
import type { Finding, Verdict } from '../../src/core/contracts.ts';
import { type ClosedFinding, judgeByClosed, readClosed, withClosed, writeClosed } from '../../src/rotate/closed-findings.ts';

const now = new Date('2026-03-02T00:00:00Z');
const closed: ClosedFinding = {
  finding: '1'.repeat(32),
  rule: 'generic-password',
  plan: 'a'.repeat(64),
  by: 'postgresql:app@db.example',
  where: 'secret/app/db#password',
  deadSince: '2026-03-01T12:00:00Z',
  closedAt: '2026-03-01T12:01:00Z',
  exposure: { from: '2026-01-01T00:00:00Z', until: '2026-03-01T12:00:00Z' },
  refusedAt: ['2026-03-01T12:00:00Z'],
  newWorks: true,
  paths: ['deploy/prod.env'],
};

const found = (verdict: Verdict, path = 'deploy/prod.env'): Finding =>
  ({ id: closed.finding, verdict, places: [{ path }] }) as unknown as Finding;
const live = (at: string): Verdict => ({ state: 'live', by: 'vault', at, where: 'secret/app/db', version: '3' });
const notAsked: Verdict = { state: 'unknown', why: 'not-asked' };
const judged = (finding: Finding, known = [closed]) => judgeByClosed([finding], known, now);

describe('a closed finding', () => {
  it.each([
    ['nobody was asked', notAsked],
    ['a store was read before it was closed', live('2026-03-01T11:59:00Z')],
    ['its store calls it superseded', { state: 'superseded', by: 'vault', at: '2026-03-01T13:00:00Z', where: 'x', since: null }],
  ] as const)('is retired, with the time of its exposure, where %s', (_what, verdict) => {
    const { findings, reopened } = judged(found(verdict));
    expect(findings[0]?.verdict).toMatchObject({ state: 'retired', by: closed.by, since: closed.deadSince, exposure: closed.exposure });
    expect(reopened).toEqual([]);
  });

  it('opens again when the value works after that', () => {
    const { findings, closed: next, reopened } = judged(found(live('2026-03-01T13:00:00Z')));
    expect(findings[0]?.verdict.state).toBe('live');
    expect(reopened[0]?.reopened).toEqual({ at: now.toISOString(), because: 'it works again, says vault' });
    // And stays open.
    expect(judged(found(notAsked), [...next]).findings[0]?.verdict).toEqual(notAsked);
    expect(judged(found(notAsked), [...next]).reopened).toEqual([]);
  });

  it('opens again when the value appears elsewhere', () => {
    expect(judged(found(notAsked, 'src/config.ts')).reopened[0]?.reopened?.because).toBe('it appeared in src/config.ts');
  });

  it('knows its place from any folder', () => {
    for (const path of ['../api/deploy/prod.env', 'prod.env'])
      expect([path, judged(found(notAsked, path), [{ ...closed, paths: ['deploy/prod.env'] }]).reopened.length]).toEqual([path, 0]);
    expect(judged(found(notAsked, 'other-prod.env')).reopened.length).toBe(1);
  });

  it('is one entry, the last one', () => {
    expect(withClosed([closed], { ...closed, plan: 'b'.repeat(64) }).map(({ plan }) => plan)).toEqual(['b'.repeat(64)]);
  });

  it('survives the disk, and nothing else is taken for it', () => {
    expect(readClosed(writeClosed([closed]))).toEqual([closed]);
    for (const text of [
      '',
      '[]',
      '{"schema":"x","closed":[]}',
      JSON.stringify({ schema: 'leakwarden/closed-findings@1', closed: [{ ...closed, refusedAt: 3 }] }),
    ])
      expect(readClosed(text)).toBe(null);
  });
});
