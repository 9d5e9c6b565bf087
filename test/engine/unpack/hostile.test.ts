/** Archives that were made to do harm: bombs, lies in headers, circles, names for terminals. Nothing crashes or hangs, and whatever is left out is named. */
import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_NAME_CHARACTERS, MAX_UNPACK_MS } from '../../../src/engine/unpack/bounds.ts';
import { gzipZeros, MADE, makePdf, makeZip, tarEntry } from './make-archives.ts';
import { unpackBytes } from './unpack-bytes.ts';

const text = Buffer.from('a line of text\n');
const codes = (found: Awaited<ReturnType<typeof unpackBytes>>): string[] => found.problems.map(({ code }) => code);

describe('a bomb', () => {
  it('of zeros is stopped by its ratio', { timeout: 60_000 }, async () => {
    // A tar of one file that is twice as long as what may be unpacked at any ratio.
    const bomb = gzipSync(tarEntry('zeros', Buffer.alloc(300 << 20)), { level: 9 });
    const found = await unpackBytes(bomb, 'bomb.tgz');
    expect(found.problems).toMatchObject([{ code: 'archive-limit', where: 'bomb.tgz', data: { limit: 250 } }]);
  });

  it('of bombs is stopped as a whole', { timeout: 60_000 }, async () => {
    const layer = gzipSync(Buffer.alloc(20 << 20, 0x61));
    const found = await unpackBytes(makeZip(Array.from({ length: 100 }, (_, at) => ({ name: `${at}.gz`, bytes: layer }))), 'bomb.zip');
    expect(codes(found)).toEqual(['archive-limit']);
    expect(found.texts.size).toBeLessThan(10);
  });

  it('of names for one piece of data is named for each name', async () => {
    const files = [
      { name: 'first', bytes: text },
      ...Array.from({ length: 20 }, (_, at) => ({ name: `more-${at}`, bytes: text, offset: 0, isGhost: true })),
    ];
    const found = await unpackBytes(makeZip(files), 'a.zip');
    expect([...found.texts.keys()].length).toBe(1);
    expect(new Set(codes(found))).toEqual(new Set(['archive-broken']));
    expect(found.problems).toHaveLength(20);
  });

  it('of nested archives ends at the depth', async () => {
    let bytes: Buffer = text;
    for (let level = 0; level < 50; level++) bytes = makeZip([{ name: 'in.zip', bytes }]);
    const found = await unpackBytes(bytes, 'a.zip');
    expect(found.problems).toMatchObject([{ code: 'archive-limit', where: 'a.zip!in.zip!in.zip!in.zip', data: { limit: 3 } }]);
  });

  it('of compressed layers ends at the depth', async () => {
    let bytes: Buffer = text;
    for (let level = 0; level < 50; level++) bytes = gzipSync(bytes);
    expect(codes(await unpackBytes(bytes, 'a.gz'))).toEqual(['archive-limit']);
  });

  it('of time ends', async () => {
    let ms = 0;
    const found = await unpackBytes(
      makeZip(Array.from({ length: 100 }, (_, at) => ({ name: `${at}`, bytes: text }))),
      'a.zip',
      3,
      () => (ms += MAX_UNPACK_MS / 50),
    );
    expect(codes(found)).toEqual(['archive-limit']);
    expect(found.texts.size).toBeGreaterThan(5);
  });
});

describe('many entries', () => {
  const manyTars = (count: number): Buffer =>
    Buffer.concat([...Array.from({ length: count }, (_, at) => tarEntry(`${at}`, text)), Buffer.alloc(1024)]);

  it('100,000 in a zip are read', { timeout: 60_000 }, async () => {
    const found = await unpackBytes(
      makeZip(Array.from({ length: 100_000 }, (_, at) => ({ name: `${at}.txt`, bytes: text, method: 0 }))),
      'a.zip',
    );
    expect([found.texts.size, codes(found)]).toEqual([100_000, []]);
  });

  it('beyond the bound are named', { timeout: 60_000 }, async () => {
    const header = tarEntry('empty', Buffer.alloc(0));
    const found = await unpackBytes(Buffer.concat([manyTars(10), ...Array.from({ length: MAX_ENTRIES }, () => header)]), 'a.tar');
    expect([found.texts.size, codes(found)]).toEqual([10, ['archive-limit']]);
  });

  it('that are broken do not fill the report', async () => {
    const found = await unpackBytes(makeZip(Array.from({ length: 500 }, (_, at) => ({ name: `${at}`, bytes: text, crc: 1 }))), 'a.zip');
    expect(found.problems.length).toBe(51);
    expect(codes(found).at(-1)).toBe('archive-limit');
  });
});

describe('a large entry', () => {
  it('is scanned as far as the bound, and named', { timeout: 60_000 }, async () => {
    // Random enough that the ratio allows it.
    const line = Buffer.from(Array.from({ length: 4096 }, (_, at) => String.fromCharCode(33 + ((at * at * 7919) % 90))).join(''));
    const large = Buffer.alloc(MAX_ENTRY_BYTES + 100_000, line);
    const found = await unpackBytes(Buffer.concat([tarEntry('large', large), tarEntry('next', text), Buffer.alloc(1024)]), 'a.tar');
    expect(found.problems).toMatchObject([{ code: 'archive-limit', where: 'a.tar!large', data: { limit: MAX_ENTRY_BYTES } }]);
    expect(found.texts.get('a.tar!next')).toEqual(text);
    expect(found.texts.get('a.tar!large')?.length).toBeGreaterThan(MAX_ENTRY_BYTES - 500_000);
  });
});

describe('a zip that lies', () => {
  it.each([
    ['about its sum', { crc: 1 }],
    ['about its size, larger', { size: 10_000 }],
    ['about its size, smaller', { size: 3 }],
    ['about its place', { offset: 5 }],
    ['about its method', { method: 12 }],
  ])('%s', async (_, lie) => {
    const found = await unpackBytes(
      makeZip([
        { name: 'a', bytes: text, ...lie },
        { name: 'b', bytes: text },
      ]),
      'a.zip',
    );
    expect(found.problems).toMatchObject([{ code: 'archive-broken', where: 'a.zip!a' }]);
    expect(found.texts.get('a.zip!b')).toEqual(text);
  });

  it('with a method of its own', async () => {
    const found = await unpackBytes(makeZip([{ name: 'a', bytes: text, method: 98 }]), 'a.zip');
    expect(found.problems).toMatchObject([{ code: 'archive-method', where: 'a.zip!a' }]);
  });

  it('with encrypted entries', async () => {
    const files = [
      { name: 'a', bytes: text, flags: 1 },
      { name: 'b', bytes: text, flags: 1 },
      { name: 'c', bytes: text },
    ];
    const found = await unpackBytes(makeZip(files), 'a.zip');
    expect(found.problems).toMatchObject([{ code: 'archive-encrypted', where: 'a.zip', data: { reason: '2 of 3 entries' } }]);
    expect(found.texts.size).toBe(1);
  });

  it('without a directory is read as far as its headers lead', async () => {
    const whole = makeZip([
      { name: 'a', bytes: text },
      { name: 'b', bytes: text },
    ]);
    const found = await unpackBytes(whole.subarray(0, whole.length - 40), 'a.zip');
    expect([[...found.texts.keys()], codes(found)]).toEqual([['a.zip!a', 'a.zip!b'], ['archive-broken']]);
  });

  it('with bytes before it', async () => {
    const found = await unpackBytes(
      Buffer.concat([Buffer.from('PK\x03\x04 an installer'), makeZip([{ name: 'a', bytes: text }])]),
      'a.zip',
    );
    expect([...found.texts.values()]).toEqual([text]);
  });
});

describe('names', () => {
  it('are shown and mean nothing', async () => {
    const names = ['../../etc/passwd', '/etc/shadow', 'C:\\x', 'a\u001b[31m\nb', 'x\u202ey', ''];
    const found = await unpackBytes(makeZip(names.map((name) => ({ name, bytes: text }))), 'a.zip');
    expect([...found.texts.keys()]).toEqual([
      'a.zip!../../etc/passwd',
      'a.zip!/etc/shadow',
      'a.zip!C:\\x',
      'a.zip!a\\u{1b}[31m\\u{a}b',
      'a.zip!x\\u{202e}y',
      'a.zip!',
    ]);
    expect(found.problems).toEqual([]);
  });

  it('that are very long are cut and named', async () => {
    const found = await unpackBytes(makeZip([{ name: 'n'.repeat(60_000), bytes: text }]), 'a.zip');
    expect(found.problems).toMatchObject([{ code: 'archive-limit', data: { limit: MAX_NAME_CHARACTERS } }]);
    expect([...found.texts.keys()][0]?.length).toBe('a.zip!'.length + MAX_NAME_CHARACTERS + 1);
  });

  it('of links lead nowhere', async () => {
    const link = Buffer.from('/etc/passwd');
    const zip = await unpackBytes(makeZip([{ name: 'link', bytes: link, mode: 0o120777 }]), 'a.zip');
    expect(zip.texts.get('a.zip!link')).toEqual(link);
    const tar = await unpackBytes(
      Buffer.concat([tarEntry('link', Buffer.alloc(0), '2', 4096), tarEntry('next', text), Buffer.alloc(1024)]),
      'a.tar',
    );
    expect([...tar.texts.keys()]).toEqual(['a.tar!next']);
  });
});

describe('a tar that lies', () => {
  it.each([
    ['about its size', tarEntry('a', text, '0', 1 << 30)],
    ['about attributes', tarEntry('a', text, 'x', 1 << 30)],
    ['with attributes that are none', tarEntry('a', text, 'x')],
    ['with a negative size', tarEntry('a', Buffer.from('20 size=-5\n'), 'x')],
    ['about a sparse map', tarEntry('a', text, 'S')],
  ])('%s', async (_, bytes) => {
    const found = await unpackBytes(bytes, 'a.tar');
    expect(codes(found).length).toBeGreaterThan(0);
  });

  it('with other bytes behind its end', async () => {
    const found = await unpackBytes(Buffer.concat([tarEntry('a', text), Buffer.alloc(1024), Buffer.alloc(512, 7)]), 'a.tar');
    expect([found.texts.size, codes(found)]).toEqual([1, ['archive-broken']]);
  });

  it('with a second tar behind its end', async () => {
    const found = await unpackBytes(
      Buffer.concat([tarEntry('a', text), Buffer.alloc(1024), tarEntry('b', text), Buffer.alloc(1024)]),
      'a.tar',
    );
    expect([[...found.texts.keys()], codes(found)]).toEqual([['a.tar!a', 'a.tar!b'], []]);
  });
});

describe('headers that ask for memory', () => {
  const xz = MADE.find(({ what }) => what === 'xz')?.make([{ name: 'a', bytes: text }]);
  it.skipIf(!xz)('xz, in a dictionary', async () => {
    const bytes = Buffer.from(xz ?? Buffer.alloc(0));
    // The block's header: size, flags, filter, length of its properties, the dictionary's size; its sum is made right again.
    bytes[12 + 4] = 40;
    const sumAt = 12 + 4 * (bytes[12] ?? 0);
    bytes.writeUInt32LE(crc32(bytes.subarray(12, sumAt)), sumAt);
    expect(codes(await unpackBytes(bytes, 'a.xz'))).toEqual(['archive-limit']);
  });

  it('zstd, in a window', async () => {
    const found = await unpackBytes(Buffer.from('28b52ffd04a8a9010000', 'hex'), 'a.zst');
    expect(codes(found)).toEqual(['archive-limit']);
  });

  it('a zip, in sizes', async () => {
    expect(codes(await unpackBytes(makeZip([{ name: 'a', bytes: text, size: 0xfffffffe }]), 'a.zip'))).toEqual(['archive-broken']);
  });
});

describe('documents', () => {
  it('a PDF whose letters are codes is read through its table', async () => {
    const found = await unpackBytes(makePdf(text, { isCoded: true }), 'a.pdf');
    expect(found.texts.get('a.pdf!page-1')?.toString()).toBe(text.toString());
  });

  it('a PDF with a password is named', async () => {
    const found = await unpackBytes(makePdf(text, { trailer: '/Encrypt 9 0 R' }), 'a.pdf');
    expect([found.texts.size, codes(found)]).toEqual([0, ['archive-encrypted']]);
  });

  it('a PDF of openings is read in time', { timeout: 20_000 }, async () => {
    for (const part of ['1 0 obj ', '1 0 obj << /Length 9 >> stream\n', '((((', '<< /Type /Page /Contents [1 0 R ', 'beginbfchar ']) {
      const found = await unpackBytes(Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(1 << 20, part)]), 'a.pdf');
      expect(found.format).toBe('pdf');
    }
  });

  it('a notebook that is none is read as it stands', async () => {
    for (const body of [
      '{"cells": 5}',
      '{"a',
      `{"a":${'['.repeat(100_000)}`,
      `{"cells":[],"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ]) {
      const found = await unpackBytes(Buffer.from(body), 'a.ipynb');
      expect(found.texts.get('a.ipynb!text')?.toString()).toBe(body);
    }
  });

  it('gzip with zeros only', async () => {
    const found = await unpackBytes(gzipZeros(1 << 20), 'a.gz');
    expect([found.binaries, codes(found)]).toEqual([['a.gz!a'], []]);
  });
});
