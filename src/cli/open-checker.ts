/**
 * What says which findings are live, for one run: the index of the stores where there is one. In: what was asked for. Out: a checker, or null where nobody is
 * asked; and afterwards what people should know. An index that cannot be used is said once and counts as none. Called by run-scan.ts and `check`.
 */
import type { Checker } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import type { StoredPrints } from '../core/stored-prints.ts';
import { hasIndex } from './index-files.ts';
import type { Io } from './io.ts';
import { type Check, counted } from './settings.ts';

export type OpenedChecker = {
  readonly checker: Checker | null;
  /** Whether what stands in a password's place is worth a look. */
  readonly wantsValues: boolean;
  /** What is found at any place, whatever surrounds it; null for nothing. */
  readonly stored: StoredPrints | null;
  /** Of all that is known: another one when a value came or went. */
  readonly digest: () => string;
  /** Sentences for stderr, asked for when all is done. */
  readonly notices: () => readonly string[];
};

export const NO_CHECKER: OpenedChecker = { checker: null, wantsValues: false, stored: null, digest: () => '', notices: () => [] };

/** `check` null: the index, if there is one. `ofAudit`: more that is slow is looked up. Issuers are asked elsewhere (open-issuers.ts). */
export async function openChecker(
  check: Check | null,
  comparesGuessable: boolean,
  io: Pick<Io, 'env' | 'now'>,
  ofAudit = false,
): Promise<OpenedChecker> {
  if (check === 'none' || check === 'issuers' || (check === null && !hasIndex(io.env))) return NO_CHECKER;
  const [
    { openIndex, readIndexKey },
    { IndexFault },
    { createUnknowing, MOST_SLOW_LOOK_UPS, MOST_SLOW_LOOK_UPS_OF_AUDIT, StoreChecker },
    { estimatedBits, GUESSABLE_BELOW_BITS },
  ] = await Promise.all([
    import('./index-files.ts'),
    import('../check/index-file.ts'),
    import('../check/look-up.ts'),
    import('../engine/entropy.ts'),
  ]);
  const unknowing = (why: 'no-index' | 'index-expired' | 'index-unreadable', sentence: string): OpenedChecker => {
    return { checker: createUnknowing(why), wantsValues: false, stored: null, digest: () => '', notices: () => [sentence] };
  };
  try {
    const index = openIndex(io.env, () => readIndexKey(io.env, false));
    if (!index) return unknowing('no-index', 'there is no index of your stores, so nothing is known to be live: leakwarden store sync');
    if (Date.parse(index.header.expiresAt) <= io.now().getTime())
      return unknowing(
        'index-expired',
        `the index of your stores expired ${index.header.expiresAt}, so nothing is known to be live: leakwarden store sync`,
      );
    const mostSlow = ofAudit ? MOST_SLOW_LOOK_UPS_OF_AUDIT : MOST_SLOW_LOOK_UPS;
    const checker = new StoreChecker(index, {
      bitsOf: estimatedBits,
      guessableBelowBits: GUESSABLE_BELOW_BITS,
      mostSlow: comparesGuessable ? mostSlow : 0,
      now: io.now(),
    });
    // Values that cannot be guessed cost nothing to look up, so what stands in a password's place is compared with those too.
    const wantsValues = index.header.records > 0 && (comparesGuessable || index.header.guessable < index.header.records);
    const notices = (): string[] =>
      checker.passedOver === 0 || !comparesGuessable
        ? []
        : [
            `${counted(checker.passedOver, 'value', 'values')} that can be guessed were not compared with the stores: ${mostSlow} are in a run`,
          ];
    return { checker, wantsValues, stored: index.storedPrints(), digest: () => index.digest(), notices };
  } catch (error) {
    if (!(error instanceof IndexFault) && !(error instanceof ToolError)) throw error;
    return unknowing(
      'index-unreadable',
      `the index of your stores cannot be used (${error.message}), so nothing is known to be live: leakwarden store sync`,
    );
  }
}
