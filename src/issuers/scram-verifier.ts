/**
 * The form in which PostgreSQL keeps a password (RFC 5802 §3, src/common/scram-common.c): made here, so that the password itself is never sent, and no log of
 * statements can hold it. In: the password as it is typed. Out: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, for ALTER ROLE … PASSWORD.
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { reveal, type Secret } from '../core/secret.ts';

const KEY_BYTES = 32;
/** SCRAM_SHA_256_DEFAULT_SALT_LEN. */
const SALT_BYTES = 16;

/** `salt` is given in tests alone. About 2 ms for each 4096 iterations. */
export async function scramVerifier(password: Secret, iterations: number, salt: Uint8Array = randomBytes(SALT_BYTES)): Promise<string> {
  const salted = await promisify(pbkdf2)(prepared(reveal(password, 'digest')), salt, iterations, KEY_BYTES, 'sha256');
  const sign = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(sign('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${sign('Server Key').toString('base64')}`;
}

/**
 * SASLprep (RFC 4013) as far as it changes anything that occurs: other spaces become spaces, what is mapped to nothing goes, the rest is normalised. Plain ASCII, as
 * new passwords are, stays as it is.
 */
function prepared(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g, '')
    .normalize('NFKC');
}
