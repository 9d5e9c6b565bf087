/**
 * Values that say of themselves that they are not real: the engine has judged (facts/placeholders.md), here it is acted upon. What only looks like
 * a sample is reported where confidence low is asked for, and listed with its reason elsewhere.
 */
import type { Suppressor } from '../core/contracts.ts';
import type { SuppressSettings } from './settings.ts';

export function createPlaceholderSuppressor({ minConfidence }: SuppressSettings): Suppressor {
  const isAudit = minConfidence?.level === 'low';
  return { id: 'placeholder', why: (match) => match.placeholder ?? (isAudit ? null : match.doubt) };
}
