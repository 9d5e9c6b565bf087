/** What the generic rules take for a secret, by name, form, rarity and file; and the rarity of words against random text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAssignmentsAfter } from '../../src/engine/assignment-after.ts';
import { roleOf } from '../../src/engine/file-role.ts';
import { judgeGeneric } from '../../src/engine/generic.ts';
import { KnownNames } from '../../src/engine/known-names.ts';
import type { NameKind } from '../../src/engine/name-kinds.ts';
import { meaningOf } from '../../src/engine/name-words.ts';
import { rarityOf } from '../../src/engine/rarity.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

/** Judges the first assignment of a text; the kind is the name's own. */
function judge(template: string, path = 'src/settings.conf'): string | null {
  const text = fillExample(template, 'generic');
  const keyword = /passw|passphrase|pwd|pass|secret|token|key|auth|cred|signature/i.exec(text);
  if (!keyword) throw new Error(`no keyword in ${template}`);
  const found = readAssignmentsAfter(text, keyword.index, keyword.index + keyword[0].length, 1000);
  if (!found) return null;
  const meaning = meaningOf(text.slice(found.nameStart, found.nameEnd));
  return (meaning && judgeGeneric(text, found, meaning)?.[roleOf(path)]?.confidence) ?? null;
}

/** As the engine reads them: a character a byte. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('secrets', () => {
  it.each([
    'password = "{{lower:10}}"',
    'password: {{lower:8}}{{digit:2}}',
    'MYSQL_ROOT_PASSWORD={{alnum:12}}',
    'db.password={{alnum:16}}',
    'password = "Winter2024!"',
    'client_secret: "{{alnum:32}}"',
    'api_key = "{{hex:32}}"',
    '"encryptionKey": "{{base64:43}}="',
    'access_token: {{alnum:40}}',
    'Authorization: Bearer {{alnum:40}}',
    'session_token = "{{uuid}}"',
    'connect("Server=db;Uid=sa;Password={{alnum:14}};")',
    'https://h/p?access_token={{alnum:24}}',
    'apitoken = "{\\"name\\":\\"root\\",\\"sig\\":\\"{{hex:32}}\\"}"',
  ])('%s', (template) => {
    expect(judge(template)).not.toBeNull();
  });

  it('are made with all signs of the keyboard, though some open a template that nothing closes', () => {
    expect(judge('password = "kJ9#{mL2$vN4"')).not.toBeNull();
    expect(judge('password = "x$(8Kd}{{2!pQ"')).not.toBeNull();
    expect(judge('password = "kJ9#{mL2}$vN4"')).toBeNull();
    expect(judge('password = "{{prefix-of-words"')).toBeNull();
    expect(judge('password = "Kd8xPq2mZ@@"')).not.toBeNull();
  });

  it('hold brackets that no expression has, and then open no template', () => {
    expect(judge('password = "w${e]Xp(qd[vr>-_$#kl}}"')).not.toBeNull();
    expect(judge('password = "w#{j]z)pQ[v~r!kl}}"')).not.toBeNull();
    expect(judge('password = "${prefix[kind](name)>suffix}"')).toBeNull();
    expect(judge('password = "base${config.get("')).toBeNull();
    expect(judge('password = "$(vault(read[kv"')).toBeNull();
  });

  it('may hold letters that ASCII lacks, among digits and signs', () => {
    expect(judge(`password = "${bytes('Grüße2024!')}"`)).not.toBeNull();
    expect(judge(`password = "${bytes('contraseña')}"`)).toBeNull();
    expect(judge(`password = "${bytes('Schlüssel2')}"`)).toBeNull();
    expect(judge(`password = "${bytes('пароль123!')}"`)).toBeNull();
  });

  it('are made of words with a digit or a sign, where that makes them rare enough', () => {
    expect(judge('password = "conta1nerize14"')).toBe('medium');
    expect(judge('password = "iWishIWereIn!"')).toBe('medium');
    expect(judge('password = "conta1nerize14"', 'docs/setup.md')).toBeNull();
    expect(judge('password = "new_password1"')).toBeNull();
    expect(judge('password = "harbour-lights-3"')).toBeNull();
    expect(judge('password = "caching_sha2_password"')).toBeNull();
    expect(judge('secret = "conta1nerize14"')).toBeNull();
  });

  it('is surest of a certain name and a rare value outside of tests', () => {
    expect(judge('api_key = "{{alnum:40}}"')).toBe('high');
    expect(judge('api_key = "{{alnum:40}}"', 'test/app.test.ts')).toBe('medium');
    expect(judge('password = "{{lower:6}}"')).not.toBe('high');
  });
});

describe('no secrets', () => {
  it.each([
    ['words', 'password = "some_silly_password"'],
    ['one word', 'password: welcome'],
    ['words joined', 'secret = "randomSecretString"'],
    ['the name again', 'password: "password"'],
    ['a variable of a shell', 'password=$DB_PASSWORD'],
    ['a template', 'password: {{ .Values.password }}'],
    ['a reference', 'password = config.database.password'],
    ['a call', 'token = fetchToken(user)'],
    ['a constant', 'key = "API_KEY_HEADER"'],
    ['a path', 'private_key: /etc/ssl/private/server.pem'],
    ['an address', 'auth = "https://login.acme.io/oauth2/token"'],
    ['a blank', 'api_key = "<your-api-key>"'],
    ['fill characters', 'token = "xxxxxxxxxxxxxxxxxxxx"'],
    ['a header name', 'key: "X-Powered-By"'],
    ['a UUID of a bare key', 'key = "{{uuid}}"'],
    ['a password hash', 'password = "$2b$12${{alnum:53}}"'],
    ['a public key', 'key = "ssh-ed25519 AAAA{{base64:64}}"'],
    ['a sentence', 'password: "Please enter your password"'],
    ['a regular expression', 'password = "^[a-zA-Z0-9]{8,}$"'],
    ['a number', 'token: 86400'],
    ['a translation', 'password: "Passwort"'],
    ['the verdict of a test', 'echo "PASS: vx4lanq"'],
    ['the verdict of a test in code', 'ksft_test_result_pass("vx4lanq_waitv")'],
    ['another constant', '#define CN57XX_PASS OCTEON_CN56XX_PASS1'],
    ['a serial number', 'key: "3d:80:91:c3:c2:34:3b:81:69:3d:92:0e:5f:aa:17:42"'],
    ['a signature in hexadecimal', '"signature":"{{hex:32}}"'],
  ])('%s: %s', (_why, template) => {
    expect(judge(template)).toBeNull();
  });

  it('believes unquoted text in configuration, not in code', () => {
    expect(judge('password = {{loweralnum:12}}', 'app/settings.ini')).not.toBeNull();
    expect(judge('password = {{loweralnum:12}}', 'app/settings.py')).toBeNull();
    expect(judge('run("docker run -e PASSWORD={{loweralnum:12}} x")', 'app/run.py')).not.toBeNull();
    expect(judge('// password: {{loweralnum:12}}', 'app/run.ts')).not.toBeNull();
  });

  it('judges nothing in lock files and minified files', () => {
    expect(judge('password = "{{alnum:16}}"', 'yarn.lock')).toBeNull();
    expect(judge('password = "{{alnum:16}}"', 'static/app.min.js')).toBeNull();
  });
});

describe('meaningOf', () => {
  const NAMES: readonly (readonly [string, NameKind | null])[] = [
    ['password', 'password'],
    ['dbPassword', 'password'],
    ['DB_PASSWORD_PROD', 'password'],
    ['userpass', 'password'],
    ['db_passwrd', 'password'],
    ['clave', 'password'],
    ['clientSecret', 'secret'],
    ['client_secret_key', 'key'],
    ['apikey', 'key'],
    ['X-Api-Key', 'key'],
    ['accessTokenValue', 'token'],
    ['aws.credentials', 'credential'],
    ['Authorization', 'auth'],
    ['passwordField', null],
    ['password_min_length', null],
    ['primaryKey', null],
    ['public_key', null],
    ['keyName', null],
    ['tokenType', null],
    ['next_page_token', null],
    ['secretName', null],
    ['api_key_id', null],
    ['monkey', null],
    ['keyboard', null],
    ['author', null],
    ['bypass', null],
    ['tokenizer', null],
    ['PublicKeyToken', null],
    ['SUPublicEDKey', null],
    ['__RequestVerificationToken', null],
    ['authenticity_token', null],
    ['SignatureValue', null],
    ['verification_token', 'token'],
    ['public_api_secret_key', 'key'],
    ['GPG_KEYS', null],
  ];
  it.each(NAMES)('%s: %s', (name, kind) => {
    expect(meaningOf(name)?.kind ?? null).toBe(kind);
  });

  it.each([
    ['token', ['token']],
    ['client_secret_key', ['key', 'secret']],
    ['db_credentials', ['credential', 'auth']],
  ])('%s is the business of the rules for %j', (name, about) => {
    expect(meaningOf(name)?.about).toEqual(about);
  });

  it('is remembered as it was said, however many names there are', () => {
    const names = new KnownNames();
    const asked = Array.from({ length: 5000 }, (_, n) => ['dbPassword', 'token_type', `key${n}`, `name ${n % 40}`][n % 4] ?? '');
    expect(asked.map((name) => names.meaningOf(name))).toEqual(asked.map(meaningOf));
  });
});

describe('rarityOf', () => {
  it('puts random letters above words', () => {
    const words = [
      'goodpassword',
      'some_silly_secret',
      'InvalidCredentials',
      'my-access-token',
      'getConnectionString',
      'localhost',
      'administrator',
    ];
    const highest = Math.max(...words.map((word) => rarityOf(word).perLetter));
    const random = Array.from({ length: 200 }, (_, i) => fillExample('{{lower:10}}', `rarity ${i}`));
    const above = random.filter((text) => rarityOf(text).perLetter > highest).length;
    expect(highest).toBeLessThan(3.9);
    expect(above).toBeGreaterThanOrEqual(196);
  });

  it('is finite and not negative for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const { bits, perCharacter, perLetter, known } = rarityOf(text);
        for (const figure of [bits, perCharacter, perLetter, known]) expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        expect(known).toBeLessThanOrEqual(1);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('roleOf', () => {
  it.each([
    ['config/app.yml', 'config'],
    ['src/app.ts', 'code'],
    ['src/app.test.ts', 'test-code'],
    ['spec/app_spec.rb', 'test-code'],
    ['docs/guide.md', 'document'],
    ['README', 'document'],
    ['README.txt', 'document'],
    ['docs/ref/databases.txt', 'document'],
    ['deploy/passwords.txt', 'config'],
    ['package-lock.json', 'generated'],
    ['i18n/de.json', 'generated'],
    ['lib/de.json', 'labels'],
    ['assets/af-ZA-Dx1_a.js', 'labels'],
    ['skins/cs_CZ/labels.inc', 'labels'],
    ['web/messages_zh-Hans.ts', 'labels'],
    ['res/values-pt-rBR/strings.xml', 'labels'],
    ['res/values/strings.xml', 'config'],
    ['nl.lproj/Main.strings', 'labels'],
    ['errors_fr.properties', 'labels'],
    ['app_id.json', 'config'],
    ['my.ini', 'config'],
    ['src/model.ts', 'code'],
    ['us-EAST.json', 'config'],
    ['dist/build.tsbuildinfo', 'generated'],
    ['.env', 'config'],
  ])('%s: %s', (path, role) => {
    expect(roleOf(path)).toBe(role);
  });
});

it('judges any text without throwing, in time linear in the value', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200 }),
      fc.nat(60),
      fc.nat(100),
      fc.nat(160),
      fc.boolean(),
      (text, nameEnd, start, length, quoted) => {
        const meaning = meaningOf(`password${text}`.slice(0, nameEnd));
        const found = { nameStart: 0, valueStart: start, valueEnd: start + length, quoted, operator: '=' };
        const verdict = meaning && judgeGeneric(`password${text}`, found, meaning);
        const confidences = verdict && Object.values(verdict);
        expect(
          confidences === null ||
            (confidences.length > 0 && confidences.every(({ confidence }) => ['high', 'medium', 'low'].includes(confidence))),
        ).toBe(true);
        expect(verdict?.generated).toBeUndefined();
      },
    ),
    { seed: 7, numRuns: 2000 },
  );
  const meaning = meaningOf('password');
  if (!meaning) throw new Error('a password is a credential');
  const started = performance.now();
  for (const unit of ['a.', 'a[', '(?', '{"', '%s', '\\d', 'Aa1!', '/a', '${', '[[']) {
    // The last sign closes no bracket that was opened.
    const text = `password = "${unit.repeat(490)})"`;
    const found = { nameStart: 0, valueStart: 12, valueEnd: text.length - 1, quoted: true, operator: '=' };
    for (let i = 0; i < 20; i++) judgeGeneric(text, found, meaning, true);
  }
  // 160 judgements of a kilobyte each take some 100 ms.
  expect(performance.now() - started).toBeLessThan(5000);
});
