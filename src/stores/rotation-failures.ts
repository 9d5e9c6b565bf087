/**
 * Failures of stores as rotations need them: what certainly changed nothing, told apart from what may have. In: a request under way; out: its result, or
 * RotationError. Called by the rotators (`*-rotate.ts`).
 */
import { RotationError } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';

/** Runs what only reads: whatever fails, nothing was changed. */
export async function reading<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw failureOf(error, () => false);
  }
}

/** Runs one request that changes something. A failure says whether it may have. */
export async function changing<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw failureOf(error, mayHaveHappened);
  }
}

/** Reads a reply that has come: nothing was changed by that. */
export function judging<T>(judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    throw failureOf(error, () => false);
  }
}

/** The same failure, after something was changed already. */
export async function afterChange<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof RotationError) || error.mayHaveHappened) throw error;
    throw new RotationError(error.why, error.message, { mayHaveHappened: true, cause: error });
  }
}

/** The place is not as the plan saw it. */
export function moved(message: string): RotationError {
  return new RotationError('moved', message, { mayHaveHappened: false });
}

/** The store offers no way, or not to us. */
export function cannot(message: string): RotationError {
  return new RotationError('cannot', message, { mayHaveHappened: false });
}

/** The store is at it in its own time: it passes, and whoever takes something back comes again. */
export function busy(message: string): RotationError {
  return new RotationError('timed-out', message, { mayHaveHappened: true });
}

/** The store said no to this very change, and did nothing. */
export function refused(message: string, cause?: unknown): RotationError {
  return new RotationError('refused', message, { mayHaveHappened: false, cause });
}

function failureOf(error: unknown, judge: (error: StoreError) => boolean): unknown {
  if (!(error instanceof StoreError)) return error;
  return new RotationError(error.why, error.message, { mayHaveHappened: judge(error), cause: error });
}

/** Answers that say: not done. A 5xx, or none, may come after it was. */
function mayHaveHappened({ why, status, cause }: StoreError): boolean {
  if (status !== null && status >= 400 && status < 500) return false;
  if (why === 'unreachable') return !isNeverSent(cause);
  return why === 'timed-out' || why === 'odd-reply';
}

/** Nobody was there to take the request. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
]);

/** Looks for the code of a connection that never was, in the error and its causes. */
function isNeverSent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string' && UNSENT.has(at.code)) return true;
  return false;
}
