/**
 * From what an index knows of a value to a verdict, by DESIGN sections 2 and 6: a version that somebody may be using is live; one that was replaced or switched off
 * is superseded, since nobody has proven it dead; what an engine ended that ends the credential too (a lease) is retired. And which of several answers counts.
 */
import type { Exposure, Verdict } from '../core/contracts.ts';
import type { IndexRecord } from './index-file.ts';

/** Places beside the first that a verdict names. */
const MOST_OTHERS = 20;

/** Returns the verdict of the records of one value; null for none. `leakedAt`: when it was first seen outside, where that is known. */
export function verdictOfRecords(records: readonly IndexRecord[], now: Date, leakedAt: string | null = null): Verdict | null {
  const ranked = records
    .map((record) => ({ record, verdict: verdictOfRecord(record, now, leakedAt) }))
    .sort(
      (a, b) =>
        rankOf(a.verdict, 'store') - rankOf(b.verdict, 'store') || (b.record.createdAt ?? '').localeCompare(a.record.createdAt ?? ''),
    );
  const [first] = ranked;
  if (!first || first.verdict.state === 'unknown') return null;
  const own = placeOf(first.record);
  const others = [
    ...new Set(ranked.filter(({ verdict }) => verdict.state === first.verdict.state).map(({ record }) => placeOf(record))),
  ].filter((place) => place !== own);
  return others.length === 0 ? first.verdict : { ...first.verdict, also: others.slice(0, MOST_OTHERS) };
}

function verdictOfRecord(record: IndexRecord, now: Date, leakedAt: string | null): Verdict {
  const { version, createdAt, endedAt, expiresAt } = record;
  const answer = { by: record.store, at: record.seenAt, where: placeOf(record), version };
  const isLeaseOver = expiresAt !== null && Date.parse(expiresAt) <= now.getTime();
  const exposure = (until: string | null): Exposure => ({ from: leakedAt ?? createdAt, until });
  if (expiresAt !== null && (record.state === 'destroyed' || expiresAt <= record.seenAt)) {
    const since = earliest(endedAt, expiresAt);
    return { state: 'retired', ...answer, since, exposure: exposure(since) };
  }
  if ((record.state === 'current' || record.state === 'previous') && !isLeaseOver) {
    const when = { ...(createdAt === null ? {} : { since: createdAt }), ...(expiresAt === null ? {} : { expiresAt }) };
    return { state: 'live', ...answer, ...when, exposure: exposure(null) };
  }
  // A lease that has run out since the store was read may have been renewed: nobody has proven it dead.
  const since = isLeaseOver ? expiresAt : endedAt;
  return { state: 'superseded', ...answer, since, exposure: exposure(since) };
}

function earliest(endedAt: string | null, expiresAt: string): string {
  return endedAt !== null && endedAt < expiresAt ? endedAt : expiresAt;
}

/** Returns the place of a value as its owner would write it: `secret/app/db#password`. */
export function placeOf({ ref, field }: Pick<IndexRecord, 'ref' | 'field'>): string {
  return field === '' ? ref : `${ref}#${field}`;
}

/** Who gave a verdict: an issuer's word that a credential is dead is proof, a store's is not. */
export type VerdictSource = 'store' | 'issuer';

/** Returns the verdict that counts; of equals, and of unknowns, the first. [] gives null. */
export function mergeVerdicts(given: readonly { readonly verdict: Verdict; readonly from: VerdictSource }[]): Verdict | null {
  const [first, ...others] = given;
  if (!first) return null;
  return others.reduce((best, next) => (rankOf(next.verdict, next.from) < rankOf(best.verdict, best.from) ? next : best), first).verdict;
}

/** Returns the verdict of a finding that a store and its issuer were asked about; undefined where the issuer was not. The order is that of mergeVerdicts. */
export function withIssuer(ofStore: Verdict, ofIssuer: Verdict | undefined): Verdict {
  if (ofIssuer === undefined) return ofStore;
  if (ofIssuer.state === 'unknown') {
    // Of two unknowns the first counts, but that nobody was asked, or that no store has it, says less than a question that failed.
    const saysLess = ofStore.state === 'unknown' && ['not-asked', 'no-index', 'not-in-store'].includes(ofStore.why);
    return saysLess && (ofIssuer.why !== 'no-checker' || ofStore.why === 'not-asked') ? ofIssuer : ofStore;
  }
  const merged = mergeVerdicts([
    { verdict: ofStore, from: 'store' },
    { verdict: ofIssuer, from: 'issuer' },
  ]);
  if (merged === ofIssuer) return withPlaces(ofIssuer, ofStore);
  if (ofStore.state !== 'live') return ofStore;
  if (ofIssuer.state === 'retired') return { ...ofStore, refusedBy: ofIssuer.by };
  const { identity, scopes } = ofIssuer;
  return { ...ofStore, ...(identity === undefined ? {} : { identity }), ...(scopes === undefined ? {} : { scopes }) };
}

/** An issuer's verdict, and where a store holds the value. */
function withPlaces(verdict: Verdict, ofStore: Verdict): Verdict {
  if (verdict.state === 'unknown' || ofStore.state === 'unknown') return verdict;
  const { where, version, also = [], exposure } = ofStore;
  const place = `${where}${version === undefined ? '' : ` (version ${version})`}, ${ofStore.state === 'live' ? 'current' : ofStore.state} there`;
  return {
    ...verdict,
    also: [place, ...also].slice(0, MOST_OTHERS),
    ...(exposure && verdict.state === 'live' ? { exposure: { ...exposure, until: null } } : {}),
  };
}

/** live > retired by the issuer > superseded > retired by the store > unknown. */
function rankOf({ state }: Verdict, from: VerdictSource): number {
  switch (state) {
    case 'live':
      return 0;
    case 'retired':
      return from === 'issuer' ? 1 : 3;
    case 'superseded':
      return 2;
    case 'unknown':
      return 4;
  }
}
