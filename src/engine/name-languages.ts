/**
 * How names of credentials are written in languages other than English: `contraseña`, `mot_de_passe`, `пароль`, `数据库密码`. Names are split into words
 * whatever their script, and the words stand in one table, for what a name means (name-words.ts) and for values that are such a word themselves, as texts for
 * people are (rarity.ts). Rules of their kind (rules/generic/generic.yml) have the openings of the words as keywords; test/engine/name-languages.test.ts holds the two together.
 */
import { lazily } from '../core/lazily.ts';
import { NAME_KINDS, type NameKind } from './name-kinds.ts';

/** Lower-case words without marks above and below letters (`contraseña` is `contrasena`), by what they mean. Of East Asian languages each stands at the end of longer words. */
const WORDS: Readonly<Partial<Record<NameKind, string>>> = {
  password:
    // Spanish, Catalan, Portuguese, French, Italian, Romanian
    'contrasena contrasenya clave senha passe motdepasse mdp parola ' +
    // German, Luxembourgish, Dutch, Afrikaans, Frisian, Danish, Norwegian, Swedish, Icelandic
    'passwort kennwort passwuert wachtwoord wagwoord wachtwurd adgangskode kodeord passord losenord lykilord ' +
    // Finnish, Estonian, Hungarian, Basque, Irish, Welsh, Esperanto, Lithuanian, Albanian
    'salasana parool jelszo pasahitza pasfhocal cyfrinair pasvorto slaptazodis fjalekalimi ' +
    // Polish, Czech and Slovak, Slovenian, Croatian, Bosnian and Serbian, Turkish, Azerbaijani
    'haslo heslo geslo lozinka sifre parol ' +
    // Indonesian, Malay, Vietnamese (the last word of mật khẩu)
    'sandi katasandi katalaluan khau matkhau ' +
    // Russian, Ukrainian, Bulgarian, Macedonian, Serbian, Greek, Hebrew, Arabic, Hindi, Thai
    'пароль парола лозинка κωδικος סיסמה المرور पासवर्ड รหัสผ่าน ' +
    // Chinese, Japanese, Korean
    '密码 密碼 口令 パスワード 暗証番号 비밀번호 패스워드 암호',
  secret:
    // German and Dutch, Spanish, Portuguese, French, Italian, Swedish, Danish and Norwegian, Turkish, Russian; Chinese: a secret key
    'geheim geheimnis secreto secreta segredo secrete segreto segreta hemlighet hemmelighet hemmelighed gizli секрет 密钥 密鑰 秘钥 秘鑰',
  key:
    // Portuguese, Italian, French, German, Dutch, Swedish, Polish, Turkish, Russian; Chinese, Japanese (a secret key, a key), Korean (a secret, a cipher's key)
    'chave chiave cle clef schluessel schlussel sleutel nyckel klucz anahtar ключ 金钥 金鑰 秘密鍵 暗号鍵 キー 비밀키 암호키',
  token: 'jeton токен 令牌 トークン 토큰',
  credential: 'zugangsdaten',
};

type MeaningWords = readonly (readonly [word: string, kind: NameKind])[];

/** Every word with what it means. */
export const wordsOfLanguages = lazily(
  (): MeaningWords =>
    NAME_KINDS.flatMap((kind) => (WORDS[kind] ?? '').split(' ').flatMap((word) => (word === '' ? [] : [[word, kind] as const]))),
);

const words = lazily((): ReadonlySet<string> => new Set(wordsOfLanguages().map(([word]) => word)));

/** Returns whether a lower-case word of a name is, or ends in, one of these. */
export function isOfLanguage(word: string): boolean {
  return words().has(word) || endsOfLanguages().some(([end]) => word.endsWith(end));
}

/** Hebrew, and the scripts behind it that have words here: their letters have no case. */
const FIRST_WITHOUT_CASE = 0x590;

/** Of these the ones that are known at the end of a longer word too: a German compound, text without blanks. */
export const endsOfLanguages = (): MeaningWords =>
  wordsOfLanguages().filter(([word]) => word.length >= (word.charCodeAt(0) >= FIRST_WITHOUT_CASE ? 2 : 6));

/** Words behind another that say what it is for, as an adjective does in Romance languages: a `chave_api`, a `clé privée`. */
export const TELLING_BEHIND: ReadonlySet<string> = new Set(
  'api secreta secrete segreta privada privee privata acesso acceso acces accesso cifrado chiffrement'.split(' '),
);

/** The same of a half that is told to everybody, or of another thing: `chave_publica`, `clé étrangère`. */
export const HARMLESS_BEHIND: ReadonlySet<string> = new Set(
  'publica publique pubblica primaria primaire estrangeira foranea etrangere esterna'.split(' '),
);

/** Letters that are not another letter with a mark, as they are written without them. */
const LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  æ: 'ae',
  Æ: 'AE',
  ß: 'ss',
};

/** The same as a class, by their codes: the bundle is ASCII. */
const ANY_OF_LETTERS = /[\u0141\u0142\u00d8\u00f8\u0110\u0111\u0131\u00c6\u00e6\u00df]/g;

/** Letters of any script, a capital only at the start of a word or in one of capitals. */
const WORD = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+/gu;

/** Returns the lower-case words of a name whose bytes are UTF-8, or, where they are not, Latin-1. A character that is cut at either end does not count. */
export function wordsOfScripts(bytes: string): string[] {
  const whole = bytes
    .replace(/^[\x80-\xbf]{1,3}/, '')
    .replace(/[\xc2-\xf4][\x80-\xbf]{0,2}$/, (last) => (isWholeCharacter(last) ? last : ''));
  const decoded = Buffer.from(whole, 'latin1').toString('utf8');
  return (
    plainLetters(decoded.includes('\ufffd') ? whole : decoded)
      .match(WORD)
      ?.map((word) => word.toLowerCase()) ?? []
  );
}

function isWholeCharacter(bytes: string): boolean {
  const first = bytes.charCodeAt(0);
  return bytes.length === (first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);
}

/** Returns the text without marks of Latin, Greek and Cyrillic letters. */
function plainLetters(text: string): string {
  const plain = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  return plain.replace(ANY_OF_LETTERS, (letter) => LETTERS[letter] ?? letter);
}
