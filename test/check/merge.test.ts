import { describe, expect, it } from 'vitest';
import { mergeVerdicts, type VerdictSource } from '../../src/check/verdict.ts';
import type { Verdict } from '../../src/core/contracts.ts';

const answer = { by: 'x', at: '', where: '' };
const VERDICTS: Readonly<Record<string, { verdict: Verdict; from: VerdictSource }>> = {
  live: { verdict: { state: 'live', ...answer }, from: 'store' },
  dead: { verdict: { state: 'retired', ...answer }, from: 'issuer' },
  superseded: { verdict: { state: 'superseded', ...answer, since: null }, from: 'store' },
  ended: { verdict: { state: 'retired', ...answer }, from: 'store' },
  unknown: { verdict: { state: 'unknown', why: 'timed-out' }, from: 'issuer' },
};

describe('which verdict counts', () => {
  const order = Object.values(VERDICTS);
  it('live > retired by the issuer > superseded > retired by the store > unknown, in any order', () => {
    for (const [i, better] of order.entries()) {
      for (const worse of order.slice(i + 1)) {
        expect(mergeVerdicts([better, worse])).toBe(better.verdict);
        expect(mergeVerdicts([worse, better])).toBe(better.verdict);
      }
    }
  });

  it('of unknowns the first, of nothing none', () => {
    const other: Verdict = { state: 'unknown', why: 'denied' };
    expect(mergeVerdicts([{ verdict: other, from: 'store' }, ...order.slice(4)])).toBe(other);
    expect(mergeVerdicts([])).toBe(null);
  });
});
