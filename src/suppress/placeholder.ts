/** Values that say of themselves that they are not real: the engine has judged (facts/placeholders.md), here it is acted upon. */
import type { Suppressor } from '../core/contracts.ts';

export function createPlaceholderSuppressor(): Suppressor {
  return { id: 'placeholder', why: (match) => match.placeholder };
}
