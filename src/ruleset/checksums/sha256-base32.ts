/**
 * GitHub's fine-grained tokens: `github_pat_`, 22 characters, `_`, 43 characters, eight base32 characters of the SHA-256 of all that,
 * eight more random ones. Not documented; computed on three independent published samples (odds of chance 2^-40 each).
 */
import { createHash } from 'node:crypto';
import type { Checksum } from './checksum.ts';
import { ALPHABETS, encodeBase32 } from './encoding.ts';

const TOKEN_CHARACTERS = 93;
const COVERED = 77;
const SUM = 8;

function sumOf(covered: string): string {
  return encodeBase32(createHash('sha256').update(covered, 'latin1').digest()).slice(0, SUM);
}

export const sha256Base32Mid: Checksum = {
  id: 'sha256-base32-mid',
  mismatch: 'reject',
  verify(secret) {
    if (secret.length !== TOKEN_CHARACTERS) return null;
    return sumOf(secret.slice(0, COVERED)) === secret.slice(COVERED, COVERED + SUM);
  },
  /** `prefix` is `github_pat_`; there is one length, so `bodyLength` is of no account. */
  make(prefix, _bodyLength, random) {
    const head = `${prefix}11${random(ALPHABETS.alnum, 20)}_${random(ALPHABETS.alnum, 43)}`;
    return head + sumOf(head) + random(ALPHABETS.alnum, SUM);
  },
};
