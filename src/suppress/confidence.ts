/** --min-confidence: matches that are less sure are counted, but not reported. */
import type { Suppressor } from '../core/contracts.ts';
import { CONFIDENCES } from '../core/rule.ts';
import type { SuppressSettings } from './settings.ts';

/** Returns null when every confidence is to be reported. */
export function createConfidenceSuppressor({ minConfidence }: SuppressSettings): Suppressor | null {
  if (minConfidence === null || minConfidence.level === 'low') return null;
  const { level, from } = minConfidence;
  return {
    id: 'confidence',
    why(match) {
      const isEnough = CONFIDENCES.indexOf(match.confidence) <= CONFIDENCES.indexOf(level);
      return isEnough ? null : `confidence ${match.confidence} is below ${level} (${from})`;
    },
  };
}
