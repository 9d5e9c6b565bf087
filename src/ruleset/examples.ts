/**
 * Fills the placeholders of rule examples: `{{alnum:24}}`, `{{crc32-base62-body:ghp_:30}}` and so on, as docs/rules.md lists them.
 * The values follow from the text and a seed alone, so that no real-looking token lies in the tree and every run tests the same.
 */
import { createHash } from 'node:crypto';
import { ALPHABETS } from './checksums/encoding.ts';
import { CHECKSUMS } from './checksums/index.ts';

const MAX_CHARACTERS = 100_000;

/**
 * Returns the text with every placeholder filled, the innermost first. Braces that don't open with a class name directly
 * (`{{ .Values.token }}`, `${{ secrets.X }}`) stay as they are. Throws an Error that names an unknown class or a bad length.
 */
export function fillExample(text: string, seed: string): string {
  const next = createRandom(`${seed}\0${text}`);
  let filled = text;
  for (let at = filled.lastIndexOf('{{'); at >= 0; at = at > 0 ? filled.lastIndexOf('{{', at - 1) : -1) {
    const end = closingBraces(filled, at + 2);
    const inside = filled.slice(at + 2, end);
    if (end < 0 || !/^[A-Za-z]/.test(inside)) continue;
    filled = filled.slice(0, at) + expand(inside, next) + filled.slice(end + 2);
  }
  return filled;
}

/** Returns where the `}}` stands that closes a placeholder; single braces inside (JSON in `b64:`) must be balanced. */
function closingBraces(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '{') depth++;
    else if (character === '}' && depth > 0) depth--;
    else if (character === '}' && text.charAt(at + 1) === '}') return at;
  }
  return -1;
}

/** Gives whole numbers from 0 to below `limit`. */
type Random = (limit: number) => number;

function expand(inside: string, next: Random): string {
  const colon = inside.indexOf(':');
  const name = colon < 0 ? inside : inside.slice(0, colon);
  const rest = colon < 0 ? '' : inside.slice(colon + 1);
  if (name === 'uuid') return uuid(next);
  if (name === 'jwt') return jwt(next);
  if (name === 'b64') return Buffer.from(rest, 'utf8').toString('base64');
  if (name === 'repeat') return repeat(rest);
  if (name === 'pem') return pem(rest, next);
  if (name === 'bytes')
    return Array.from({ length: lengthOf(name, rest) }, () => `0x${next(256).toString(16).padStart(2, '0')}`).join(', ');
  if (name === 'decimals') return Array.from({ length: lengthOf(name, rest) }, () => next(256)).join(', ');
  if (Object.hasOwn(ALPHABETS, name)) return randomText(ALPHABETS[name as keyof typeof ALPHABETS], lengthOf(name, rest), next);
  return checksummed(name, rest, next);
}

function lengthOf(name: string, text: string): number {
  const length = Number(text);
  if (!/^[0-9]+$/.test(text) || length < 1 || length > MAX_CHARACTERS) throw new Error(`example class ${name}: not a length: ${text}`);
  return length;
}

function repeat(rest: string): string {
  const colon = rest.lastIndexOf(':');
  const times = lengthOf('repeat', rest.slice(colon + 1));
  return rest.slice(0, Math.max(0, colon)).repeat(times);
}

function checksummed(name: string, rest: string, next: Random): string {
  const make = CHECKSUMS[name]?.make;
  if (make === undefined) throw new Error(`unknown example class ${name}`);
  const parts = /^(.*?):([0-9]+)(?::([A-Za-z0-9]+))?$/.exec(rest);
  if (parts === null) throw new Error(`example class ${name}: write {{${name}:PREFIX:LENGTH}} or {{${name}:PREFIX:LENGTH:SEED}}`);
  return make(parts[1] ?? '', lengthOf(name, parts[2] ?? ''), (alphabet, n) => randomText(alphabet, n, next), parts[3]);
}

/** Returns a generator that the text alone decides (sfc32 on its SHA-256). */
function createRandom(text: string): Random {
  const digest = createHash('sha256').update(text).digest();
  let [a, b, c, counter] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
  return (limit) => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return Math.floor(((sum >>> 0) / 0x1_0000_0000) * limit);
  };
}

/** Tries before an unlucky draw is taken as it is: small alphabets cannot meet every wish. */
const MAX_DRAWS = 200;

/** Returns random characters that also look random, so that an example never fails a rule's entropy by bad luck. */
function randomText(alphabet: string, length: number, next: Random): string {
  let text = '';
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    text = '';
    while (text.length < length) text += alphabet.charAt(next(alphabet.length));
    if (looksRandom(text, alphabet)) return text;
  }
  return text;
}

const CLASSES = [/[0-9]/, /[a-z]/, /[A-Z]/] as const;

function looksRandom(text: string, alphabet: string): boolean {
  if (/^[^0-9A-Za-z]|[^0-9A-Za-z]$/.test(text)) return false;
  if (text.length < 8) return true;
  if (CLASSES.some((characters) => characters.test(alphabet) && !characters.test(text))) return false;
  if (/(.)\1\1/.test(text.slice(0, 500))) return false;
  let neighbours = 0;
  for (let at = 1; at < text.length; at++) neighbours += Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1 ? 1 : 0;
  // A random value reaches 0.9 of the entropy that its length and alphabet allow, a tenth of its neighbours are close (digits: more).
  const reachable = Math.log2(Math.min(text.length, alphabet.length));
  return neighbours <= text.length * 0.4 && entropy(text) >= 0.8 * reachable;
}

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function randomBytes(size: number, next: Random): Buffer {
  return Buffer.from(Array.from({ length: size }, () => next(256)));
}

function uuid(next: Random): string {
  const digits = randomText(ALPHABETS.hex, 30, next);
  const variant = '89ab'.charAt(next(4));
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(12, 15)}`, variant + digits.slice(15, 18), digits.slice(18)].join('-');
}

function jwt(next: Random): string {
  const encode = (claims: Readonly<Record<string, string | number>>): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const issued = 1_600_000_000 + next(100_000_000);
  const claims = { sub: randomText(ALPHABETS.loweralnum, 20, next), iat: issued, exp: issued + 1_000_000_000, jti: uuid(next) };
  return `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.${randomText(ALPHABETS.base64url, 43, next)}`;
}

/** Returns the body of a key file: the opening bytes of that format, then random ones. */
function pem(rest: string, next: Random): string {
  const [label = '', size = ''] = rest.split(':');
  const body = randomBytes(lengthOf('pem', size), next);
  openingOf(label, body.length).copy(body);
  return body.toString('base64').replace(/.{64}(?=.)/g, (line) => `${line}\n`);
}

function openingOf(label: string, size: number): Buffer {
  if (label.startsWith('OPENSSH')) return Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none', 'latin1');
  if (label.startsWith('PGP')) return Buffer.from([0x95, (size - 3) >>> 8, (size - 3) & 0xff, 0x04]);
  // DER: a sequence of the whole length, then the version number 0 (1 in EC keys).
  const version = [0x02, 0x01, label.startsWith('EC') ? 1 : 0];
  if (size < 130) return Buffer.from([0x30, size - 2, ...version]);
  return size < 259
    ? Buffer.from([0x30, 0x81, size - 3, ...version])
    : Buffer.from([0x30, 0x82, (size - 4) >>> 8, (size - 4) & 0xff, ...version]);
}
