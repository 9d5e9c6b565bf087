/**
 * The forms in which a service account's key lies about: its whole key file (JSON), or the private key in it, with line breaks or with `\n` in their place. In: the
 * leaked text; out: the key, and a new key file in the form of the old one. Pure.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { reveal, Secret } from '../core/secret.ts';

const LABEL = 'google-service-account-key';

/** Returns the private key, or null where it is none that is RSA. */
export function privateKeyIn(value: Secret): KeyObject | null {
  const text = reveal(value, 'ask-issuer').trim();
  const pem = isFile(text) ? fieldOf(text, 'private_key') : text;
  try {
    const key = createPrivateKey(wholePem(pem));
    return key.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    // The cause is left out: it is about the key.
    return null;
  }
}

/** Whether the value is a whole key file, whose id is in it. */
export function isKeyFile(value: Secret): boolean {
  return isFile(reveal(value, 'ask-issuer').trim());
}

/** Returns the new key as the old one was written; null where the new file has none. */
export function keyLike(old: Secret, file: string): Secret | null {
  const was = reveal(old, 'ask-issuer');
  if (isFile(was.trim())) return isFile(file.trim()) && fieldOf(file, 'private_key') !== '' ? new Secret(file, LABEL) : null;
  const pem = fieldOf(file, 'private_key');
  if (pem === '') return null;
  const isEscaped = was.includes('\\n') && !was.trim().includes('\n');
  return new Secret(isEscaped ? pem.replaceAll('\n', '\\n') : pem, LABEL);
}

/** Line breaks may be written as `\\n`, in JSON within JSON as `\\\\n`; what a rule finds ends before the last line. */
function wholePem(text: string): string {
  const pem = text.replace(/\\+n/g, '\n');
  const label = /^-----BEGIN ((?:RSA )?PRIVATE KEY)-----/.exec(pem)?.[1];
  if (label === undefined || pem.includes('-----END')) return pem;
  return `${pem.trimEnd()}\n-----END ${label}-----\n`;
}

function isFile(text: string): boolean {
  return text.startsWith('{');
}

function fieldOf(text: string, name: string): string {
  try {
    const json: unknown = JSON.parse(text);
    const value: unknown = typeof json === 'object' && json !== null ? Object.entries(json).find(([key]) => key === name)?.[1] : undefined;
    return typeof value === 'string' ? value : '';
  } catch {
    // No JSON: no fields.
    return '';
  }
}
