import { describe, expect, it } from 'vitest';
import type { ValueKind } from '../../src/engine/value-kinds.ts';
import { defaultOf, kindOfValue } from '../../src/engine/value-kinds.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

const dollar = '$';

/** One value a line; the seeded placeholders of examples are filled. */
const CASES: Readonly<Record<ValueKind, readonly string[]>> = {
  uuid: ['{{uuid}}', 'urn:uuid:{{uuid}}', '00000000-0000-0000-0000-000000000000'],
  'hex-digest': ['{{hex:32}}', '{{hex:40}}', '{{hex:64}}', '{{HEX:128}}'],
  'integrity-hash': [
    'sha512-{{base64:86}}==',
    'sha256:{{hex:64}}',
    'h1:{{base64:43}}=',
    'zh:{{hex:64}}',
    'docker.io/library/node@sha256:{{hex:64}}',
  ],
  path: [
    '/run/secrets/db',
    './certs/key.pem',
    'C:\\keys\\a.pfx',
    '~/.ssh/id_ed25519',
    '../x',
    'tls.key',
    '/etc/ssl/private',
    'src/main/java/Application',
    'config/master.key',
  ],
  url: [
    '192.168.0.1:8080',
    'https://host.invalid/x?y=z',
    'redis://localhost',
    'smtp.gmail.com',
    'localhost:3000',
    'someone@company.com',
    'api.company.com/v1',
    '//cdn.company.com/x',
    'mailto:a@b.c',
  ],
  identifier: [
    'SomeVeryLongCamelCaseClassName',
    'snake_case_function_name',
    '--some-long-flag',
    'background-color',
    'correcthorsebatterystaple',
    'getElementById',
  ],
  number: ['12345678', '1_000_000', '0x1f', '-3.5e10', 'fe80::1', '00:11:22:33:44:55', '512MB', '+49 30 123456'],
  date: ['2024-01-31', '2024-01-31T10:00:00Z', '2024-01-31 10:00:00.123+02:00', '12:30', 'Mon, 02 Jan 2006 15:04:05 GMT', '31.12.2020'],
  version: ['1.2.3', 'v1.2.3-beta.4+build5', '^4.12.1', '>=20.19', '1.2.x'],
  sentence: [
    'The password is wrong',
    'Enter your password',
    'Passwort eingeben',
    'Please try again later.',
    '\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c',
  ],
  'code-reference': [
    'process.env.TOKEN',
    'os.environ["X"]',
    'os.Getenv("X")',
    'config.token',
    'settings.SECRET_KEY',
    'var.token',
    'module.x.y',
    'getToken()',
    'self.token',
    '$this->token',
    'Config::get("app.key")',
    'params[:token]',
    'await fetchToken(user)',
    'new Token(value)',
    'typeof token',
    'obj?.prop',
  ],
  'store-reference': [
    'vault:secret/data/app#key',
    'op://vault/item/field',
    'projects/p/secrets/s/versions/latest',
    'arn:aws:secretsmanager:eu-west-1:1:secret:x',
    '@Microsoft.KeyVault(SecretUri=https://x)',
    'ref+vault://x/y',
    'doppler://x',
    'keyring:service',
    '!Ref Secret',
  ],
  template: [
    `${dollar}TOKEN`,
    `${dollar}{TOKEN}`,
    `${dollar}{TOKEN:-}`,
    `${dollar}1`,
    '%TOKEN%',
    `${dollar}env:TOKEN`,
    `${dollar}(cat /run/secrets/x)`,
    '{{ .Values.token }}',
    `${dollar}{{ secrets.NPM_TOKEN }}`,
    '<%= ENV["X"] %>',
    '#{ENV.fetch("X")}',
    '{% raw %}',
    '@@TOKEN@@',
    '@TOKEN@',
    '__TOKEN__',
    '[[token]]',
    '~token~',
    '%s',
    '%(token)s',
    '{0}',
    '{token}',
    ':token',
    '\\(token)',
    '<your key>',
    '`pass show x`',
  ],
  'public-key': [
    '-----BEGIN PUBLIC KEY-----',
    '-----BEGIN CERTIFICATE-----',
    'ssh-ed25519 AAAA{{base64:60}}',
    'ecdsa-sha2-nistp256 AAAA{{base64:60}}',
    '{{bech32:age1:52}}',
    '0x{{hex:40}}',
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{{base64:60}}',
    'MIICIjANBgkqhkiG9w0BAQEFAAOCAg8A{{base64:60}}',
    'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB{{base64:60}}',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD{{base64:60}}',
    'MCowBQYDK2VwAyEA{{base64:43}}=',
    'MIIDdzCCAl+gAwIBAgIE{{base64:60}}',
  ],
  'password-hash': [
    `${dollar}2b${dollar}12${dollar}{{alnum:53}}`,
    `${dollar}argon2id${dollar}v=19${dollar}m=65536,t=3,p=4${dollar}{{alnum:22}}${dollar}{{alnum:43}}`,
    `${dollar}6${dollar}{{alnum:8}}${dollar}{{alnum:86}}`,
    '{SSHA}{{base64:32}}',
    `pbkdf2_sha256${dollar}260000${dollar}{{alnum:22}}${dollar}{{base64:43}}=`,
    'md5{{hex:32}}',
    '*{{HEX:40}}',
  ],
  ciphertext: [
    'ENC[AES256_GCM,data:{{base64:20}},iv:x]',
    'ENC({{base64:24}})',
    `${dollar}ANSIBLE_VAULT;1.1;AES256`,
    'vault:v1:{{base64:40}}',
    'AQICAH{{base64:80}}',
    'encrypted:{{base64:80}}',
    'U2FsdGVkX1{{base64:30}}',
    'gAAAAAB{{base64url:120}}',
  ],
};

describe('kindOfValue', () => {
  const rows = Object.entries(CASES).flatMap(([kind, texts]) => texts.map((text) => [text, kind] as const));
  it.each(rows)('%s is a %s', (text, kind) => {
    expect(kindOfValue(fillExample(text, 'kinds'))).toBe(kind);
  });

  it('says nothing of what may be a credential', () => {
    const texts = [
      'Winter2024!',
      'xK9$mQ2!vL',
      'Tr0ub4dor&3',
      'P@ssw0rd',
      '{{alnum:16}}',
      '{{alnum:40}}',
      '{{base64:40}}',
      '{{base64url:43}}',
      '{{hex:24}}',
      '{{jwt}}',
    ];
    for (const text of texts) for (let round = 0; round < 50; round++) expect(kindOfValue(fillExample(text, `${round}`)), text).toBeNull();
  });

  it('says nothing of random passwords with signs in 995 of 1,000 cases', () => {
    const signs = ['!', '@', '#', '%', '^', '&', '*', '-', '_', '+', '=', '?', '.', '/', '(', ')', '$'];
    let wrong = 0;
    for (let round = 0; round < 4000; round++) {
      const letters = fillExample('{{alnum:14}}', `signs ${round}`);
      const sign = (step: number): string => signs[(round * 7 + step * 5) % signs.length] ?? '';
      if (kindOfValue(letters.slice(0, 4) + sign(0) + letters.slice(4, 9) + sign(1) + letters.slice(9) + sign(2)) !== null) wrong++;
    }
    expect(wrong).toBeLessThan(20);
  });

  it('tells a reference of CloudFormation from a template', () => {
    expect(kindOfValue('{{resolve:secretsmanager:a}}')).toBe('store-reference');
  });

  it('judges a shell expansion by its default', () => {
    expect(defaultOf(`${dollar}{TOKEN:-abc}`)).toBe('abc');
    expect(defaultOf(`${dollar}{TOKEN:-}`)).toBeNull();
    expect(kindOfValue(`${dollar}{TOKEN:-xK9mQ2vLw7}`)).toBeNull();
    expect(kindOfValue(`${dollar}{TOKEN:-/run/secrets/x}`)).toBe('path');
  });

  it('is quick on hostile text', () => {
    const started = performance.now();
    for (const unit of ['a', 'a.', 'a/', '((', '[[', '{{', '${', ' a', 'a-', '::', '1.', 'x(', 'A1_', '%(', '\xd0'])
      kindOfValue(unit.repeat(500_000 / unit.length));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
