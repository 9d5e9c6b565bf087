/**
 * Judges values that only a name gives away (`password = …`): is this a secret, and how sure is that? In: the text, the spans of the
 * name and the value as assignment-after.ts read them. Out: a confidence for each role that a file may have (one blob can stand at many paths), or null
 * for what is a secret in none.
 *
 * Three questions, each able to say no: does the name mean a credential (name-words.ts); is the value a literal that could be one, and not
 * a reference, a placeholder or a value of another kind; is it rare enough for what the name promises (rarity.ts).
 */
import type { Confidence } from '../core/rule.ts';
import type { Assignment } from './assignment-after.ts';
import { COLUMN } from './assignment-column.ts';
import { whyDoubtful } from './doubtful-values.ts';
import { FILE_ROLES, type FileRole } from './file-role.ts';
import { type KnownValue, KnownValues } from './known-values.ts';
import type { NameKind } from './name-kinds.ts';
import { isOfLanguage } from './name-languages.ts';
import type { NameMeaning } from './name-words.ts';
import { type Rarity, rarityOf } from './rarity.ts';
import { hasManySigns, isCodeReference } from './value-forms.ts';

export type GenericVerdict = {
  readonly confidence: Confidence;
  /** Why it is perhaps none (doubtful-values.ts). */
  readonly doubt: string | null;
};

/** The verdict in a file of each role; a role that is not there: no secret. Never there: `generated`. */
export type VerdictByRole = Readonly<Partial<Record<FileRole, GenericVerdict>>>;

/** Longer values are data. */
const MAX_VALUE_CHARACTERS = 1000;

type Bar = { readonly minLength: number; readonly bits: number; readonly perLetter: number; readonly perCharacter: number };

/**
 * Measured on random lower-case words against words and identifiers: random letters cost 4.2 to 7 bits each, words and what is made of
 * them below 4. Digits cost 3.3 bits, so a text with many of them has fewer bits a character.
 */
const BARS: Readonly<Record<NameKind, Bar>> = {
  password: { minLength: 4, bits: 16, perLetter: 3.9, perCharacter: 3.7 },
  secret: { minLength: 5, bits: 20, perLetter: 4.15, perCharacter: 3.7 },
  token: { minLength: 8, bits: 34, perLetter: 4.2, perCharacter: 3.7 },
  key: { minLength: 10, bits: 40, perLetter: 4.3, perCharacter: 3.75 },
  auth: { minLength: 8, bits: 34, perLetter: 4.3, perCharacter: 3.8 },
  credential: { minLength: 5, bits: 22, perLetter: 4.3, perCharacter: 3.8 },
};

/**
 * Kinds of other values (value-kinds.ts) that settle it. Not among them: digests and UUIDs (a token may have their form), numbers and
 * identifiers, since rarity judges those.
 */
const OTHER_KINDS: ReadonlySet<string> = new Set(
  'integrity-hash path url date version code-reference store-reference template public-key password-hash ciphertext'.split(' '),
);

/**
 * Returns how sure it is, by role, that the value at [valueStart, valueEnd) is a secret, or null if it is none in any. `meaning` is what the name says that begins at
 * `nameStart`; `quoted` says whether the value stood in quotes. Cost O(length of the value).
 */
export function judgeGeneric(
  text: string,
  { nameStart, valueStart, valueEnd, quoted, operator }: Pick<Assignment, 'nameStart' | 'valueStart' | 'valueEnd' | 'quoted' | 'operator'>,
  meaning: NameMeaning,
  isAudit = false,
  values: KnownValues = new KnownValues(),
): VerdictByRole | null {
  if (valueEnd - valueStart > MAX_VALUE_CHARACTERS || valueEnd <= valueStart) return null;
  const value = text.slice(valueStart, valueEnd);
  // `write my-key ciphertext=…`: the value has a name of its own.
  if (!quoted && (operator === ' ' || operator === '?') && /^[A-Za-z_]\w{0,40}=/.test(value)) return null;
  // `#define BAD_PASSWD 39525438`, `"password": 864000,`: a number of the program
  if (!quoted && /^\d{1,10}$/.test(value) && /(?:#define |["'])$/.test(text.slice(Math.max(0, nameStart - 8), nameStart))) return null;
  const known = values.of(value);
  if (!quoted && isSaying(text, value, valueEnd, meaning)) return null;
  const sureness = surenessOf(known, meaning, quoted, operator);
  if (sureness === null && !isAudit) return null;
  const hasDigit = /\d/.test(value);
  return inEachRole((role) => {
    if ((role === 'labels' && !hasDigit) || (role === 'rows' && operator !== COLUMN)) return null;
    if (!quoted && isCodeReference(text, nameStart, valueStart, valueEnd, role)) return null;
    const confidence = sureness && (isAside(role) ? sureness.aside : sureness.inUse);
    if (confidence !== null) return { confidence, doubt: null };
    const doubt = isAudit ? whyDoubtful(known, meaning, quoted, role, operator) : null;
    return doubt === null ? null : { confidence: 'low', doubt };
  });
}

/** `Passwort: siehe KeePass`, `Hasło: wymagane`: a word, behind a name in a language whose words nobody counted, or in front of more of them. */
function isSaying(text: string, value: string, valueEnd: number, meaning: NameMeaning): boolean {
  if (!/^[A-Za-z\x80-\xff]+$/.test(value)) return false;
  return meaning.words.some(isOfLanguage) || /^ [a-z\x80-\xff]{2,}[ ,.]/.test(text.slice(valueEnd, valueEnd + 40));
}

/** Asks for each role but generated files; null where all say no. */
export function inEachRole(judge: (role: FileRole) => GenericVerdict | null): VerdictByRole | null {
  const judged: Partial<Record<FileRole, GenericVerdict>> = {};
  for (const role of FILE_ROLES) {
    const verdict = role === 'generated' ? null : judge(role);
    if (verdict !== null) judged[role] = verdict;
  }
  return Object.keys(judged).length > 0 ? judged : null;
}

/** How sure it is that a literal is a secret: in files that a program uses, and in tests and documents, whose passwords are made up more often. */
type Sureness = { readonly inUse: Confidence; readonly aside: Confidence | null };

function isAside(role: FileRole): boolean {
  return role === 'test-code' || role === 'document';
}

/** Returns how sure it is that a literal is a secret, by the value and what its name means alone; null: it is none. */
function surenessOf(known: KnownValue, meaning: NameMeaning, quoted: boolean, operator: string): Sureness | null {
  const value = known.text;
  if (value.length < BARS[meaning.kind].minLength || isSameAsName(value, meaning)) return null;
  if (quoted && meaning.strength !== 'weak' && holdsRareMember(value)) return { inUse: 'medium', aside: 'medium' };
  const sureness = surenessByRarity(known, meaning, operator);
  // First, since most values of source text are too common, and the other questions are dozens of patterns.
  if (sureness === null || known.isTechnical(quoted)) return null;
  if (isNamed(value, meaning, quoted)) return null;
  const otherKind = known.kind;
  if (otherKind !== null && (OTHER_KINDS.has(otherKind) || !isFit(otherKind, meaning))) return null;
  return known.placeholder === null ? sureness : null;
}

/** A signature tells nobody the key it was made with: digits, or as many bytes in base64 as HMAC-SHA-1, HMAC-SHA-256 and Ed25519 have. */
const SIGNATURE = /^(?:0x)?[0-9A-Fa-f]{32,}$|^(?:[A-Za-z0-9+/]{27}|[A-Za-z0-9+/]{43})=$|^[A-Za-z0-9+/]{86}==$/;

/** What is the name of a thing behind some names: a cache's key with a digest at its end, the id of credentials, a variable that has the name in its own, a key that signs commits. */
function isNamed(value: string, { kind, strength, words }: NameMeaning, quoted: boolean): boolean {
  if (kind === 'key' && strength === 'plain')
    return /^(?:[\w.]+-)*[A-Za-z]{3,}-(?:[\w.]+-)*[0-9a-f]{32,64}$|\/[^/]{1,80}\.[a-z]{2,4}$/.test(value);
  if (kind === 'auth' && words.includes('signature') && SIGNATURE.test(value)) return true;
  if (kind === 'credential' || (words.length === 1 && words[0] === 'pass')) return NUMBERED_NAME.test(value);
  if (words.length === 1 && words[0] === 'signingkey') return /^(?:0x)?(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40})$/.test(value);
  return !quoted && /^[a-z]+(?:[A-Z][a-z]+)+\d{0,2}$/.test(value) && value.startsWith(words.at(-1) ?? value);
}

/** A UUID or a digest is the value of a token or secret, but of a bare `key` it names a thing. */
function isFit(otherKind: string, meaning: NameMeaning): boolean {
  if (otherKind !== 'uuid' && otherKind !== 'hex-digest') return true;
  // What was signed or hashed with a key, which tells nobody the key.
  if (otherKind === 'hex-digest' && meaning.words.at(-1) === 'signature') return false;
  return meaning.strength === 'strong' || (meaning.strength === 'plain' && meaning.kind !== 'key');
}

/** A token that is a JSON object (`"{\"name\":\"…\",\"sig\":\"…\"}"`): one of its members is rare. */
function holdsRareMember(value: string): boolean {
  if (value[0] !== '{' || value[value.length - 1] !== '}') return false;
  const members = value.match(/[A-Za-z0-9+/_-]{20,200}/g) ?? [];
  return members.slice(0, 20).some((member) => /\d/.test(member) && isRare(member, rarityOf(member), BARS.token));
}

function surenessByRarity({ text: value, rarity }: KnownValue, meaning: NameMeaning, operator: string): Sureness | null {
  const bar = raisedBar(BARS[meaning.kind], meaning, operator);
  if (isRare(value, rarity, bar) && (meaning.strength !== 'plain' || meaning.kind !== 'key' || /\d/.test(value)))
    return { inUse: meaning.strength === 'strong' && rarity.bits >= 60 ? 'high' : 'medium', aside: 'medium' };
  const mayBeChosen = meaning.strength === 'strong' && operator !== '?' && (meaning.kind === 'password' || isSharedSecret(value, meaning));
  return mayBeChosen && isChosenPassword(value, rarity) ? { inUse: 'medium', aside: null } : null;
}

/** Bits that a value must have whose place says less than a name does: eight random letters and digits. */
const RANDOM_BITS = 36;

/** What people choose for two machines that share it, which names call a secret or a key: only with characters of all four kinds, or as the key of a wireless network. */
function isSharedSecret(value: string, { kind, words }: NameMeaning): boolean {
  if (words.at(-1) === 'psk') return true;
  return (
    kind !== 'auth' &&
    kind !== 'credential' &&
    SIGN_OF_PASSWORDS.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /\d/.test(value)
  );
}

/** Returns whether a value looks random, as a password of a generator does, or as people write them: capital and small letters with digits among them, no name of a thing. */
export function isRandom({ text, rarity }: KnownValue): boolean {
  if (isRare(text, rarity, { ...BARS.password, bits: RANDOM_BITS })) return true;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text) && isChosenPassword(text, rarity);
}

function raisedBar(bar: Bar, meaning: NameMeaning, operator: string): Bar {
  const isPlainColumn = operator === COLUMN && meaning.strength === 'plain';
  const isDoubtful =
    meaning.strength === 'weak' || isPlainColumn || operator === '?' || operator === '(' || operator === ',' || operator === '|';
  const more = (meaning.strength === 'plain' ? 1.15 : 1) * (isDoubtful ? 1.6 : 1);
  return { ...bar, bits: bar.bits * more };
}

function isRare(value: string, rarity: Rarity, bar: Bar): boolean {
  if (value.length < bar.minLength || rarity.bits < bar.bits) return false;
  if (rarity.perLetter === 0) return isRareNumber(value, rarity, bar);
  // Letters of hexadecimal are too few to be measured as letters; random digits cost 3.3 to 4.5 bits each.
  if (/^(?:[0-9a-f-]{16,}|[0-9A-F-]{16,})$/.test(value) && hasManyDigits(value)) return rarity.perCharacter >= 3.1;
  const perLetter = hasManySigns(value) ? Math.min(bar.perLetter, PER_LETTER_AMONG_SIGNS) : bar.perLetter;
  return rarity.perLetter >= perLetter && rarity.perCharacter >= Math.min(bar.perCharacter, hasManyDigits(value) ? 3.1 : bar.perCharacter);
}

/** What has many different signs is measured as a password is. */
const PER_LETTER_AMONG_SIGNS = BARS.password.perLetter;

/** Digits alone: long enough not to be a port, a mode, a number of seconds. */
function isRareNumber(value: string, rarity: Rarity, bar: Bar): boolean {
  const digits = value.replace(/\D/g, '').length;
  return digits < value.length / 2 ? rarity.perCharacter >= 4 : digits >= (bar.bits > 24 ? 9 : 6) && rarity.perCharacter >= 2.7;
}

function hasManyDigits(value: string): boolean {
  return value.replace(/\D/g, '').length * 4 >= value.length;
}

/** Signs that people put into passwords; others stand in code and text. */
const SIGN_OF_PASSWORDS = /[!@#$%^&*?+~]/;
/** Bits of a password made of words: with digits and two other classes of characters, and with a digit or a sign alone. */
const CHOSEN_BITS = { mixed: 22, plain: 30 } as const;

/** `db-main-2`, `new_password1`, `caching_sha2_password`: names of things, some of them counted. */
const NUMBERED_NAME = /^[A-Za-z]+\d{0,3}(?:[-_.](?:[A-Za-z]+\d{0,3}|\d{1,2}))+$/;
/** `Canyon_Cricket89`, `Juniper-lantern254`: two words of four letters and more, the first with a capital, and a number behind them, which is how people make passwords. */
const WORDS_AND_NUMBER = /^[A-Z][a-z]{3,}[-_.][A-Z]?[a-z]{3,}\d{2,4}$/;

/** `Winter2024!`, `conta1nerize`: made of words, but as people make passwords: several classes of characters, not an identifier. */
function isChosenPassword(value: string, rarity: Rarity): boolean {
  if (value.length < 8 || value.length > 40 || /[\s()[\]{}<>"'=;,\\]/.test(value)) return false;
  if (NUMBERED_NAME.test(value) && !WORDS_AND_NUMBER.test(value)) return false;
  const hasDigit = /\d/.test(value);
  const hasSign = SIGN_OF_PASSWORDS.test(value);
  if (!hasDigit && !hasSign) return false;
  const classes = [/[a-z]/.test(value), /[A-Z]/.test(value), hasDigit, hasSign].filter(Boolean).length;
  return classes >= 2 && rarity.bits >= (classes >= 3 && hasDigit ? CHOSEN_BITS.mixed : CHOSEN_BITS.plain);
}

function isSameAsName(value: string, meaning: NameMeaning): boolean {
  const name = meaning.words.join('');
  if (value.length - 12 > name.length) return false;
  const squashed = value.toLowerCase().replace(/[^a-z]/g, '');
  if (squashed.length >= 8 && squashed === name) return true;
  return squashed.length > 0 && squashed.length >= value.length - 2 && name.endsWith(squashed);
}
