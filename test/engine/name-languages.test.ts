/** Names of credentials in other languages than English are found, whatever their script, and the words that people read in these languages are left alone. */
import { describe, expect, it } from 'vitest';
import type { NameKind } from '../../src/engine/name-kinds.ts';
import { wordsOfLanguages, wordsOfScripts } from '../../src/engine/name-languages.ts';
import { meaningOf } from '../../src/engine/name-words.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { isReported, makeScanners, ruleOf, scanText } from './rules-scanner.ts';

const { usual } = makeScanners();

const RULES: Readonly<Record<NameKind, string>> = {
  password: 'generic-password',
  secret: 'generic-secret',
  key: 'generic-key',
  token: 'generic-token',
  auth: 'generic-auth',
  credential: 'generic-auth',
};

function reported(path: string, text: string): string[] {
  return scanText(usual, path, fillExample(text, path)).filter(isReported).map(ruleOf);
}

/** `bytes` as the engine holds them. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

describe('each word of a language', () => {
  it.each(wordsOfLanguages())('%s names a %s', (word, kind) => {
    // `cle` alone is what `circle` ends in as well: a keyword stands for it with what is behind it.
    const name = word === 'cle' || word === 'clef' ? `${word}_api` : word === 'khau' ? 'mat_khau' : word;
    const rule = RULES[kind];
    expect(reported('settings.yml', `${name}: "{{alnum:24}}"`)).toEqual([rule]);
    expect(reported('app.py', `db_${name} = '{{alnum:24}}'`)).toEqual([rule]);
  });
});

describe('names as people write them', () => {
  it.each([
    ['contraseña_bd = "{{alnum:16}}"', 'generic-password'],
    ['"contraseña": "{{alnum:16}}"', 'generic-password'],
    ['hasło: "{{alnum:16}}"', 'generic-password'],
    ['lösenord = "{{alnum:16}}"', 'generic-password'],
    ['Mot de passe : {{alnum:16}}', 'generic-password'],
    ['motDePasse = "{{alnum:16}}"', 'generic-password'],
    ['Benutzerpasswort = "{{alnum:16}}"', 'generic-password'],
    ['API_SCHLÜSSEL = "{{alnum:32}}"', 'generic-key'],
    ['apiSchluessel: "{{alnum:32}}"', 'generic-key'],
    ['cléPrivée = "{{alnum:32}}"', 'generic-key'],
    ['clave_secreta = "{{alnum:32}}"', 'generic-password'],
    ['chave_api = "{{alnum:32}}"', 'generic-key'],
    ['şifre = "{{alnum:16}}"', 'generic-password'],
    ['mật_khẩu = "{{alnum:16}}"', 'generic-password'],
    ['Пароль: {{alnum:16}}', 'generic-password'],
    ['пароль_бд = "{{alnum:16}}"', 'generic-password'],
    ['Κωδικός: {{alnum:16}}', 'generic-password'],
    ['数据库密码：{{alnum:16}}', 'generic-password'],
    ['- 密码：{{alnum:16}}，登录后请修改', 'generic-password'],
    ['管理员密码＝{{alnum:16}}。', 'generic-password'],
    ['API密钥：{{alnum:32}}', 'generic-secret'],
    ['パスワード： {{alnum:16}}', 'generic-password'],
    ['비밀번호: {{alnum:16}}', 'generic-password'],
    ['password：{{alnum:16}}', 'generic-password'],
  ])('%s', (text, rule) => {
    expect(reported('notes.md', text)).toEqual([rule]);
  });

  it('without what follows the value', () => {
    const text = fillExample('密码：{{alnum:16}}，登录后请修改', 'x');
    expect(scanText(usual, 'notes.md', text)[0]?.secret).toMatch(/^[0-9A-Za-z]{16}$/);
  });

  it('in Latin-1', () => {
    const text = Buffer.from(`${fillExample('contrase\xf1a = "{{alnum:16}}"', 'x')}\n`, 'latin1');
    expect(usual.scan(readFromBytes(text), 'settings.py').matches.filter(isReported).map(ruleOf)).toEqual(['generic-password']);
  });
});

describe('what is none', () => {
  it.each([
    ['settings.yml', 'chave_publica: "{{alnum:40}}"'],
    ['settings.yml', 'clé_étrangère: "{{alnum:40}}"'],
    ['labels.inc', "$labels['password'] = 'Wachtwoord';"],
    ['labels.inc', "$labels['password'] = 'Lozinka';"],
    ['a.ts', "export const password = 'MinhaSenha';"],
    ['a.ts', "export const password = 'tu_contrasena_aqui';"],
    ['cs_CZ/labels.inc', "$labels['password'] = 'Zobrazit heslo';"],
    ['primelocale/hr.json', '"passwordHide": "Sakrij lozinku",'],
    ['assets/de-DE-DyHJzHjs.js', 'tfa:"Zwei-Faktor-Authentifizierung",otp:"Sicherheitsabfrage"'],
    ['values-ku/strings.xml', '<string name="password">Nasnav</string>'],
    ['messages_eu.properties', 'password=Pasahitzaberria'],
    ['ja.json', '"password": "パスワード"'],
    ['a.py', 'пароль = "Введите пароль"'],
  ])('%s: %s', (path, text) => {
    expect(reported(path, text)).toEqual([]);
  });

  it('but a value with digits is one in texts for people too', () => {
    expect(reported('primelocale/hr.json', '"password": "{{alnum:15}}7",')).toEqual(['generic-password']);
  });
});

describe('wordsOfScripts', () => {
  it.each([
    ['contraseña', ['contrasena']],
    ['CLAVE_ADMINISTRACIÓN', ['clave', 'administracion']],
    ['clésPrivées', ['cles', 'privees']],
    ['ŁąckaUlica', ['lacka', 'ulica']],
    ['Größe', ['grosse']],
    ['пароль_БД2', ['пароль', 'бд']],
    ['API密钥', ['api', '密钥']],
    ['비밀번호_확인', ['비밀번호', '확인']],
  ])('%s', (name, words) => {
    expect(wordsOfScripts(bytesOf(name))).toEqual(words);
  });

  it('without characters that are cut', () => {
    const bytes = bytesOf('数据密码数');
    expect(wordsOfScripts(bytes.slice(1))).toEqual(['据密码数']);
    expect(wordsOfScripts(bytes.slice(0, -1))).toEqual(['数据密码']);
    expect(wordsOfScripts(bytes.slice(0, -2))).toEqual(['数据密码']);
  });

  it('of Latin-1', () => {
    expect(wordsOfScripts('contrase\xf1a_1')).toEqual(['contrasena']);
    expect(meaningOf('contrase\xf1a')?.kind).toBe('password');
  });
});
