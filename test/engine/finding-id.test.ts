/** Ids of findings: what they are made of, and for which values a guess costs as much as docs/decisions/0003-finding-ids.md promises. */
import { createHash, scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/core/contracts.ts';
import { Secret } from '../../src/core/secret.ts';
import { PLAIN } from '../../src/engine/doubtful-values.ts';
import { FindingIds } from '../../src/engine/finding-id.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { makeMatch } from '../suppress/make-match.ts';

const SALT = 'leakwarden/finding@1';
const RANDOM = fillExample('{{alnum:40}}', 'finding-id');
const WEAK = 'Winter2024!';

const digestOf = (basis: string): string => createHash('sha256').update(`${SALT}\0github-pat-classic\0${basis}`).digest('hex').slice(0, 32);
const stretched = (value: string): string => scryptSync(value, SALT, 16, { N: 4096, r: 8, p: 1 }).toString('hex');
const match = (value: string, change: Partial<Match> = {}): Match => makeMatch(undefined, { secret: new Secret(value), ...change });

describe('the id of a finding', () => {
  it('is a digest of rule and value, wherever that stands', () => {
    const ids = new FindingIds();
    expect(ids.of(match(RANDOM))).toBe(digestOf(RANDOM));
    expect(ids.of({ ...match(RANDOM), place: match(WEAK, { confidence: 'low' }).place })).toBe(digestOf(RANDOM));
    expect(ids.of(match(RANDOM, { rule: 'gitlab-pat' }))).not.toBe(digestOf(RANDOM));
  });

  it('takes a slow digest of a value that can be guessed, prepared or not', async () => {
    const prepared = new FindingIds();
    await prepared.prepare([match(WEAK), match(RANDOM)]);
    expect([prepared.of(match(WEAK)), new FindingIds().of(match(WEAK))]).toEqual([digestOf(stretched(WEAK)), digestOf(stretched(WEAK))]);
  });

  it('does so where only the password of an address can be guessed', () => {
    const address = `https://${RANDOM}:${WEAK}@db.acme.io`;
    const password = { rule: 'url-basic-auth', secret: new Secret(WEAK), place: match(WEAK).place };
    expect(new FindingIds().of(match(address))).toBe(digestOf(address));
    expect(new FindingIds().of(match(address, { parts: { password } }))).toBe(digestOf(stretched(address)));
  });

  it('spares what says of itself that it is no secret, and not what is only plain', () => {
    const ids = new FindingIds();
    expect(ids.of(match('changeme', { placeholder: 'template variable' }))).toBe(digestOf('changeme'));
    expect(ids.of(match('changeme', { doubt: 'says "change"', confidence: 'low' }))).toBe(digestOf('changeme'));
    expect(ids.of(match('open-sesame', { doubt: PLAIN, confidence: 'low' }))).toBe(digestOf(stretched('open-sesame')));
  });

  it('stretches so many values a run and no more; further ones go by where they were met first', async () => {
    const at = (value: string, line: number): Match => ({ ...match(value), place: { ...match(value).place, line } });
    const byPlace = ({ place }: Match): string => digestOf(`\0${place.path}\0${place.line}\0${place.column}`);
    const ids = new FindingIds(2);
    await ids.prepare([at(RANDOM, 1), at('Winter1!', 2), at('Winter2!', 3), at('Winter1!', 4), at('Winter3!', 5)]);
    expect([ids.of(at('Winter1!', 4)), ids.of(at('Winter2!', 3))]).toEqual([
      digestOf(stretched('Winter1!')),
      digestOf(stretched('Winter2!')),
    ]);
    expect([ids.of(at('Winter3!', 9)), ids.of(at('Winter4!', 6))]).toEqual([byPlace(at('Winter3!', 5)), byPlace(at('Winter4!', 6))]);
    expect(ids.of(at(RANDOM, 1))).toBe(digestOf(RANDOM));
  });
});
