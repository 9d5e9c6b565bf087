/**
 * Makes new secret values for rotations: random text from node:crypto, in an alphabet that needs no quoting in shells, URLs, SQL, TOML, YAML or JSON.
 * Called by issuers and store rotators that choose the value themselves. No I/O.
 */
import { randomInt } from 'node:crypto';
import { Secret } from './secret.ts';

export type ValueShape = {
  /** Characters, at most 1024. Default 40: of the default alphabet that is 238 bits. */
  readonly length?: number;
  /** What it is made of; each character once. */
  readonly alphabet?: string;
  /** Groups that the far side's policy wants at least one character of. */
  readonly oneOf?: readonly string[];
  /** Says what it is in redacted prints. */
  readonly label?: string;
};

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const DEFAULT_LENGTH = 40;
const MAX_LENGTH = 1024;
/** No value is weaker than this: half of what a 256-bit key has, out of reach for any search. */
const MIN_BITS = 128;
const MIN_LENGTH = 16;
/** Policies want a character or two of three or four groups: nearly every draw of 16 and more has them. */
const MAX_DRAWS = 1000;

/** Returns a new random value, uniformly among those of the shape. Throws RangeError for a shape that is too weak or that nothing fits. */
export function newValue(shape: ValueShape = {}): Secret {
  const { length = DEFAULT_LENGTH, alphabet = LETTERS_AND_DIGITS, oneOf = [], label = 'new value' } = shape;
  const characters = [...new Set(alphabet)];
  if (!Number.isInteger(length) || length < MIN_LENGTH || length > MAX_LENGTH || length * Math.log2(characters.length) < MIN_BITS) {
    throw new RangeError(`a new value of ${length} characters out of ${characters.length} is too weak, or too long`);
  }
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    let value = '';
    for (let at = 0; at < length; at += 1) value += characters[randomInt(characters.length)] ?? '';
    if (oneOf.every((group) => [...group].some((character) => value.includes(character)))) return new Secret(value, label);
  }
  throw new RangeError('no value of this alphabet has a character of each group asked for');
}
