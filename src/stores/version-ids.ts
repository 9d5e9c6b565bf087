/**
 * Ids of versions where the store counts them from 1 in each secret: a secret that was deleted and made again counts anew, and its version 1 is another. Who reads the
 * store goes by the id, so it holds a mark of the secret it is of. Called by connectors.
 */
import { createHash } from 'node:crypto';

/** Returns `3@5f0c1d`; `made` is what a secret made anew would have otherwise: its own id, or when it was made. */
export function versionId(version: number, made: string): string {
  return `${version}@${createHash('sha256').update(made).digest('hex').slice(0, 6)}`;
}

/** Returns `3`, as the store calls it. */
export function versionNumber(id: string): string {
  return id.split('@')[0] ?? '';
}
