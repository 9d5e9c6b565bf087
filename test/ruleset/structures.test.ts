/** Structures: what is made as the issuer makes it is recognised and told; what is cut, flipped or random is not, and nothing throws. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';
import { STRUCTURES, type StructureUse } from '../../src/ruleset/structures/index.ts';
import { sshString } from '../../src/ruleset/structures/openssh.ts';
import { readRuleFiles } from './rule-files.ts';

const read = (id: string, value: string, use: Partial<StructureUse> = {}) => STRUCTURES[id]?.read(value, { id, ...use });
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const random = (kind: string, seed: string): string => fillExample(`{{${kind}}}`, seed);

describe('tokens', () => {
  it.each([
    [
      'jwt',
      `${base64url({ alg: 'HS256' })}.${base64url({ iss: 'https://id.example', sub: 'u1', exp: 1_700_000_000 })}.c2ln`,
      { issuer: 'https://id.example', subject: 'u1', expires: '2023-11-14' },
    ],
    ['jwt', `ghs_12_${base64url({ alg: 'RS256' })}.${base64url({ iss: '7' })}.c2ln`, { issuer: '7' }],
    ['jwt', `${base64url({ alg: 'dir', enc: 'A256GCM' })}..aaaa.bbbb.cccc`, { 'encrypted with': 'A256GCM' }],
    ['jwt-base64', base64(`${base64url({ alg: 'HS256' })}.${base64url({ sub: 'u2' })}.c2ln`), { subject: 'u2' }],
    [
      'aws-bedrock',
      `ABSK${base64(`BedrockAPIKey-ab12-at-123456789012:${random('alnum:40', 'b')}`)}`,
      { 'AWS account': '123456789012', user: 'BedrockAPIKey-ab12' },
    ],
    ['aws-ses', base64(Buffer.concat([Buffer.of(4), createHash('sha256').update('s').digest()])), {}],
    [
      'grafana-cloud',
      `glc_${base64(JSON.stringify({ o: '4711', n: 'ci', k: 'x', m: { r: 'eu' } }))}`,
      { organisation: '4711', 'token name': 'ci', region: 'eu' },
    ],
    ['grafana-legacy', base64(JSON.stringify({ k: 'x', n: 'build', id: 3 })), { 'key name': 'build', organisation: '3' }],
    [
      'sentry-org',
      `sntrys_${base64(JSON.stringify({ iat: 1.7e9, url: 'https://s.example', org: 'acme' }))}_${random('base64:43', 's')}`,
      { organisation: 'acme', host: 'https://s.example', issued: '2023-11-14' },
    ],
    [
      'onepassword-service-account',
      `ops_${base64url({ signInAddress: 'acme.1password.com', userAuth: {}, email: 'a@b' })}`,
      { host: 'acme.1password.com', 'service account': 'a@b' },
    ],
    ['mapbox', `sk.${base64url({ u: 'ann', a: 'ck1' })}.${random('base64url:22', 'm')}`, { user: 'ann', 'token id': 'ck1' }],
    [
      'tinybird',
      `p.${base64url({ u: 'w', id: 't', host: 'eu' })}.${random('base64url:43', 't')}`,
      { workspace: 'w', 'token id': 't', host: 'eu' },
    ],
    ['basic-auth', base64('ann:p:w'), { user: 'ann' }],
    ['atlassian-data-center', base64(`123456789012:${random('alnum:20', 'j')}`), { 'token id': '123456789012' }],
    ['jfrog-reference', base64(`reftkn:01:0000000000:${random('alnum:30', 'r')}`), { expires: 'never' }],
    ['jfrog-reference', base64(`reftkn:01:1700000000:${random('alnum:30', 'r')}`), { expires: '2023-11-14' }],
    ['workos', `sk_live_${base64(`key_${'01H'.padEnd(26, 'A')},${random('alnum:25', 'w')}`)}`, { 'key id': '01H'.padEnd(26, 'A') }],
    ['nx-cloud', base64('8d0c1c9a-0000-4000-8000-000000000000|read-only'), { may: 'read-only' }],
    ['elastic-stack', base64(`${random('alnum:20', 'e')}:${random('alnum:22', 'f')}`), { 'key id': random('alnum:20', 'e') }],
    ['discord-bot', `${base64('123456789012345678')}.abcdef.${random('alnum:27', 'd')}`, { 'bot user id': '123456789012345678' }],
    ['intercom', base64('tok:0123abcd_4567_89ab_cdef_0123456789ab:1:0'), {}],
    ['address', 'postgresql://app:s3cr3t@db.example:5432/orders', { user: 'app', host: 'db.example:5432', database: 'orders' }],
    ['address', 'redis://:s3c@r3t@cache.example', { host: 'cache.example' }],
    ['fernet', base64(createHash('sha256').update('f').digest()), {}],
    ['byte-array', bytesOf('a').join(', '), { bytes: '32' }],
    [
      'byte-array',
      bytesOf('b')
        .slice(0, 16)
        .map((byte) => `(byte)0x${byte.toString(16)}`)
        .join(',\n  '),
      { bytes: '16' },
    ],
  ])('%s tells what it says: %#', (id, value, told) => {
    expect(read(id, value)).toEqual(told);
  });

  it.each([
    ['jwt', `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(30)}.cc`],
    ['aws-ses', base64(Buffer.concat([Buffer.of(5), createHash('sha256').update('s').digest()]))],
    ['grafana-cloud', `glc_${base64('{"o":1')}`],
    ['basic-auth', base64('no colon in it')],
    ['discord-bot', `${base64('twelve letters too')}.abcdef.x`],
    ['fernet', base64('too short')],
    ['byte-array', bytesOf('a').slice(0, 15).join(', ')],
    ['byte-array', Array.from({ length: 16 }, (_, i) => 16 * i).join(', ')],
    ['byte-array', Array.from({ length: 32 }, (_, i) => i % 8).join(', ')],
    ['byte-array', Array.from({ length: 32 }, (_, i) => (i * i) % 23).join(', ')],
    ['byte-array', [...bytesOf('a'), 256].join(', ')],
    ['byte-array', [0x30, 0x20, 0x02, ...bytesOf('a')].join(', ')],
    ['byte-array', [...bytesOf('a'), ...bytesOf('b'), 1].join(', ')],
    ['byte-array', ['2b7e1516', '28aed2a6', 'abf71588', '09cf4f3c'].join('').replace(/../g, '0x$&, ')],
    ['pypi-macaroon', 'pypi-AgEIcHlwaS5vcmcAAAAA'],
    ['pem', `-----BEGIN RSA PRIVATE KEY-----\n${'A'.repeat(400)}\n-----END RSA PRIVATE KEY-----`],
  ])('%s is not fooled: %#', (id, value) => {
    expect(read(id, value)).toBeNull();
  });

  it('shows one piece of a token, from the front or from the end', () => {
    expect(read('split', 'SG.abc.def', { at: '.', part: 1, label: 'key id' })).toEqual({ 'key id': 'abc' });
    expect(read('split', 'tskey-auth-k1-zz', { at: '-', part: -2, label: 'key id' })).toEqual({ 'key id': 'k1' });
    expect(read('split', 'none', { at: '.', part: 3 })).toEqual({});
  });

  it('cuts and cleans what is shown', () => {
    const told = read('jwt', `${base64url({ alg: 'HS256' })}.${base64url({ iss: `\u001b[31m${'x'.repeat(500)}` })}.x`);
    expect(told?.['issuer']).toMatch(/^\?\[31mx{100,}…$/);
  });
});

describe('AWS access key ids', () => {
  /** The inverse of what is read: 40 bits of account behind one bit, 7 bits before the next byte. */
  const idOf = (account: number): string => {
    const bits = (BigInt(account) << 7n).toString(2).padStart(80, '0').slice(-48).padEnd(80, '1');
    const letters = bits.match(/.{5}/g) ?? [];
    return `AKIA${letters.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Number.parseInt(five, 2))).join('')}`;
  };
  it.each([1, 123_456_789_012, 999_999_999_999])('holds account %d', (account) => {
    expect(read('aws-key-id', idOf(account))?.['AWS account']).toBe(String(account).padStart(12, '0'));
  });
});

describe('private keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/;
  const pkcs1 = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

  it('RSA, plain, in PKCS#8, with escaped line ends, in base64 once more', () => {
    const pkcs8 = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const told = read('pem', pkcs1);
    expect(told).toEqual({ key: 'RSA, 1024 bits', fingerprint: expect.stringMatching(fingerprint), passphrase: 'none' });
    for (const text of [pkcs8, pkcs1.replaceAll('\n', '\\n'), pkcs1.replaceAll('\n', '\\\\n')]) expect(read('pem', text)).toEqual(told);
    expect(read('pem-base64', base64(pkcs1))).toEqual(told);
    expect(read('der-base64', pkcs1.split('-----')[2]?.replaceAll('\n', '') ?? '')).toEqual(told);
  });

  it('EC, Ed25519, encrypted ones', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const ed = generateKeyPairSync('ed25519').privateKey;
    expect(read('pem', ec.export({ type: 'sec1', format: 'pem' }).toString())).toEqual({ key: 'EC, 256 bits' });
    expect(read('pem', ed.export({ type: 'pkcs8', format: 'pem' }).toString())).toEqual({ key: 'Ed25519', passphrase: 'none' });
    const sealed = ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' }).toString();
    expect(read('pem', sealed)).toEqual({ passphrase: 'needed' });
    const old = rsa.privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'p' }).toString();
    expect(read('pem', old)).toEqual({ key: 'RSA', passphrase: 'needed' });
  });

  it('OpenSSH: the number that stands twice', () => {
    const publicKey = Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(Buffer.alloc(32, 7))]);
    const make = (check: number): string => {
      const twice = Buffer.alloc(8);
      twice.writeUInt32BE(4711, 0);
      twice.writeUInt32BE(check, 4);
      const text = ['none', 'none', ''].map((one) => sshString(Buffer.from(one)));
      const body = Buffer.concat([
        Buffer.from('openssh-key-v1\0'),
        ...text,
        Buffer.of(0, 0, 0, 1),
        sshString(publicKey),
        sshString(Buffer.concat([twice, Buffer.alloc(64)])),
      ]);
      return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64(body)}\n-----END OPENSSH PRIVATE KEY-----`;
    };
    expect(read('pem', make(4711))).toEqual({ key: 'ssh-ed25519', fingerprint: expect.stringMatching(fingerprint), passphrase: 'none' });
    expect(read('pem', make(4712))).toBeNull();
  });

  it('cut anywhere it is no key and no crash', () => {
    const whole = Buffer.from(pkcs1.split('-----')[2] ?? '', 'base64');
    for (let length = 3; length < whole.length; length += 3) expect(read('der-base64', base64(whole.subarray(0, length)))).toBeNull();
  });
});

describe('PyPI tokens', () => {
  const packet = (type: number, content: string | Buffer): Buffer =>
    Buffer.concat([Buffer.of(type, Buffer.byteLength(content)), Buffer.from(content)]);
  const make = (...caveats: string[]): string => {
    const body = [Buffer.of(2), packet(1, 'pypi.org'), packet(2, 'id'), Buffer.of(0)];
    for (const caveat of caveats) body.push(packet(2, caveat), Buffer.of(0));
    return `pypi-${Buffer.concat([...body, Buffer.of(0), packet(6, Buffer.alloc(32, 1))]).toString('base64url')}`;
  };
  it.each([
    [make(), { issuer: 'pypi.org' }],
    [make('{"version":1,"permissions":"user"}'), { issuer: 'pypi.org', may: 'user' }],
    [make('{"version":1,"permissions":{"projects":["a","b"]}}'), { issuer: 'pypi.org', may: 'projects a, b' }],
    [make('[3,"u-1"]', '[1,["a"]]', '[0,1700000000,0]'), { issuer: 'pypi.org', 'user id': 'u-1', projects: 'a', expires: '2023-11-14' }],
  ])('tells what they may do: %#', (value, told) => {
    expect(read('pypi-macaroon', value)).toEqual(told);
  });
});

/** 32 bytes that look random. */
function bytesOf(seed: string): number[] {
  return [...createHash('sha256').update(seed).digest()];
}

describe('all structures', () => {
  it('take anything without throwing', () => {
    const texts = [
      '',
      '.',
      'eyJ',
      '=',
      '\0',
      'A'.repeat(100_000),
      ...['alnum:44', 'base64:400', 'hex:64'].map((kind) => random(kind, 'any')),
    ];
    const told = Object.values(STRUCTURES).flatMap((one) => texts.map((text) => one.read(text, { id: one.id })));
    expect(told.every((one) => one === null || typeof one === 'object')).toBe(true);
  });

  it('are each used by a rule, and every rule names one that exists', async () => {
    const used = new Set((await readRuleFiles()).flatMap((rule) => (rule.structure ? [rule.structure.id] : [])));
    expect([...used].filter((id) => !STRUCTURES[id])).toEqual([]);
    // nx-cloud's rule comes with its row.
    expect(Object.keys(STRUCTURES).filter((id) => !used.has(id) && id !== 'nx-cloud')).toEqual([]);
  });
});
