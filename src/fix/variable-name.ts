/** Names the environment variable that a hard-coded value is read from: after the name that the code gives to it, else after the kind of credential. */
import type { ByteSpan } from '../core/contracts.ts';
import { readAssignmentBefore } from '../engine/assignment.ts';

/** Bytes before the value in which its name is looked for. */
const WITHIN = 200;
const MAX_LENGTH = 60;

/** Say what a value is, but not whose: the provider's name comes before them. */
const COMMON = new Set([
  'KEY',
  'TOKEN',
  'SECRET',
  'PASSWORD',
  'PASSWD',
  'PASS',
  'PWD',
  'VALUE',
  'AUTH',
  'API_KEY',
  'APIKEY',
  'CREDENTIAL',
  'ACCESS_TOKEN',
  'SECRET_KEY',
  'CLIENT_SECRET',
  'AUTHORIZATION',
  'BEARER',
  'URL',
  'URI',
  'DSN',
]);
/** Of rules, not of providers. */
const NO_PROVIDERS = new Set(['generic', 'database', 'private-key', 'url', 'leakwarden']);

/** Returns `STRIPE_SECRET_KEY`: upper case, digits and underscores, no digit first. `rule` is the rule's id. */
export function variableNameOf(
  text: string,
  span: ByteSpan,
  { rule, provider }: { readonly rule: string; readonly provider: string },
): string {
  const assigned = nameBefore(text, span.start);
  const named = assigned === null ? '' : upperSnake(assigned);
  const whose = NO_PROVIDERS.has(provider.toLowerCase()) ? '' : provider.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  // `require('stripe')('…')`: whose it is, but not what.
  if (named === '' || named === whose) return shortened(upperSnake(rule));
  const isWhose = whose === '' || named.includes(whose);
  return shortened(COMMON.has(named) && !isWhose ? `${whose}_${named}` : named);
}

/** `the password is …`, `set the token to …`. */
const SENTENCE = /([A-Za-z]{3,20}) (?:is|was|set to|to):? ["'`]?$/;

/** The last word of the assigned name: `stripe.secretKey`, `config["token"]`, `--api-key`. */
function nameBefore(text: string, at: number): string | null {
  const low = Math.max(0, at - WITHIN);
  const near = text.slice(low, at);
  const told = SENTENCE.exec(near)?.[1];
  if (told !== undefined) return told;
  const found = readAssignmentBefore(near, near.length, WITHIN);
  if (found === null) return null;
  const words = near.slice(found.nameStart, found.nameEnd).match(/[A-Za-z_][\w-]*/g);
  const last = words?.at(-1) ?? null;
  return last !== null && /^(?:bearer|basic|value|default|string)$/i.test(last) ? (words?.at(-2) ?? null) : last;
}

function upperSnake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase();
}

function shortened(name: string): string {
  const cut = name.slice(0, MAX_LENGTH).replace(/_+$/, '');
  return /^[A-Z]/.test(cut) ? cut : `SECRET_${cut}`.replace(/_+$/, '');
}
