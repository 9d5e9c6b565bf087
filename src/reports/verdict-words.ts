/** Verdicts in words, for the reports that people read. */
import type { Verdict } from '../core/contracts.ts';

/** Returns what is known beyond the match, or null where nobody was asked. */
export function verdictWords(verdict: Verdict): string | null {
  switch (verdict.state) {
    case 'live':
      return `live in ${verdict.where}, says ${verdict.by}`;
    case 'superseded':
      return `superseded since ${verdict.since} in ${verdict.where}, says ${verdict.by}`;
    case 'retired':
      return `retired, says ${verdict.by}`;
    case 'unknown':
      return verdict.why === 'not-asked' ? null : `not known whether live (${verdict.why})`;
  }
}
