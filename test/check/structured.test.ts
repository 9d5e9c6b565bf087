import { describe, expect, it } from 'vitest';
import { MAX_LEAVES, MAX_NESTING, takeApart } from '../../src/check/structured.ts';
import { isWorthIndexing, isWorthLookingUp } from '../../src/check/worth.ts';

const values = (text: string): string[] => takeApart(text).map(({ value }) => value);
const worth = (text: string): string[] =>
  takeApart(text)
    .filter(isWorthIndexing)
    .map(({ value }) => value);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what a stored value is made of', () => {
  it.each([
    ['a plain text', 'hunter2!x', ['hunter2!x']],
    ['JSON', '{"user":"app_user","password":"Winter2024!","port":5432,"tls":true}', ['Winter2024!']],
    ['JSON in lists', '[{"k":"first-value"},["second-value"]]', ['first-value', 'second-value']],
    ['JSON in JSON', JSON.stringify({ outer: JSON.stringify({ password: 'inner-one!' }) }), ['inner-one!']],
    [
      'an address',
      'postgres://app:p%40ss%2Fword1@db.example:5432/x',
      ['postgres://app:p%40ss%2Fword1@db.example:5432/x', 'p%40ss%2Fword1', 'p@ss/word1'],
    ],
    ['an address nobody encoded', 'amqp://u:a/b?c#d9@h/v', ['amqp://u:a/b?c#d9@h/v', 'a/b?c#d9']],
    ['ADO', 'Server=tcp:db,1433;User Id=app;Password=S3cret;Word=x', ['Server=tcp:db,1433;User Id=app;Password=S3cret;Word=x', 'S3cret']],
    ['libpq', "host=db.example user=app password='quo ted'", ["host=db.example user=app password='quo ted'"]],
    ['an env file', '# c\nexport DB_PASSWORD="quoted-1"\nAPI_TOKEN=tok=en-22\n\nDB_HOST=db.example\n', ['quoted-1', 'tok=en-22']],
    ['YAML', 'apiVersion: v1\nusers:\n- name: admin\n  user:\n    token: abcdef-012345\n', ['abcdef-012345']],
    [
      'a docker config',
      JSON.stringify({ auths: { 'r.example': { auth: base64('bot:push-me-99') } } }),
      [base64('bot:push-me-99'), 'push-me-99'],
    ],
    ['blanks round it', '  spaced-value-1\n', ['  spaced-value-1\n', 'spaced-value-1']],
    ['escapes', String.raw`a\"quoted\"-pass`, [String.raw`a\"quoted\"-pass`, 'a"quoted"-pass']],
  ])('%s', (_name, text, expected) => {
    expect(worth(text)).toEqual(expected);
  });

  it('a key is the same key whatever its line ends, in JSON or in base64', () => {
    const body = 'QUJD'.repeat(32);
    const pem = (end: string): string =>
      `-----BEGIN PRIVATE KEY-----${end}${body.match(/.{1,64}/g)?.join(end)}${end}-----END PRIVATE KEY-----${end}`;
    const one = `PRIVATE KEY:${body}`;
    for (const form of [
      pem('\n'),
      pem('\r\n'),
      pem('\\n'),
      `${pem('\n')}-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n`,
      base64(pem('\n')),
    ]) {
      expect(values(form)).toContain(one);
    }
    expect(values(JSON.stringify({ type: 'service_account', private_key: pem('\n') }))).toContain(one);
  });

  it('has bounds', () => {
    const many = JSON.stringify(Array.from({ length: 5000 }, (_, n) => `value-number-${n}`));
    expect(values(many)).toHaveLength(MAX_LEAVES);
    let nested = '"innermost-value"';
    for (let depth = 0; depth < 100; depth++) nested = `[${nested}]`;
    expect(values(nested)).not.toContain('innermost-value');
    expect(MAX_NESTING).toBeLessThan(100);
    expect(values('x'.repeat(2 << 20))).toHaveLength(1);
  });

  it('is quick about hostile text', () => {
    const began = performance.now();
    for (const text of [
      'a=b;'.repeat(2000),
      `x://${'@:'.repeat(4000)}`,
      '-----BEGIN A-----'.repeat(5000),
      `${'../'.repeat(170)}`,
      'a.'.repeat(250),
      '\\u0041'.repeat(20_000),
    ])
      worth(text);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe('what is worth a place in the index', () => {
  const isWorth = (field: string, value: string): boolean => isWorthIndexing({ field, value });

  it.each([
    ['', 'Winter2024!'],
    ['password', 'db.example'],
    ['data.DB_PASSWORD', 'production'.slice(0, 6)],
    ['url', 'postgres://a:bcdef1@h/x'],
  ])('%s %s', (field, value) => expect(isWorth(field, value)).toBe(true));

  it.each([
    ['password', 'short'],
    ['password', 'changeme'],
    ['', '123456789012'],
    ['dbHost', 'Winter2024!'],
    ['username', 'application'],
    ['x', 'db.internal.example.com:5432'],
    ['x', 'https://login.example.com/path'],
    ['x', 'team@example.com'],
    ['x', '/etc/ssl/certs/ca.pem'],
    ['x', '10.20.30.40'],
    ['x', 'aaaaaaaaaaaa'],
  ])('not %s %s', (field, value) => expect(isWorth(field, value)).toBe(false));

  it('looks up what could be there', () => {
    expect(isWorthLookingUp('db.example')).toBe(true);
    expect(isWorthLookingUp('2024-01-01')).toBe(false);
    expect(isWorthLookingUp('1'.repeat(20))).toBe(true);
  });
});
