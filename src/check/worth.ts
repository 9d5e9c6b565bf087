/**
 * Which texts of a store are worth a place in the index: those that, met in a file, mean that a secret has leaked. A user's name, a host, a port or `true` stand
 * everywhere and mean nothing; `changeme` is in a store because nobody changed it. Called by index-sync.ts and look-up.ts.
 */
import type { Leaf } from './structured.ts';

/** Shorter texts occur by chance. */
export const MIN_VALUE_CHARACTERS = 6;
/** Longer than any credential (a PEM bundle of a long chain is 20 KiB). */
export const MAX_VALUE_CHARACTERS = 65_536;

/** What people put where a secret belongs, and where none is. Compared in lower case. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'changeme change-me change_me changeit changethis placeholder replaceme replace-me todo-replace redacted undefined default example ' +
    'sample secret secrets password passwort passwd passw0rd token apikey api-key api_key username postgres mysql mariadb mongodb oracle ' +
    'sqlserver rabbitmq elasticsearch localhost disabled enabled production staging development testing unknown notset not-set not_set ' +
    'null-value dummy dummy-value foobar foobarbaz letmein qwerty xxxxxx xxxxxxxx ******** generated managed rotated opaque'
  ).split(' '),
);

/** The last word of a field's name that says what no secret is. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(
  (
    'user username login host hostname server port database dbname db name engine driver region zone endpoint email mail account scheme protocol ' +
    'kind type version apiversion namespace cluster path sslmode ssl tls timeout created updated description comment owner tenant issuer ' +
    'identifier instance service project environment env enabled algorithm encoding format locale context cert certificate audience'
  ).split(' '),
);

/** The last word of a name that promises a secret: its value counts, whatever it looks like. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(
  'password passwd passwort pass pwd secret token key apikey auth credential passphrase pin salt dsn'.split(' '),
);

/** Returns whether a leaf is to be indexed. */
export function isWorthIndexing({ field, value }: Leaf): boolean {
  if (!isWorthLookingUp(value)) return false;
  const word = lastWord(field);
  return SECRET_FIELDS.has(word) || (!PLAIN_FIELDS.has(word) && !isPlainText(value));
}

/** Returns whether a found text may be in an index at all. */
export function isWorthLookingUp(value: string): boolean {
  if (value.length < MIN_VALUE_CHARACTERS || value.length > MAX_VALUE_CHARACTERS) return false;
  if (STOP_WORDS.has(value.toLowerCase())) return false;
  // Numbers, dates, amounts; a number as long as a card's is still an id far more often than a secret.
  return /[^\d\s.,:+-]/.test(value) || value.replace(/\D/g, '').length > 19;
}

/** `spring.datasource.password` and `DB_PASSWORD` end with the same word. */
function lastWord(field: string): string {
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.filter((word) => word !== '').at(-1) ?? '';
}

/** Hosts, addresses without a password, mail addresses, paths, certificates, one letter again and again. */
function isPlainText(value: string): boolean {
  if (/^(.)\1*$/s.test(value)) return true;
  if (value.length > 512) return /^-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----/.test(value) && !value.includes('PRIVATE KEY');
  if (/^(?:true|false|null|none|yes|no|on|off)$/i.test(value)) return true;
  if (/^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}$/.test(value)) return true;
  if (/^(?:[a-z][a-z0-9-]{0,62}\.){1,8}[a-z]{2,24}\.?(?::\d{1,5})?$/.test(value)) return true;
  if (/^\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?$/.test(value)) return true;
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\/[^@\s?#]*$/i.test(value)) return true;
  return /^(?:~|\.{1,2})?\/(?:[\w.-]+\/)*[\w.-]*$/.test(value) && value.length < 200 && !/\d{3}/.test(value);
}
