/** Who asks issuers keeps to bounds: each value once, a number for each host, a pace, a time, and no further questions to who does not answer. */
import { describe, expect, it } from 'vitest';
import { type Askable, MOST_ASKED_OF_HOST, PacedAsker } from '../../src/check/ask-issuers.ts';
import { withIssuer } from '../../src/check/verdict.ts';
import type { Finding, Verdict } from '../../src/core/contracts.ts';
import type { IssuerAnswer } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { verdictWords } from '../../src/reports/verdict-words.ts';

const signal = new AbortController().signal;
const LIVE: IssuerAnswer = { state: 'accepted', identity: 'alice' };

function finding(id: number, value: string, others: Partial<Finding> = {}): Finding {
  return {
    id: String(id),
    rule: 'acme-key',
    name: 'Acme key',
    provider: 'Acme',
    severity: 'high',
    confidence: 'high',
    entropy: 4,
    checksum: 'none',
    details: {},
    secret: new Secret(value),
    preview: '',
    parts: {},
    places: [],
    verdict: { state: 'unknown', why: 'not-asked' },
    ...others,
  };
}

/** An asker whose issuer answers by a function; `sent` are the values in order. */
function open(answer: (count: number) => IssuerAnswer | Promise<IssuerAnswer>, others: Partial<Askable> = {}) {
  const announced: string[] = [];
  const pauses: number[] = [];
  let sent = 0;
  const askable: Askable = {
    by: 'Acme',
    hosts: ['api.acme.example'],
    detail: null,
    question: 'acme',
    check: async () => answer(++sent),
    where: () => 'api.acme.example',
    ...others,
  };
  const asker = new PacedAsker({
    findIssuer: ({ rule }) => (rule === 'unknown-key' ? null : askable),
    announce: (counts) => announced.push(...Array.from(counts, ([host, count]) => `${count} to ${host}`)),
    now: () => new Date('2026-03-01T12:00:00Z'),
    sleep: async (ms) => void pauses.push(ms),
  });
  return { asker, announced, pauses, sent: () => sent };
}

const many = (count: number): Finding[] => Array.from({ length: count }, (_, index) => finding(index, `value-${index}`));

describe('PacedAsker', () => {
  it('asks each value once, and says first where how many go', async () => {
    const { asker, announced, pauses, sent } = open(() => LIVE);
    const { verdicts, problems } = await asker.ask([finding(1, 'a'), finding(2, 'a'), finding(3, 'b')], signal);
    expect([sent(), announced, pauses.length, problems]).toEqual([2, ['2 to api.acme.example'], 1, []]);
    const live = { state: 'live', by: 'Acme', at: '2026-03-01T12:00:00.000Z', where: 'api.acme.example', identity: 'alice' };
    expect([...verdicts]).toEqual(['1', '2', '3'].map((id) => [id, live]));
  });

  it('asks nobody about what is hardly a secret, and says what nobody can check', async () => {
    const { asker, announced, sent } = open(() => LIVE);
    const { verdicts } = await asker.ask([finding(1, 'a', { confidence: 'low' }), finding(2, 'b', { rule: 'unknown-key' })], signal);
    expect([sent(), announced, [...verdicts]]).toEqual([0, [], [['2', { state: 'unknown', why: 'no-checker' }]]]);
  });

  it('asks nobody while something is missing, and says what', async () => {
    const { asker, announced, sent } = open(() => LIVE, { hosts: [], detail: 'host is not named by you' });
    const { verdicts } = await asker.ask([finding(1, 'a')], signal);
    expect([sent(), announced]).toEqual([0, []]);
    expect(verdictWords(verdicts.get('1') ?? LIVE_VERDICT)).toBe('not known whether live: Acme was not asked (host is not named by you)');
  });

  it('says what the issuer said of a refusal that proves nothing, before what is known of the question', async () => {
    const { asker } = open(() => ({ state: 'unknown', why: 'denied', detail: 'the clock' }), { detail: 'another installation' });
    const { verdicts } = await asker.ask([finding(1, 'a')], signal);
    expect(verdicts.get('1')).toEqual({ state: 'unknown', why: 'denied', by: 'Acme', detail: 'the clock' });
  });

  it('asks the gravest first, and no more of one host than its number', async () => {
    const all = [...many(MOST_ASKED_OF_HOST + 5), finding(999, 'grave', { severity: 'critical' })];
    const { asker, sent, announced } = open(() => LIVE);
    const { verdicts, problems } = await asker.ask(all, signal);
    expect([sent(), announced]).toEqual([MOST_ASKED_OF_HOST, [`${MOST_ASKED_OF_HOST} to api.acme.example`]]);
    expect(verdicts.get('999')?.state).toBe('live');
    expect([...verdicts.values()].filter(({ state }) => state === 'unknown')).toHaveLength(6);
    expect(problems.map(({ code, data }) => [code, data['count']])).toEqual([['issuer-unanswered', 6]]);
  });

  it.each<[IssuerAnswer & { readonly state: 'unknown' }, number]>([
    [{ state: 'unknown', why: 'rate-limited' }, 1],
    [{ state: 'unknown', why: 'unreachable' }, 3],
    [{ state: 'unknown', why: 'timed-out' }, 3],
    [{ state: 'unknown', why: 'odd-reply' }, 10],
    [{ state: 'unknown', why: 'denied' }, 10],
  ])('stops where it is not answered: %o', async (answer, questions) => {
    const { asker, sent } = open(() => answer);
    const { verdicts, problems } = await asker.ask(many(10), signal);
    expect(sent()).toBe(questions);
    expect([...verdicts.values()].map((verdict) => (verdict.state === 'unknown' ? verdict.why : ''))).toEqual(Array(10).fill(answer.why));
    expect(problems.map(({ where }) => where)).toEqual(questions === 10 ? [] : ['api.acme.example']);
  });

  it('says nothing of what was not asked when it is interrupted', async () => {
    const stop = new AbortController();
    const { asker, sent } = open((count) => {
      if (count === 2) stop.abort();
      return LIVE;
    });
    const { verdicts } = await asker.ask(many(5), stop.signal);
    expect([sent(), [...verdicts.keys()]]).toEqual([2, ['0']]);
  });
});

const answer = { by: 'x', at: '', where: 'somewhere' };
const LIVE_VERDICT: Verdict = { state: 'live', ...answer };
const DEAD: Verdict = { state: 'retired', by: 'Acme', at: '', where: 'api.acme.example' };
const OLD: Verdict = { state: 'superseded', by: 'vault', at: '', where: 'secret/app', version: '3', since: null };
const NOBODY: Verdict = { state: 'unknown', why: 'not-asked' };
const ASIDE: Verdict = { state: 'unknown', why: 'not-in-store', by: 'vault' };
const LATE: Verdict = { state: 'unknown', why: 'timed-out', by: 'Acme' };
const UNABLE: Verdict = { state: 'unknown', why: 'no-checker' };

describe('the word of an issuer beside that of a store', () => {
  it('is nothing where it was not asked', () => expect(withIssuer(OLD, undefined)).toBe(OLD));

  it('live wins, whoever says it', () => {
    expect(withIssuer(OLD, { ...LIVE_VERDICT, by: 'Acme' })).toEqual({
      ...LIVE_VERDICT,
      by: 'Acme',
      also: ['secret/app (version 3), superseded there'],
    });
    const stored = withIssuer(LIVE_VERDICT, DEAD);
    expect(stored).toEqual({ ...LIVE_VERDICT, refusedBy: 'Acme' });
    expect(verdictWords(stored)).toBe('live: somewhere, says x, though Acme refuses it');
    expect(withIssuer(LIVE_VERDICT, { ...LIVE_VERDICT, by: 'Acme', identity: 'alice' })).toEqual({ ...LIVE_VERDICT, identity: 'alice' });
  });

  it('a refusal proves more than a newer version', () => {
    expect(withIssuer(OLD, DEAD)).toEqual({ ...DEAD, also: ['secret/app (version 3), superseded there'] });
  });

  it.each<[Verdict, Verdict, Verdict]>([
    [NOBODY, LATE, LATE],
    [NOBODY, UNABLE, UNABLE],
    [ASIDE, LATE, LATE],
    [ASIDE, UNABLE, ASIDE],
    [OLD, LATE, OLD],
    [LIVE_VERDICT, LATE, LIVE_VERDICT],
  ])('an unknown never hides what is known: %o, %o', (ofStore, ofIssuer, expected) => {
    expect(withIssuer(ofStore, ofIssuer)).toBe(expected);
  });

  it.each<[Verdict, string]>([
    [LATE, 'not known whether live: Acme did not answer in time'],
    [{ state: 'unknown', why: 'unreachable', by: 'Acme' }, 'not known whether live: Acme cannot be reached, or has a fault'],
    [{ state: 'unknown', why: 'rate-limited', by: 'Acme' }, 'not known whether live: Acme is not to be asked that much'],
    [{ state: 'unknown', why: 'odd-reply', by: 'Acme' }, 'not known whether live: Acme gave an answer that proves nothing'],
    [
      { state: 'unknown', why: 'denied', by: 'Acme', detail: 'an installation may have made it' },
      'not known whether live: Acme denies the question, which proves nothing (an installation may have made it)',
    ],
    [UNABLE, 'not known whether live: nothing can check it'],
    [ASIDE, 'not known whether live: in no store that is indexed'],
  ])('each unknown has a sentence', (verdict, words) => expect(verdictWords(verdict)).toBe(words));
});
