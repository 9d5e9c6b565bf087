/**
 * Asks whether values ever passed through a Vault or OpenBao, without reading a secret of it: the server hashes each value as its audit device would
 * (sys/audit-hash, openbao.org/api-docs/system/audit-hash), and the hash is looked up in the log that the owner names. In: values; out: where and when each was
 * written, read or used. Called by the check of findings, where the owner has set it up. It sees values of every engine, old and ended ones too; but only
 * since the device was enabled, and not those that it writes in clear. One request for each value: for findings, not for whole lists.
 */
import { reveal, type Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import { mapAhead } from './map-ahead.ts';
import { textOf } from './store-http.ts';
import { type AuditSearch, MAX_AUDIT_LOG_BYTES, searchAuditLogs } from './vault-audit-log.ts';
import type { VaultSession } from './vault-session.ts';
import { WIDTH } from './vault-walk.ts';

export type AuditTrail = {
  /** Name of the audit device: `file`. */
  readonly device: string;
  /** What that device writes, older files first or last. */
  readonly files: readonly string[];
  /** Read of each file, from its end. */
  readonly maxBytes?: number;
};

/** Values asked about at a time. */
const MAX_CANDIDATES = 1000;

/** Returns what the log tells of each candidate, in their order. Throws StoreError: denied without update on sys/audit-hash, misconfigured for device and files. */
export async function askAuditTrail(
  session: VaultSession,
  { device, files, maxBytes = MAX_AUDIT_LOG_BYTES }: AuditTrail,
  candidates: readonly Secret[],
  signal: AbortSignal,
): Promise<AuditSearch> {
  if (candidates.length > MAX_CANDIDATES) throw new StoreError('misconfigured', `more than ${MAX_CANDIDATES} values for the audit log`);
  const hashes: string[] = [];
  for await (const hash of mapAhead(candidates, WIDTH, (candidate) => hashOf(session, device, candidate, signal))) hashes.push(hash);
  return searchAuditLogs(files, hashes, signal, maxBytes);
}

async function hashOf(session: VaultSession, device: string, candidate: Secret, signal: AbortSignal): Promise<string> {
  const path = `sys/audit-hash/${device}`;
  try {
    // Audit devices belong to the root namespace.
    const data = await session.get({ path, namespace: '', body: { input: reveal(candidate, 'ask') }, signal });
    const hash = textOf(data, 'hash', path);
    if (/^hmac-sha256:[0-9a-f]{64}$/.test(hash)) return hash;
  } catch (error) {
    if (error instanceof StoreError && (error.why === 'not-found' || error.status === 400))
      throw new StoreError('misconfigured', `${session.address} has no audit device ${device}`, { cause: error });
    throw error;
  }
  throw new StoreError('odd-reply', `${path} answered with no hash`);
}
