/** The words by which values say that they are not real, and how they are looked for. Used by placeholders.ts. Text is Latin-1. */

const split = (words: string): readonly string[] => words.split(' ');

/**
 * Of five letters and more: they count anywhere in a value. In random base 62 a given word of five letters comes up, in one case or
 * with a capital, about once in 8 million values of 40 characters.
 */
const SAYING = split(
  'example sample dummy placeholder changeme changethis change_me change-me replaceme replace_me replace-me replacewith replace_with ' +
    'replace-with redacted censored scrubbed obfuscated sanitized notreal not-real not_real not-a-real not_a_real notasecret not-a-secret ' +
    'not_a_secret fake- fake_ fakekey faketoken fakesecret fakepass foobar lorem bogus goeshere goes-here goes_here -here _here tokenhere ' +
    'keyhere secrethere passwordhere inserthere insert_ insert- insertyour enteryour your_ your- yourtoken yourapi yourkey yoursecret ' +
    'yourpass youraccess mytoken deadbeef cafebabe bitteaendern',
);

/** From this length on any mixture of cases counts (`ChangeMe`): too long to come up by chance. */
const ANY_CASE_FROM = 8;

/** Returns the word in the value that says so, or null. */
export function sayingWord(body: string): string | null {
  const lower = body.toLowerCase();
  for (const word of SAYING) {
    const at = lower.indexOf(word);
    if (at >= 0 && (word.length >= ANY_CASE_FROM || isOneCase(body.slice(at, at + word.length)))) return word;
  }
  return null;
}

function isOneCase(text: string): boolean {
  const tail = text.slice(1);
  return text === text.toUpperCase() || tail === tail.toLowerCase();
}

/** Count only as whole words, and only where nothing random stands beside them. */
const WEAK: ReadonlySet<string> = new Set(
  split(
    'test tests testing tester fake mock mocked demo todo fixme temp foo bar baz qux blah asdf hello world invalid nothing something whatever unused',
  ),
);

/** Returns whether a word (lower case) often stands for "not real". */
export function isWeakWord(word: string): boolean {
  return WEAK.has(word);
}

/** Returns the words of a value in lower case: runs of letters, also parted where a small letter meets a capital. */
export function wordsOf(body: string): readonly string[] {
  const parted = body.replace(/([a-z])(?=[A-Z])/g, '$1 ').replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ');
  return (parted.match(/[A-Za-z]+/g) ?? []).map((word) => word.toLowerCase());
}

const TRIVIAL: ReadonlySet<string> = new Set(
  split(
    'true false null none nil undefined yes no on off enabled disabled string str text int integer number bool boolean optional required ' +
      'secret password token key value default unset empty hidden masked n/a na tbd xxx yyy zzz abc any void object array buffer bytes unknown ' +
      'anonymous auto inherit public private username user name email',
  ),
);

/** Returns whether the whole value is a word of a programming language or of a form. */
export function isTrivial(body: string): boolean {
  return TRIVIAL.has(body.toLowerCase());
}

const ROLES: ReadonlySet<string> = new Set(
  split(
    'api key keys token tokens secret secrets password passwd passphrase pwd pass auth authentication authorization access refresh client ' +
      'private public app application service account user username name id value string my your the a an for of to and bearer basic credential ' +
      'credentials apikey secretkey accesskey accesstoken clientsecret authtoken signing encryption webhook shared session oauth jwt db database',
  ),
);

/** Returns whether the value is made of words for credentials alone: `api_key`, `client-secret`, `Bearer token`. */
export function isOnlyRoleWords(body: string): boolean {
  return /^[A-Za-z][A-Za-z_ .:-]{0,60}$/.test(body) && wordsOf(body).every((word) => ROLES.has(word));
}

/** Returns whether the value asks to be replaced: `your-token`, `insert_key`, `myApiKey`. */
export function isCommonBlank(body: string): boolean {
  if (/^(?:your|my|insert|enter|replace)(?:[A-Z][a-z]{1,20}){1,6}$/.test(body)) return true;
  return /^(?:your|my|the|some|enter|insert|put|add|replace|give|type)(?:[-_ .][A-Za-z]{1,20}){1,8}$/i.test(body);
}
