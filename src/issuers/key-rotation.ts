/**
 * What issuers have in common that give several keys side by side and keep the secret half of none (AWS IAM, Google): waiting until a new key is known everywhere, and
 * telling a key that came with our own request, whose answer was lost, from another's. Called by aws-iam*.ts and gcp-*.ts.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { RotationError } from '../core/rotation.ts';
import type { IssuerContext } from './issuer-kind.ts';

/** A request ends within 15 s (src/net/http-client.ts); a key that is made later is not ours. */
const ATTEMPT_MS = 60_000;
/** Both clouds tell whole seconds, cut off. */
const SECOND_MS = 1000;

/** Whether a key was made while our request was under way. `tried`: when it began, by the same clock. */
export function cameWith(createdAt: Date, tried: string): boolean {
  const after = createdAt.getTime() - Date.parse(tried);
  return after >= -SECOND_MS && after <= ATTEMPT_MS;
}

/** Waits between two questions. Throws RotationError timed-out where the signal ends it. */
export async function pause({ sleep }: Pick<IssuerContext, 'sleep'>, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await (sleep ? sleep(ms, signal) : wait(ms, undefined, { signal }));
  } catch (error) {
    throw new RotationError('timed-out', 'the wait for a new key to be known was interrupted', { mayHaveHappened: false, cause: error });
  }
}

/** Returns an address of the settings without a slash at its end, or the usual one. */
export function addressOf(kind: string, given: string | undefined, usual: string): string {
  if (given === undefined) return usual;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given.replace(/\/+$/, '');
  throw cannot(`issuer of kind ${kind}: an endpoint is no address`);
}

export function cannot(message: string): RotationError {
  return new RotationError('cannot', message, { mayHaveHappened: false });
}

export function refused(message: string): RotationError {
  return new RotationError('refused', message, { mayHaveHappened: false });
}
