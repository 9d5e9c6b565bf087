/** A text in one window, which has a way of its own through the scanner, comes to what the way of any number of windows makes of it. */
import { describe, expect, it } from 'vitest';
import { PAGES, WINDOW_MAX } from '../../src/core/kernel-layout.ts';
import type { FoundMatch } from '../../src/engine/found-match.ts';
import { BlobScanner, type ScanSetup } from '../../src/engine/scan-blob.ts';
import { storedTables } from '../../src/engine/stored-tables.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';
import { randomNumbers } from '../kernel/random-text.ts';
import { BASE62, printed, random as randomValue } from '../kernel/stored-values.ts';

const ruleset = builtInRuleset();

/** A value that a store holds: where a text has it, the scanner goes the way of any number of windows. */
const STORED = randomValue('one-window', BASE62, 40);
const ELSEWHERE = randomValue('elsewhere', BASE62, 40);

/** The way of one window, with no index and with one of a value that stands elsewhere, and the way of any number of windows. */
function allWays(changes: Partial<ScanSetup>): {
  readonly short: BlobScanner;
  readonly indexed: BlobScanner;
  readonly general: BlobScanner;
} {
  const setup: ScanSetup = { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 2, ...changes };
  const withIndex = (value: string): BlobScanner => {
    const { prints } = printed([value]);
    const image = storedTables(prints);
    if (!image) throw new Error('no index');
    return new BlobScanner(new Kernel(builtInKernel(), ruleset.image, PAGES, image), { ...setup, stored: { prints, image } }, V8);
  };
  return {
    short: new BlobScanner(new Kernel(builtInKernel(), ruleset.image), setup, V8),
    indexed: withIndex(ELSEWHERE),
    general: withIndex(STORED),
  };
}

/** Returns a result but for the stored value in it. */
function withoutStored<Result extends { readonly values?: readonly FoundMatch[] }>({ values = [], ...result }: Result): unknown {
  const others = values.filter(({ secret }) => secret !== STORED);
  return others.length === 0 ? result : { ...result, values: others };
}

const PIECES = ['const a = 1;\n', 'password = ', '"', '\n', '  # a comment, nothing more\n', 'naïve\n', '=', 'aws secret: '];

function randomText(next: (limit: number) => number, index: number): string {
  const token = fillExample('{{crc32-base62-body:ghp_:30}}', `one-window ${index}`);
  const password = fillExample('{{alnum:14}}', `one-window ${index}`);
  const more = [token, password, Buffer.from(`key ${token}\n`).toString('base64'), `password = "${password}"\n`];
  const pieces = index % 3 === 0 ? PIECES : [...PIECES, ...more];
  const text = Array.from({ length: next(index % 5 === 0 ? 3 : 60) }, () => pieces[next(pieces.length)]).join('');
  return `${text}\n${STORED}\n`;
}

const AS_BYTES: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  (text) => Buffer.from(`${text}\0${text}`),
  (text) => Buffer.concat([Buffer.from(text.padEnd(8000)), Buffer.alloc(3), Buffer.from(text)]),
  (text) => Buffer.from(`PK\x03\x04${text}`, 'latin1'),
];

describe('a text in one window', () => {
  it.each<Partial<ScanSetup>>([{}, { includeBinary: true }, { maxDecodeDepth: 0 }, { assigned: 'all' }])(
    'comes to what windows of any number come to: %o',
    (changes) => {
      const { short, indexed, general } = allWays(changes);
      const next = randomNumbers(7);
      let withMatches = 0;
      let kinds = 0;
      for (let index = 0; index < 140; index++) {
        const bytes = AS_BYTES[index % AS_BYTES.length]?.(randomText(next, index)) ?? Buffer.alloc(0);
        const path = index % 2 === 0 ? 'a.conf' : 'src/a.ts';
        const result = short.scan(readFromBytes(bytes), path);
        const generally = general.scan(readFromBytes(bytes), path);
        expect(result, `text ${index}`).toEqual(indexed.scan(readFromBytes(bytes), path));
        expect(withoutStored(result), `text ${index}`).toEqual(withoutStored(generally));
        const [byRole, byRoleToo] = [short, general].map((one) =>
          withoutStored(one.scanInRoles(readFromBytes(bytes), ['code', 'document'])),
        );
        expect(byRole, `text ${index} in roles`).toEqual(byRoleToo);
        if (result.matches.length > 0) withMatches++;
        if (result.isBinary || result.isArchive) kinds++;
        else expect((generally.values ?? []).some(({ secret }) => secret === STORED)).toBe(true);
      }
      expect(withMatches).toBeGreaterThan(20);
      expect(withMatches).toBeLessThan(100);
      expect(kinds).toBeGreaterThan(16);
    },
  );

  it('ends one byte before the window does', () => {
    const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'one-window');
    const { short, general } = allWays({});
    for (const length of [0, 1, 2, 8000, 8192, WINDOW_MAX - 1, WINDOW_MAX, WINDOW_MAX + 1]) {
      for (const text of ['', ` ${token}`]) {
        const bytes = Buffer.alloc(length, 'a line of it\n');
        bytes.write(text, Math.max(0, length - text.length), 'latin1');
        if (length > 100) bytes.write(`${STORED}\n`, 'latin1');
        const result = short.scan(readFromBytes(bytes), 'a.txt');
        expect(result, `${length} bytes`).toEqual(withoutStored(general.scan(readFromBytes(bytes), 'a.txt')));
        expect(result).toMatchObject({ bytes: length, matches: { length: text !== '' && length > text.length ? 1 : 0 } });
      }
    }
  });
});
