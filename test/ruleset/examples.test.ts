import { describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';

const fill = (text: string, seed = 'a seed'): string => fillExample(text, seed);

describe('fillExample', () => {
  it('gives the same text for the same text and seed, another for another', () => {
    const text = 'a={{alnum:24}} b={{alnum:24}}';
    expect(fill(text)).toBe(fill(text));
    expect(fill(text, 'other')).not.toBe(fill(text));
    const [, first, second] = /^a=(.*) b=(.*)$/.exec(fill(text)) ?? [];
    expect(first).not.toBe(second);
  });

  it.each([
    ['alnum', /^[0-9A-Za-z]{40}$/],
    ['alpha', /^[A-Za-z]{40}$/],
    ['lower', /^[a-z]{40}$/],
    ['upper', /^[A-Z]{40}$/],
    ['digit', /^[0-9]{40}$/],
    ['hex', /^[0-9a-f]{40}$/],
    ['HEX', /^[0-9A-F]{40}$/],
    ['loweralnum', /^[0-9a-z]{40}$/],
    ['upperalnum', /^[0-9A-Z]{40}$/],
    ['base32', /^[A-Z2-7]{40}$/],
    ['base64', /^[A-Za-z0-9+/]{40}$/],
    ['base64url', /^[A-Za-z0-9_-]{40}$/],
    ['word', /^[A-Za-z0-9_]{40}$/],
  ] as const)('fills %s', (name, form) => {
    expect(fill(`{{${name}:40}}`)).toMatch(form);
    expect(fill(`{{${name}:1}}`)).toHaveLength(1);
  });

  it('makes values of eight and more characters look random', () => {
    for (let round = 0; round < 300; round++) {
      const value = fill('{{alnum:8}}', `round ${round}`);
      expect(value).toMatch(/[0-9]/);
      expect(value).toMatch(/[a-z]/);
      expect(value).toMatch(/[A-Z]/);
      expect(fill('{{base64url:12}}', `round ${round}`)).toMatch(/^[A-Za-z0-9].*[A-Za-z0-9]$/);
      const digits = fill('{{hex:32}}', `round ${round}`);
      expect(new Set(digits).size).toBeGreaterThan(9);
    }
  });

  it('fills the classes with forms of their own', () => {
    expect(fill('{{uuid}}')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(fill('{{repeat:x:36}}')).toBe('x'.repeat(36));
    expect(fill('{{repeat:a:b:2}}')).toBe('a:ba:b');
    const [header = '', claims = '', signature = ''] = fill('{{jwt}}').split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toHaveProperty('sub');
    expect(signature).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('fills key bodies with lines of 64 and the opening of the format', () => {
    const lines = fill('{{pem:RSA PRIVATE KEY:1190}}').split('\n');
    expect(lines.slice(0, -1).every((line) => line.length === 64)).toBe(true);
    expect(Buffer.from(lines.join(''), 'base64')).toHaveLength(1190);
    expect(lines[0]).toMatch(/^MIIEogIBA/);
    expect(fill('{{pem:OPENSSH PRIVATE KEY:300}}')).toMatch(/^b3BlbnNzaC1rZXktdjE/);
    expect(fill('{{pem:EC PRIVATE KEY:121}}')).toMatch(/^MHcCAQ/);
  });

  it('fills the innermost first', () => {
    const [, user, password] = /^(user):([0-9A-Za-z]{12})$/.exec(Buffer.from(fill('{{b64:user:{{alnum:12}}}}'), 'base64').toString()) ?? [];
    expect([user, password?.length]).toEqual(['user', 12]);
    const json = JSON.parse(Buffer.from(fill('x {{b64:{"a":{"b":"{{hex:8}}"}}}} y').split(' ')[1] ?? '', 'base64').toString());
    expect(json).toHaveProperty('a.b');
  });

  it('fills a placeholder inside of other braces', () => {
    expect(fill('{"k":"{{repeat:z:3}}"}')).toBe('{"k":"zzz"}');
    expect(fill('{{{repeat:z:3}}}')).toBe('{zzz}');
  });

  it('leaves templates of other tools alone', () => {
    for (const text of ['{{ .Values.token }}', `$${'{{'} secrets.NPM_TOKEN }}`, '{{.x}}', '{{', 'a }} b', '{{unclosed'])
      expect(fill(text)).toBe(text);
  });

  it('names what it does not know', () => {
    expect(() => fill('{{alnumm:3}}')).toThrow('alnumm');
    expect(() => fill('{{alnum}}')).toThrow('alnum');
    expect(() => fill('{{hex:0}}')).toThrow('hex');
    expect(() => fill('{{constructor:3}}')).toThrow('constructor');
    expect(() => fill('{{bech32:nolength}}')).toThrow('bech32');
  });
});
