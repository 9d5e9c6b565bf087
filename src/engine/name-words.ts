/**
 * What a name says about its value: `db_password` holds a password, `passwordField` does not. A name is split into words; the last one
 * that means something decides (facts/placeholders.md, section 3). Used by generic.ts.
 */

import { lazily } from '../core/lazily.ts';
import type { NameKind } from './name-kinds.ts';
import { endsOfLanguages, HARMLESS_BEHIND, TELLING_BEHIND, wordsOfLanguages, wordsOfScripts } from './name-languages.ts';

export type NameMeaning = {
  readonly kind: NameKind;
  /** `strong`: says it all (`api_key`); `plain`: the bare word (`key`); `weak`: the word stands before others that decide nothing. */
  readonly strength: 'strong' | 'plain' | 'weak';
  readonly words: readonly string[];
  /** `kind`, and what else the name speaks of: `secret_key` is found by the rule for secrets as well. A rule for anything else has nothing to say. */
  readonly about: readonly NameKind[];
};

const setOf = (words: string): (() => ReadonlySet<string>) => lazily(() => new Set(words.split(' ')));

const ENGLISH: readonly (readonly [kind: NameKind, words: string])[] = [
  [
    'password',
    'password passwords passwd passwds passwrd passwrds pwd pwds passphrase passphrases passcode pass psw pswd passw pw passwordhash',
  ],
  ['secret', 'secret secrets secretkey otp totp mfa seed'],
  ['key', 'key keys apikey apikeys nkey xkey psk'],
  ['token', 'token tokens jwt'],
  ['auth', 'auth authorization authentication verifier signature'],
  ['credential', 'credential credentials cred creds'],
];

const kinds = lazily(
  (): ReadonlyMap<string, NameKind> =>
    new Map([...ENGLISH.flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind] as const)), ...wordsOfLanguages()]),
);

/** Words at the end that say how the value is written or which one of several it is. */
const NEUTRAL = setOf(
  'base value val values string str text raw plain plaintext clear cleartext b64 base64 hex encoded bytes byte env var default prod production dev development test testing staging stage qa live new old current previous last next first second primary secondary main backup confirm confirmation again repeat verify input data content param arg a b c d x y z n m s v one two three root admin user db database app server client master slave local global my the me main const final static public private internal readonly in out',
);

/** Last words that make the name mean something else. */
const OTHERS = setOf(
  'accessor accessors name names id ids identifier identifiers url urls uri uris endpoint endpoints path paths file files filename dir directory folder location type types kind class length len size count number num max min limit policy policies field fields label labels hint hints regex regexp pattern patterns provider providers placeholder placeholders title message messages msg error errors err description desc help prompt form forms page view screen dialog button icon link links column columns table index idx prefix suffix header headers format version status state mode method methods algorithm alg algo expiry expires expiration expire ttl lifetime timeout age date time timestamp created updated at issuer audience scope scopes role roles rule rules service store storage manager handler helper factory builder generator generate validator validation strength reset recovery recover change changed update forgot forgotten required enabled disabled enable disable allowed valid invalid exists empty missing wrong incorrect mismatch match matches set get ref reference references arn alias aliases code codes event events press up down board map ring bag bags pair pairs word words frame frames stroke bindings binding encoding encrypted encoder decoder cipher hash hashes hashed hasher digest salt rounds iterations cost config configuration options option settings setting schema model entity dto request response result results list array selector selectors query command cmd flag usage example examples documentation docs info metadata context session cookie callback listener source target template host hostname port address email login username bundle group namespace category tag tags object objects item items node element component container panel menu section tab color variable variables eui lat lon latitude longitude scheme style width height position offset order level usages uses spec specs type',
);

/** Last words of what is written in hexadecimal and tells which version of something is meant, or which token (Vault's accessors). Not `hash`: Telegram's `api_hash` is a secret. */
const VERSIONS = setOf(
  'accessor accessors commit commits sha revision rev digest checksum checksums etag fingerprint fingerprints integrity release',
);

const IDS = setOf('id gid uid guid uuid oid');

/** Words before the deciding one that make it harmless. */
const HARMLESS_BEFORE: ReadonlyMap<NameKind, () => ReadonlySet<string>> = new Map([
  [
    'key',
    setOf(
      'verify verifying peer sealed wrapped encrypted websocket public pub primary foreign partition sort cache row hash group map index object registry hot arrow translation i18n react unique composite natural surrogate candidate lookup dictionary dict entry field column json attribute attr header meta data tag label enum menu tab function shift ctrl alt escape esc enter space delete return any press up down host known authorized config settings option param parameter query search route storage redis kv bucket message routing ordering order by for each last first next prev parent child root item node list array property prop state store event action issue jira project component template theme style color resource locale lang language text string name max min sub super meta site publishable measurement file sorting socket gpg pgp checksum digest',
    ),
  ],
  [
    'token',
    setOf(
      'next page continuation pagination sync cancellation cancel csrf xsrf pad eos bos unk mask sep cls stop start end punctuator lexer parser syntax whitespace design max min num total peek current prev previous special begin close open delimiter public checksum digest authenticity forgery antiforgery',
    ),
  ],
  [
    'password',
    setOf(
      'run no result bad wrong invalid forgot reset change by low high band multi single first second render compile one two hall encrypted crypted encode checksum digest',
    ),
  ],
  ['auth', setOf('no skip disable enable require requires use is has')],
  ['secret', setOf('no is has encrypted checksum digest')],
  ['credential', setOf('no is has include allow with')],
]);

/** Signatures of links that end by themselves within days: `X-Amz-Signature`. */
const PRESIGNED = setOf('amz goog');

/** Words before `token` that make it a number of a request, so that it is carried out once: `clientRequestToken`. */
const IDEMPOTENT = setOf('idempotency action');

/** Words before `key`, `token`, `auth` that make the name certain. */
const TELLING_BEFORE = setOf(
  'api secret private access auth encryption encrypt signing sign crypto master consumer client session cipher hmac aes des rsa ssh service account shared app application integration license webhook admin server signature jwt token deploy unseal wallet bearer refresh oauth oauth2 id identity user login bot personal registry npm github gitlab slack security storage subscription write read function host cookie remember persistence perishable single device push install activation license recovery pre verification verifier ingest instrumentation password pass crypt salt web stripe aws azure google gcp twilio sendgrid mailgun heroku openai datadog sentry',
);

const ENGLISH_SUFFIXES: readonly (readonly [string, NameKind])[] = [
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['passcode', 'password'],
  ['pwd', 'password'],
  ['userpass', 'password'],
  ['adminpass', 'password'],
  ['rootpass', 'password'],
  ['dbpass', 'password'],
  ['sqlpass', 'password'],
  ['mailpass', 'password'],
  ['smtppass', 'password'],
  ['ftppass', 'password'],
  ['sshpass', 'password'],
  ['ldappass', 'password'],
  ['wifipass', 'password'],
  ['storepass', 'password'],
  ['requirepass', 'password'],
  ['remotepass', 'password'],
  ['imappass', 'password'],
  ['dnpass', 'password'],
  ['keypass', 'password'],
  ['secret', 'secret'],
  ['token', 'token'],
  ['apikey', 'key'],
  ['appkey', 'key'],
  ['aeskey', 'key'],
  ['signkey', 'key'],
  ['signingkey', 'key'],
  ['accountkey', 'key'],
  ['clientkey', 'key'],
  ['sharedkey', 'key'],
  ['licensekey', 'key'],
  ['accesskey', 'key'],
  ['secretkey', 'key'],
  ['privatekey', 'key'],
  ['authkey', 'key'],
  ['appskey', 'key'],
  ['nwkskey', 'key'],
  ['nwkkey', 'key'],
  ['cipherkey', 'key'],
  ['encryptionkey', 'key'],
  ['masterkey', 'key'],
  ['credentials', 'credential'],
  ['credential', 'credential'],
];

/** By their last two letters, which few other words end in. */
const suffixesByEnd = lazily((): ReadonlyMap<string, readonly (readonly [string, NameKind])[]> => {
  const suffixes = [...ENGLISH_SUFFIXES, ...endsOfLanguages()];
  const ends = new Set(suffixes.map(([suffix]) => suffix.slice(-2)));
  return new Map([...ends].map((end) => [end, suffixes.filter(([suffix]) => suffix.endsWith(end))]));
});

const MAX_NAME_CHARACTERS = 160;

/** Returns the lower-case words of a name, in bytes: split at what is no letter, at digits, and where the case changes. */
export function wordsOf(name: string): string[] {
  const end = name.slice(-MAX_NAME_CHARACTERS);
  if (/[\x80-\xff]/.test(end)) return wordsOfScripts(end);
  const parts = end.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return parts.map((part) => part.toLowerCase());
}

/** Returns what the name's value is, or null where the name means no credential. */
export function meaningOf(name: string): NameMeaning | null {
  const words = wordsOf(name);
  let last = words.length - 1;
  while (last > 0 && NEUTRAL().has(words[last] ?? '') && kindOfWord(words[last] ?? '') === null) last--;
  for (let at = last; at >= 0; at--) {
    const word = words[at] ?? '';
    const kind = kindOfWord(word);
    if (kind === null) {
      if (OTHERS().has(word)) return null;
      continue;
    }
    const before = words[at - 1] ?? '';
    if (HARMLESS_BEFORE.get(kind)?.().has(before) === true || isPublic(words, at)) return null;
    if (HARMLESS_BEHIND.has(words[at + 1] ?? '')) return null;
    const isJoined = !kinds().has(word) || word.startsWith('api');
    const isTold = TELLING_BEHIND.has(words[at + 1] ?? '');
    if (isTold && at + 1 === last) return { kind, strength: 'strong', words, about: kindsIn(words, kind) };
    const isTelling = isJoined || kind === 'password' || kind === 'secret' || TELLING_BEFORE().has(before);
    return { kind, strength: at < last ? 'weak' : isTelling ? 'strong' : 'plain', words, about: kindsIn(words, kind) };
  }
  return null;
}

/**
 * What is told to everybody: a signature made with a key that stays secret (`X-Amz-Signature`, XML's `SignatureValue`), a public key by its kind (`SUPublicEDKey`) and
 * .NET's token of one, the token of a form (`__RequestVerificationToken`).
 */
function isPublic(words: readonly string[], at: number): boolean {
  const [first = '', before = '', word = ''] = [words[at - 2], words[at - 1], words[at]];
  // GUID_DRS_UNEXPIRE_PASSWORD: what is called by the word, and by a number
  if (words.some((each) => each === 'guid')) return true;
  if (word === 'signature') return PRESIGNED().has(before) || words[at + 1] === 'value';
  if (word === 'token')
    return (
      IDEMPOTENT().has(before) ||
      (first === 'client' && before === 'request') ||
      (first === 'public' && before === 'key') ||
      (first === 'request' && before === 'verification')
    );
  return (word === 'key' || word === 'keys') && first === 'public' && !kinds().has(before);
}

/** Returns whether what stands before a name makes its value public: the `checksum/secret` of a Helm chart, the `badge.svg?token=` of a coverage service, an ARN, the name of a thing. */
export function isPublicBehind(before: string): boolean {
  if (before.endsWith(':') && /\barn:aws[a-z-]{0,10}:[a-z]{2,20}:[a-z0-9-]{0,20}:(?:\d{12})?:$/.test(before)) return true;
  return (
    (before.endsWith('/') || before.endsWith('?')) && /(?:(?:checksum|digest|hash|sha\d{0,3})\/|\bbadge(?:\.svg)?\?|\.svg\?)$/i.test(before)
  );
}

/** Returns a name with the word before it that people write apart: `API key: …`, `**Secret Key**: …`. A name is one word otherwise. */
export function wholeName(before: string, name: string): string {
  if (name.length > 4 || !/^[Kk][Ee][Yy][Ss]?$/.test(name)) return name;
  const word = /(?:^|[^A-Za-z0-9_-])([A-Za-z]{2,12}) $/.exec(before)?.[1] ?? '';
  return TELLING_BEFORE().has(word.toLowerCase()) ? `${word}_${name}` : name;
}

/** Returns whether the name is that of a version: `DATADOG_COMMIT_SHA` holds no key of Datadog. */
export function isOfVersion(name: string): boolean {
  return VERSIONS().has(wordsOf(name).at(-1) ?? '');
}

/** Returns whether the name is that of an id: `heroku_app_id`. */
export function isOfId(name: string): boolean {
  return IDS().has(wordsOf(name).at(-1) ?? '');
}

function kindsIn(words: readonly string[], kind: NameKind): NameKind[] {
  const all: NameKind[] = kind === 'credential' ? [kind, 'auth'] : [kind];
  for (const word of words) {
    const other = kindOfWord(word);
    if (other !== null && !all.includes(other)) all.push(other);
  }
  return all;
}

/** Returns the kind of credential that a lower-case word means by itself, or null. */
export function kindOfWord(word: string): NameKind | null {
  const kind = kinds().get(word);
  if (kind !== undefined) return kind;
  // sudo's NOPASSWD, `nokey`
  if (word.startsWith('no') && (word === 'nopasswd' || word === 'nopassword' || word === 'nosecret')) return null;
  const suffixes = suffixesByEnd().get(word.slice(-2));
  return suffixes?.find(([suffix]) => word.endsWith(suffix))?.[1] ?? null;
}
