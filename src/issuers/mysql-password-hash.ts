/**
 * The forms in which MySQL and MariaDB keep a password, made here, so that the password itself need not stand in a statement. mysql_native_password: SHA-1 twice.
 * caching_sha2_password: SHA-crypt (U. Drepper, "Unix crypt using SHA-256 and SHA-512") with 5,000 rounds and a salt of 20 characters, behind `$A$005$`.
 */
import { createHash, randomInt } from 'node:crypto';
import { reveal, type Secret } from '../core/secret.ts';

/** Returns `*` and 40 hexadecimal digits. */
export function nativeHash(password: Secret): string {
  const once = createHash('sha1').update(reveal(password, 'digest')).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}

const CRYPT_ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** MySQL's caching_sha2_password_digest_rounds, in thousands, as a server has it that was not told otherwise. */
const ROUNDS_IN_THOUSANDS = 5;
/** More would take this process seconds. */
const MAX_ROUNDS_IN_THOUSANDS = 500;
const SALT_CHARACTERS = 20;

export type Sha2Salt = { readonly salt: string; readonly thousands: number };

/** Returns the text that `mysql.user.authentication_string` holds; `from`: with the salt and rounds of another. */
export function cachingSha2Hash(password: Secret, from: Sha2Salt = { salt: newSalt(), thousands: ROUNDS_IN_THOUSANDS }): string {
  const { salt, thousands } = from;
  const digest = shaCrypt(Buffer.from(reveal(password, 'digest')), Buffer.from(salt, 'latin1'), 1000 * thousands);
  return `$A$${thousands.toString(16).toUpperCase().padStart(3, '0')}$${salt}${digest}`;
}

/** Returns the salt and rounds of such a text, or null where it is none. */
export function cachingSha2Salt(text: string): Sha2Salt | null {
  const [, rounds = '', salt = ''] = /^\$A\$([0-9A-F]{3})\$([^\0]{20})[./0-9A-Za-z]{43}$/s.exec(text) ?? [];
  const thousands = Number.parseInt(rounds, 16);
  return thousands > 0 && thousands <= MAX_ROUNDS_IN_THOUSANDS ? { salt, thousands } : null;
}

/** Any byte but NUL and `$` may stand there; of this alphabet it is 120 bits. */
function newSalt(): string {
  return Array.from({ length: SALT_CHARACTERS }, () => CRYPT_ALPHABET[randomInt(CRYPT_ALPHABET.length)]).join('');
}

/** The algorithm's steps by their numbers in its paper; returns 43 characters of its own base64. */
export function shaCrypt(password: Buffer, salt: Buffer, rounds: number): string {
  const digest = (...parts: readonly Uint8Array[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  // Steps 4 to 8.
  const b = digest(password, salt, password);
  // Steps 1 to 3 and 9 to 12.
  const bits: Uint8Array[] = [];
  for (let count = password.length; count > 0; count >>= 1) bits.push((count & 1) === 1 ? b : password);
  let a = digest(password, salt, repeated(b, password.length), ...bits);
  // Steps 13 to 16, and 17 to 20.
  const p = repeated(digest(...Array.from({ length: password.length }, () => password)), password.length);
  const s = repeated(digest(...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)), salt.length);
  // Step 21.
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1;
    a = digest(isOdd ? p : a, ...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p]), isOdd ? a : p);
  }
  return encoded(a);
}

function repeated(block: Buffer, bytes: number): Buffer {
  return Buffer.alloc(bytes, bytes === 0 ? undefined : block);
}

/** Step 22: three bytes at a time, picked from all over the digest. */
function encoded(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  let text = '';
  let [x, y, z] = [0, 10, 20];
  for (let group = 0; group < 10; group++) {
    text += letters((at(x) << 16) | (at(y) << 8) | at(z), 4);
    [x, y, z] = [z + 1, x + 1, y + 1];
  }
  return text + letters((at(31) << 8) | at(30), 3);
}

function letters(word: number, count: number): string {
  return Array.from({ length: count }, (_, index) => CRYPT_ALPHABET[(word >> (6 * index)) & 63]).join('');
}
