/** Each decoder against its encoder: decode(encode(x)) = x, and a place in x leads to the encoded bytes that stand for it. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeAnsi } from '../../../src/engine/decode/ansi.ts';
import { decodeBackslash } from '../../../src/engine/decode/backslash.ts';
import { decodeBase64 } from '../../../src/engine/decode/base64.ts';
import type { Decode } from '../../../src/engine/decode/decoded.ts';
import { decodeByteList, decodeHex } from '../../../src/engine/decode/hex.ts';
import { decodeHtml } from '../../../src/engine/decode/html.ts';
import { inflate } from '../../../src/engine/decode/inflate.ts';
import { decodePercent } from '../../../src/engine/decode/percent.ts';
import { decodeQuotedPrintable } from '../../../src/engine/decode/quoted-printable.ts';
import { decodeWideText } from '../../../src/engine/decode/wide-text.ts';
import { randomNumbers } from '../../kernel/random-text.ts';

type Random = (limit: number) => number;

type Case = { readonly name: string; readonly decode: Decode; readonly encode: (text: string, random: Random) => string };

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (code: number | undefined, digits = 2): string => (code ?? 0).toString(16).padStart(digits, '0');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const fold = (text: string, by: string): string => text.replace(/.{64}(?=.)/g, `$&${by}`);

/** Writes every byte that is no word, and some that are, with `write`. */
function escapeBytes(text: string, random: Random, write: (byte: number) => string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w ]/.test(character) && random(4) > 0 ? character : write(byte);
  }).join('');
}

/** The same for characters. */
function escapeCharacters(text: string, random: Random, write: (character: string) => string): string {
  return Array.from(text, (character) => (/[\w ]/.test(character) && random(4) > 0 ? character : write(character))).join('');
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join('');
}

const COLOURS = ['\x1b[m', '\x1b[0m', '\x1b[K', '\x1b[01;31m', '\x1b[38;2;255;255;255m'];

const CASES: readonly Case[] = [
  { name: 'base64', decode: decodeBase64, encode: base64 },
  { name: 'base64, without padding', decode: decodeBase64, encode: (text) => base64(text).replace(/=+$/, '') },
  { name: 'base64url', decode: decodeBase64, encode: (text) => Buffer.from(text).toString('base64url') },
  { name: 'base64 in lines', decode: decodeBase64, encode: (text) => fold(base64(text), '\r\n') },
  { name: 'base64 in an indented block', decode: decodeBase64, encode: (text) => fold(base64(text), '\n    ') },
  { name: 'base64 in lines in JSON', decode: decodeBase64, encode: (text) => fold(base64(text), '\\n') },
  { name: 'hex', decode: decodeHex, encode: (text) => Buffer.from(text).toString('hex') },
  {
    name: 'a list of bytes',
    decode: decodeByteList,
    encode: (text) => Array.from(Buffer.from(text), (byte) => `0x${hex(byte)}`).join(',\n '),
  },
  { name: 'percent', decode: decodePercent, encode: (text, random) => escapeBytes(text, random, (byte) => `%${hex(byte)}`) },
  { name: 'backslash u', decode: decodeBackslash, encode: (text, random) => escapeCharacters(text, random, units) },
  {
    name: 'backslash u in braces',
    decode: decodeBackslash,
    encode: (text, random) => escapeCharacters(text, random, (character) => `\\u{${hex(character.codePointAt(0))}}`),
  },
  { name: 'backslash x', decode: decodeBackslash, encode: (text, random) => escapeBytes(text, random, (byte) => `\\x${hex(byte)}`) },
  {
    name: 'JSON',
    decode: decodeBackslash,
    encode: (text) => Buffer.from(JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')).toString('latin1'),
  },
  {
    name: 'HTML',
    decode: decodeHtml,
    encode: (text, random) =>
      escapeCharacters(text, random, (c) => (random(2) ? `&#${c.codePointAt(0)};` : `&#x${hex(c.codePointAt(0), 1)};`)),
  },
  {
    name: 'quoted-printable',
    decode: decodeQuotedPrintable,
    encode: (text, random) =>
      escapeBytes(text, random, (byte) => `=${hex(byte).toUpperCase()}${random(5) === 0 ? ['=\r\n', '=\n'][random(2)] : ''}`),
  },
  {
    name: 'ANSI',
    decode: decodeAnsi,
    encode: (text, random) => escapeBytes(text, random, (byte) => `${COLOURS[random(COLOURS.length)]}${String.fromCharCode(byte)}`),
  },
];

const LETTERS = ['a', 'Z', '7', ' ', '_', '/', '=', '"', '&', '%', '\\', '\n', 'é', '€', '😀'];

/** Texts of letters, signs and characters of two, three and four bytes. */
function textOf(random: Random): string {
  return Array.from({ length: 1 + random(120) }, () => LETTERS[random(LETTERS.length)]).join('');
}

describe.each(CASES)('$name', ({ name, decode, encode }) => {
  it('decodes what was encoded', () => {
    const random = randomNumbers(17);
    let decoded = 0;
    for (let round = 0; round < 400; round++) {
      const text = textOf(random);
      const outer = latin1(encode(text, random));
      const bytes = decode(outer)?.bytes;
      if (bytes) decoded++;
      // Where nothing had to be written as an escape, there is nothing to decode.
      expect((bytes ?? outer).toString(), JSON.stringify(outer.toString('latin1'))).toBe(text);
    }
    expect(decoded).toBeGreaterThan(350);
  });

  it('leads back to the bytes that a place stands for', () => {
    const random = randomNumbers(18);
    const mark = '0123456789';
    let places = 0;
    for (let round = 0; round < 200; round++) {
      const outer = latin1(encode(`${textOf(random)}${mark}${textOf(random)}`, random));
      const decoded = decode(outer);
      if (!decoded) continue;
      const start = decoded.bytes.indexOf(mark);
      const span = decoded.outerOf(start, start + mark.length);
      const part = outer.subarray(span.start, span.end);
      const again = decode(part)?.bytes ?? part;
      expect(again.toString('latin1')).toContain(mark);
      // Nothing more than that and what shares a group of base64 with it.
      expect(again.length).toBeLessThanOrEqual(mark.length + (name.startsWith('base64') ? 4 : 0));
      places++;
    }
    expect(places).toBeGreaterThan(150);
  });

  it('takes any bytes, and every place leads into them', () => {
    const random = randomNumbers(19);
    const signs = ['%', '\x1b[', 'm', '\\', '&#', '&lt;', '=', 'x', 'u', '0', ';', '{', '}', '\n', '\r', 'A', 'f', '9', '+', '/', '-', '_'];
    let places = 0;
    for (let round = 0; round < 3000; round++) {
      const outer = latin1(
        Array.from({ length: random(24) }, () => (random(3) ? signs[random(signs.length)] : String.fromCharCode(random(256)))).join(''),
      );
      const decoded = decode(outer);
      for (let at = 0; decoded && at < decoded.bytes.length; at++) {
        const { start, end } = decoded.outerOf(at, at + 1);
        if (start < 0 || start >= end || end > outer.length) expect([start, end], JSON.stringify(outer.toString('latin1'))).toBeNull();
        places++;
      }
    }
    expect(places).toBeGreaterThan(0);
  });
});

describe('UTF-16 inside of bytes', () => {
  it('decodes text, with places of two bytes a unit', () => {
    const text = 'a token: é€😀 0123456789';
    const decoded = decodeWideText(Buffer.from(text, 'utf16le'));
    const start = decoded?.bytes.indexOf('0123456789') ?? -1;
    expect(decoded?.bytes.toString()).toBe(text);
    expect(decoded?.outerOf(start, start + 10)).toEqual({ start: 2 * text.indexOf('0'), end: 2 * text.length });
  });

  it('takes nothing else', () => {
    expect(decodeWideText(Buffer.from('plain text'))).toBeNull();
    expect(decodeWideText(Buffer.alloc(40))).toBeNull();
    expect(decodeWideText(Buffer.alloc(0))).toBeNull();
  });
});

describe('inflate', () => {
  const text = Buffer.from('some text '.repeat(500));

  it.each([
    ['gzip', gzipSync(text)],
    ['zlib', deflateSync(text)],
  ] as const)('unpacks %s, whose place is the whole', (encoding, packed) => {
    const inflated = inflate(packed, 1 << 20);
    if (inflated === null || inflated === 'too-large') throw new Error('not unpacked');
    expect(inflated.encoding).toBe(encoding);
    expect(inflated.bytes.equals(text)).toBe(true);
    expect(inflated.outerOf(10, 20)).toEqual({ start: 0, end: packed.length });
  });

  it('says when it is more than may be', () => {
    expect(inflate(gzipSync(Buffer.alloc(1 << 20)), 1 << 16)).toBe('too-large');
  });

  it('gives what there is of packed bytes that were cut', () => {
    const bytes = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * i) % 251));
    const cut = inflate(gzipSync(bytes).subarray(0, -100), 1 << 20);
    if (cut === null || cut === 'too-large') throw new Error('not unpacked');
    expect(cut.bytes.length).toBeGreaterThan(0);
    expect(bytes.subarray(0, cut.bytes.length).equals(cut.bytes)).toBe(true);
  });

  it.each([0, 2, 4, 8, 16, 30])('unpacks what stands before something else, with header fields %i', (flags) => {
    const fields = [
      flags & 4 ? Buffer.from([3, 0, 7, 0, 7]) : Buffer.alloc(0),
      Buffer.from(flags & 8 ? 'name\0' : ''),
      Buffer.from(flags & 16 ? 'comment\0' : ''),
      Buffer.alloc(flags & 2 ? 2 : 0, 0x55),
    ];
    const packed = gzipSync('a name and a value');
    const behind = Buffer.from('EOF=', 'base64');
    const first = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]), ...fields, packed.subarray(10), behind]);
    const inflated = inflate(first, 1 << 20);
    expect(inflated !== null && inflated !== 'too-large' && inflated.bytes.toString()).toBe('a name and a value');
    expect(inflate(first.subarray(0, 11), 1 << 20)).not.toBe('too-large');
  });

  it('takes nothing else', () => {
    expect(inflate(Buffer.from('plain text'), 1 << 20)).toBeNull();
    expect(inflate(Buffer.from([0x78, 0x9c, 0xff, 0xff, 0xff, 0xff]), 1 << 20)).toBeNull();
  });
});
