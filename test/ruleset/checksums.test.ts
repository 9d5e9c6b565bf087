import { describe, expect, it } from 'vitest';
import { bech32 } from '../../src/ruleset/checksums/bech32.ts';
import { crc16Xmodem } from '../../src/ruleset/checksums/crc16.ts';
import { crc24 } from '../../src/ruleset/checksums/crc24.ts';
import { crc32 } from '../../src/ruleset/checksums/crc32.ts';
import { decodeBase32, encodeBase32, encodeNumber } from '../../src/ruleset/checksums/encoding.ts';
import { CHECKSUMS } from '../../src/ruleset/checksums/index.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

const digits = (length: number): string => '0123456789'.repeat(20).slice(0, length);

/** One home-made vector for each algorithm: [id, covered part and what stands round it, sum, rest, seed]. Kept in pieces on purpose. */
const VECTORS: [string, string, string, string?, string?][] = [
  ['crc32-base62-body', `ghp_${digits(30)}`, '0pV6Ps'],
  ['crc32-base62-body-vercel', `vcp_${digits(50)}`, '3egt2i'],
  ['crc32-base62-body-polar', `polar_oat_${digits(37)}`, '0fT9V2'],
  ['crc32-base62-body-salad', `salad_cloud_user_${digits(40)}`, '32mxo1'],
  ['crc32-base62-body-chief', `ctp_${digits(40)}`, '32mxo1'],
  ['crc32-base62-all', `wandb_v1_${digits(70)}`, '2Tr32o'],
  ['crc32-base62lower-all', `apify_api_${digits(30)}`, '2o3VlP'],
  ['crc32-hex-body', `cfut_${digits(40)}`, 'a6463c49'],
  ['crc32-hex-body-underscore', 'zpka_0123456789abcdef0123456789abcdef_', '7759b50e'],
  ['crc32-hex-all', `cnvca${digits(40)}`, '8d01f705'],
  ['crc32-hexupper-all', `ATATT3xFfGF0${digits(170)}=`, 'DE653B8E'],
  ['crc32-hex-le-all', `glsa_${digits(32)}_`, '1160b31a'],
  ['crc32-base64-le-body', `cflt${digits(54)}`, 'jslAtQ'],
  ['crc32-base36-all', `glpat-${digits(30)}.01.0u`, '0vef6eq'],
  ['crc32-hex-sanctum', `1|${digits(40)}`, 'a6463c49'],
  ['sha256-base32-mid', `github_pat_${digits(22)}_${digits(43)}`, 'C3YKBO4J', '01234567'],
  ['marvin32-tail', 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4', '+AStY5ep4A==', '', 'Default0'],
  ['marvin32-cask', `${digits(52)}JQQJ99AAABCDEFGHIJKLMNOPAZDO`, 'zaFW', '', 'Default0'],
  ['marvin32-base66', `abc8Q~${digits(31)}`, 'cny', '', 'AadPwd00'],
  ['crc32-interleaved', 'amfcega7eyw2fvkcjfifoxtfnrzxva', 'mir6lebjflwk44br6o2xoa'],
  ['crc16-xmodem-base32', 'SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJ', 'RIFIWC4MBSGQ3DQOR4H776Y'],
  ['bech32', 'AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0S', 'WRYDWG'],
  ['base58check', '5HpjKrb7dH5kKQQzmbjB87Mxova7m', 'ek5bXUTWfndcX6tBoqUwzm'],
];

/** What to write in examples for those whose makers need more than a prefix. */
const MADE: Readonly<Record<string, string>> = {
  'crc32-base62-body': 'ghp_:30',
  'crc32-base62-body-vercel': 'vcp_:50',
  'crc32-base62-body-polar': 'polar_oat_:37',
  'crc32-base62-body-salad': 'salad_cloud_user_:37',
  'crc32-base62-body-chief': 'ctp_:30',
  'crc32-base62-all': 'wandb_v1_:71',
  'crc32-base62lower-all': 'apify_api_:30',
  'crc32-hex-body': 'cfut_:40',
  'crc32-hex-body-underscore': 'zpka_:32',
  'crc32-hex-all': 'cnvca:43',
  'crc32-hexupper-all': 'ATATT3xFfGF0:180',
  'crc32-hex-le-all': 'glsa_:32',
  'crc32-base64-le-body': 'cflt:54',
  'crc32-base36-all': 'glpat-:40',
  'crc32-hex-sanctum': '17|:40',
  'sha256-base32-mid': 'github_pat_:82',
  'marvin32-tail': '+ASt:76',
  'marvin32-cask': 'AZDO:52',
  'marvin32-base66': 'aB18Q~:31',
  'crc32-interleaved': ':52',
  'crc16-xmodem-base32': 'SUA:52',
  bech32: 'AGE-SECRET-KEY-1:52',
  base58check: '80:32',
};

/** The nearest other character of the same kind, so that the form stays right. */
function flip(text: string, at: number): string {
  const character = text.charAt(at);
  const other = { '9': '8', z: 'y', Z: 'Y', f: 'e', F: 'E', '7': '6' }[character] ?? (character === '2' ? '3' : 'x');
  const replacement = /[0-9]/.test(character)
    ? other === 'x'
      ? '5'
      : other
    : other === 'x'
      ? character === character.toUpperCase()
        ? 'Q'
        : 'q'
      : other;
  return text.slice(0, at) + (replacement === character ? '3' : replacement) + text.slice(at + 1);
}

describe('checksums', () => {
  it.each(VECTORS)('%s: its vector verifies', (id, head, sum, rest = '', seed = undefined) => {
    const checksum = CHECKSUMS[id];
    expect(checksum?.verify(head + sum + rest, seed)).toBe(true);
  });

  it.each(VECTORS)('%s: one flipped character in its vector does not', (id, head, sum, rest = '', seed = undefined) => {
    const token = head + sum + rest;
    for (const at of [head.length - 6, head.length - 12]) expect(CHECKSUMS[id]?.verify(flip(token, at), seed)).toBe(false);
  });

  it('has a vector for each but the OpenPGP one, and a maker', () => {
    const ids = Object.keys(CHECKSUMS);
    expect(ids).toHaveLength(24);
    expect(ids.filter((id) => !VECTORS.some(([vector]) => vector === id))).toEqual(['crc24-openpgp']);
    expect(ids.filter((id) => CHECKSUMS[id]?.make === undefined)).toEqual(['crc24-openpgp']);
  });

  it.each(Object.entries(MADE))('%s: what it makes verifies, and not when one character differs', (id, parameters) => {
    for (let round = 0; round < 20; round++) {
      const token = fillExample(`{{${id}:${parameters}}}`, `round ${round}`);
      expect(CHECKSUMS[id]?.verify(token), token).toBe(true);
      expect(CHECKSUMS[id]?.verify(flip(token, token.length >> 1)), token).toBe(false);
    }
  });

  it('makes the documented shapes', () => {
    const make = (text: string): string => fillExample(text, 'shapes');
    expect(make('{{crc32-base62-body:ghp_:30}}')).toMatch(/^ghp_[0-9A-Za-z]{36}$/);
    expect(make('{{crc32-base62-body:ghr_:70}}')).toMatch(/^ghr_[0-9A-Za-z]{76}$/);
    expect(make('{{sha256-base32-mid:github_pat_:82}}')).toMatch(/^github_pat_11[0-9A-Za-z]{20}_[0-9A-Za-z]{43}[A-Z2-7]{8}[0-9A-Za-z]{8}$/);
    expect(make('{{crc32-hexupper-all:ATBB:24}}')).toMatch(/^ATBB[0-9A-Za-z]{24}[0-9A-F]{8}$/);
    expect(make('{{marvin32-tail:+ASt:76}}')).toMatch(/^[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==$/);
    expect(make('{{marvin32-tail:AzFu:44:Functi00}}')).toMatch(/^[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==$/);
    expect(make('{{marvin32-tail:AzSe:42:PAdmin00}}')).toMatch(/^[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}$/);
    expect(make('{{marvin32-tail:+ACR:42:ACRDflt0}}')).toMatch(/^[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}$/);
    expect(make('{{marvin32-tail:AzCa:33:Access00}}')).toMatch(/^[A-Za-z0-9+/]{33}AzCa[A-P][A-Za-z0-9+/]{5}=$/);
    expect(make('{{marvin32-cask:AZDO:52}}')).toMatch(/^[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9][A-L][A-Za-z0-9]{16}AZDO[A-Za-z0-9]{4}$/);
    expect(make('{{bech32:AGE-SECRET-KEY-1:52}}')).toMatch(/^AGE-SECRET-KEY-1[AC-HJ-NP-Z02-9]{58}$/);
    expect(make('{{bech32:nsec1:52}}')).toMatch(/^nsec1[ac-hj-np-z02-9]{58}$/);
    expect(make('{{crc16-xmodem-base32:SUA:52}}')).toMatch(/^SU[A-Z2-7]{56}$/);
    expect(make('{{crc16-xmodem-base32:SA:51}}')).toMatch(/^S[A-Z2-7]{55}$/);
    expect(make('{{base58check:80:32}}')).toMatch(/^5[1-9A-HJ-NP-Za-km-z]{50}$/);
    expect(make('{{base58check:80:32:01}}')).toMatch(/^[KL][1-9A-HJ-NP-Za-km-z]{51}$/);
    expect(make('{{base58check:0488ade4:74}}')).toMatch(/^xprv[1-9A-HJ-NP-Za-km-z]{107}$/);
    expect(make('{{crc32-base36-all:glpat-:40}}')).toMatch(/^glpat-[0-9A-Za-z]{40}\.01\.14[0-9a-z]{7}$/);
    expect(make('{{crc32-interleaved::52}}')).toMatch(/^[a-z2-7]{52}$/);
  });

  it('takes any of several seeds', () => {
    const key = fillExample('{{marvin32-tail:ACDb:76:SystRO00}}', 'seeds');
    expect(CHECKSUMS['marvin32-tail']?.verify(key, 'MastRW00 MastRO00 SystRO00')).toBe(true);
    expect(CHECKSUMS['marvin32-tail']?.verify(key, 'MastRW00 MastRO00')).toBe(false);
  });

  it('says nothing of forms without a sum', () => {
    const verify = (id: string, secret: string): boolean | null | undefined => CHECKSUMS[id]?.verify(secret);
    expect(verify('crc32-base62-body', `ghs_${digits(50)}`)).toBeNull();
    expect(verify('crc32-base36-all', `glpat-${digits(20)}`)).toBeNull();
    expect(verify('crc32-hex-sanctum', `12|${digits(40)}`)).toBeNull();
    expect(verify('marvin32-cask', digits(88))).toBeNull();
    expect(verify('marvin32-tail', 'not base64 at all')).toBeNull();
    expect(verify('sha256-base32-mid', `github_pat_${digits(50)}`)).toBeNull();
    expect(verify('crc24-openpgp', 'no sum here')).toBeNull();
    expect(verify('crc32-interleaved', digits(52))).toBeNull();
  });

  it('refuses mixed case in bech32', () => {
    const token = fillExample('{{bech32:age1:52}}', 'case');
    expect(bech32.verify(token.toUpperCase())).toBe(true);
    expect(bech32.verify(`A${token.slice(1)}`)).toBe(false);
  });

  it('reads the sum of an OpenPGP armour, also inside a string of code', () => {
    const bytes = Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 7) & 0xff));
    const sum = crc24(bytes);
    const body = bytes.toString('base64').replace(/.{64}/g, '$&\n');
    const check = Buffer.from([sum >>> 16, (sum >>> 8) & 0xff, sum & 0xff]).toString('base64');
    const armour = `-----BEGIN PGP PRIVATE KEY${' '}BLOCK-----\nVersion: 1\n\n${body}\n=${check}\n-----END PGP PRIVATE KEY BLOCK-----`;
    const verify = (text: string): boolean | null | undefined => CHECKSUMS['crc24-openpgp']?.verify(text);
    expect(verify(armour)).toBe(true);
    expect(verify(armour.replaceAll('\n', '\\n'))).toBe(true);
    expect(verify(armour.replaceAll('\n', '\n    '))).toBe(true);
    expect(verify(armour.replace(`=${check}`, '=AAAA'))).toBe(false);
  });

  it('never throws on odd input', () => {
    const odd = ['', '=', '|', '_', '1', '\0\xff', 'é'.repeat(100), 'A'.repeat(100_000), '{}'.repeat(50)];
    for (const checksum of Object.values(CHECKSUMS)) for (const text of odd) expect(checksum.verify(text)).not.toBe(true);
  });
});

describe('check sums of known text', () => {
  it('gives the check values of the catalogue of CRCs', () => {
    const text = '123456789';
    expect(crc32(text)).toBe(0xcbf43926);
    expect(crc32(Buffer.from(text))).toBe(0xcbf43926);
    expect(crc16Xmodem(Buffer.from(text))).toBe(0x31c3);
    expect(crc24(Buffer.from(text))).toBe(0x21cf02);
  });

  it('encodes numbers and base32', () => {
    expect(encodeNumber(0, '0123456789', 3)).toBe('000');
    expect(encodeNumber(0xffffffff, '0123456789abcdef', 8)).toBe('ffffffff');
    expect(encodeBase32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(Buffer.from(decodeBase32('mzxw6ytboi') ?? []).toString()).toBe('foobar');
    expect(decodeBase32('MZ1')).toBeNull();
  });
});
