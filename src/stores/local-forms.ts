/** Random values for `leakwarden store rotate`: which characters they may be made of, and one of them. */
import { randomInt } from 'node:crypto';
import { Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';

const LETTERS_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What quotes, `$`, the backslash and the space would do in a shell or a file of settings is spared to the owner. */
export const FORMS = {
  'letters-digits': LETTERS_DIGITS,
  'hex': '0123456789abcdef',
  'printable': `${LETTERS_DIGITS}!#%()*+,-./:;<=>?@[]^_{|}~`,
} as const;
export type Form = keyof typeof FORMS;

/** Characters. */
const MAX_RANDOM_LENGTH = 1024;

/** Returns a random value; every character is equally likely. Throws StoreError misconfigured. */
export function randomValue(form: Form, length: number): Secret {
  if (!Number.isInteger(length) || length < 1 || length > MAX_RANDOM_LENGTH)
    throw new StoreError('misconfigured', `a random value has 1 to ${MAX_RANDOM_LENGTH} characters`);
  return new Secret(Array.from({ length }, () => FORMS[form].charAt(randomInt(FORMS[form].length))).join(''), 'local');
}
