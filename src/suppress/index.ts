/**
 * The registry of suppressors: every reason for which a match is not reported. The first that speaks is named in the report, so what
 * people wrote beside the value comes first, then what is judged of the value, and last what needs its id or digest, which costs most.
 */
import type { Suppressor } from '../core/contracts.ts';
import { createAllowCommentSuppressor } from './allow-comment.ts';
import { createBaselineSuppressor } from './baseline.ts';
import { createConfidenceSuppressor } from './confidence.ts';
import { createFingerprintSuppressor } from './fingerprints.ts';
import { createGitleaksIgnoreSuppressor } from './gitleaks-ignore.ts';
import { createGitleaksReportSuppressor } from './gitleaks-report.ts';
import { createPathSuppressor } from './paths.ts';
import { createPlaceholderSuppressor } from './placeholder.ts';
import { createRuleSwitchSuppressor } from './rule-switches.ts';
import { createSecretsBaselineSuppressor } from './secrets-baseline.ts';
import type { IdOf, SuppressSettings } from './settings.ts';

type Maker = (settings: SuppressSettings, idOf: IdOf) => Suppressor | null;

/** A new suppressor is one file and one line here. A maker returns null when its settings are empty. */
const MAKERS: readonly Maker[] = [
  createAllowCommentSuppressor,
  createPathSuppressor,
  createRuleSwitchSuppressor,
  createPlaceholderSuppressor,
  createConfidenceSuppressor,
  createGitleaksIgnoreSuppressor,
  createFingerprintSuppressor,
  createBaselineSuppressor,
  createGitleaksReportSuppressor,
  createSecretsBaselineSuppressor,
];

/** Returns the suppressors that have something to say, in order of precedence. `idOf` is called for the matches that the cheap ones let through. */
export function createSuppressors(settings: SuppressSettings, idOf: IdOf): Suppressor[] {
  return MAKERS.flatMap((make) => make(settings, idOf) ?? []);
}
