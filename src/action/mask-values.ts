/**
 * Tells the runner what to hide before anything else is printed: every line of every value that was found, with the parts of its credential. Of what is kept out of the
 * report only values that are surely some, since a mask for `async` would blank that word in the whole log. What was printed before stays readable, so this
 * comes first. Method: docs.github.com "Masking a value in a log".
 */
import type { Finding, Report } from '../core/contracts.ts';
import { reveal, type Secret } from '../core/secret.ts';
import type { Runner } from './runner.ts';

/** A shorter line (`}` of a key in JSON) would blank every such word of the log, and tells nothing. */
const LEAST_CHARACTERS = 4;

/** Suppressors that say that the value is none. */
const NO_SECRETS: readonly string[] = ['placeholder', 'confidence'];

/** Lines that stand in every key of a kind. */
const ARMOUR = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;

export function maskValues(report: Report, runner: Pick<Runner, 'mask'>, masked: Set<string>): void {
  const hidden = report.suppressed
    .filter(({ by, finding }) => finding.confidence === 'high' && !NO_SECRETS.includes(by))
    .map(({ finding }) => finding);
  const secrets = [...report.findings, ...hidden].flatMap(secretsOf);
  for (const secret of secrets) {
    for (const line of linesOf(secret)) {
      if (masked.has(line)) continue;
      masked.add(line);
      runner.mask(line);
    }
  }
}

function secretsOf({ secret, parts }: Finding): Secret[] {
  return [secret, ...Object.values(parts).map((part) => part.secret)];
}

function linesOf(secret: Secret): string[] {
  const value = reveal(secret, 'mask');
  // In source a key's line breaks are often written out.
  return value
    .split(/\r\n|[\r\n]|\\r\\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= LEAST_CHARACTERS && !ARMOUR.test(line));
}
