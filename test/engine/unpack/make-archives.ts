/**
 * Archives for the tests, made when they run: by the real tools where the machine has them, so that what we read is what people have. A maker takes files
 * (name and bytes; a single one for what only compresses) and gives the archive; null where its tool is missing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

export type File = { readonly name: string; readonly bytes: Buffer };

export type Made = {
  /** Of the registry. */
  readonly format: string;
  readonly what: string;
  /** File name of the archive. */
  readonly name: string;
  /** The name under which the first file's text is found in it. */
  readonly inner: (file: string) => string;
  /** It has checksums, so that no changed bit passes in silence. */
  readonly hasSums: boolean;
  readonly make: (files: readonly File[]) => Buffer | null;
};

/** Runs a tool in a folder that holds the files; returns what it wrote to stdout, or `out`. */
function byTool(tool: string, args: readonly string[], out?: string, input = '') {
  return (files: readonly File[]): Buffer | null => {
    const folder = mkdtempSync(join(tmpdir(), 'leakwarden-unpack-'));
    try {
      for (const { name, bytes } of files) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), bytes);
      }
      const { status, stdout, error } = spawnSync(
        tool,
        args.flatMap((arg) => (arg === 'FILES' ? files.map(({ name }) => name) : [arg])),
        {
          cwd: folder,
          input,
          maxBuffer: 1 << 28,
        },
      );
      if (error) return null;
      if (status !== 0) throw new Error(`${tool} ended with ${status}`);
      return out === undefined ? stdout : readFileSync(join(folder, out));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** Runs a compressor on the first file. */
function byFilter(tool: string, ...args: string[]) {
  return ([file]: readonly File[]): Buffer | null => {
    const { error, stdout } = spawnSync(tool, args, { input: file?.bytes ?? Buffer.alloc(0), maxBuffer: 1 << 28 });
    return error ? null : stdout;
  };
}

const PYTHON_ZIP64 = `
import sys, zipfile
with zipfile.ZipFile('out.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    for n in sys.argv[1:]:
        with z.open(zipfile.ZipInfo(n), 'w', force_zip64=True) as f: f.write(open(n, 'rb').read())
`;

const same = (file: string): string => file;

export const MADE: readonly Made[] = [
  { format: 'zip', what: 'zip', name: 'a.zip', inner: same, hasSums: true, make: byTool('zip', ['-q', 'out.zip', 'FILES'], 'out.zip') },
  {
    format: 'zip',
    what: 'zip, stored',
    name: 'a.jar',
    inner: same,
    hasSums: true,
    make: (files) => makeZip(files.map((file) => ({ ...file, method: 0 }))),
  },
  {
    format: 'zip',
    what: 'zip64',
    name: 'a.whl',
    inner: same,
    hasSums: true,
    make: byTool('python3', ['-c', PYTHON_ZIP64, 'FILES'], 'out.zip'),
  },
  { format: 'zip', what: 'crx', name: 'a.crx', inner: same, hasSums: true, make: (files) => Buffer.concat([crxHeader(), makeZip(files)]) },
  {
    format: 'tar',
    what: 'tar, gnu',
    name: 'a.tar',
    inner: same,
    hasSums: false,
    make: byTool('tar', ['--format=gnu', '-cf', '-', 'FILES']),
  },
  {
    format: 'tar',
    what: 'tar, pax',
    name: 'a.tar',
    inner: same,
    hasSums: false,
    make: byTool('tar', ['--format=posix', '-cf', '-', 'FILES']),
  },
  { format: 'tar', what: 'tar, v7', name: 'a.tar', inner: same, hasSums: false, make: byTool('tar', ['--format=v7', '-cf', '-', 'FILES']) },
  { format: 'gzip', what: 'gzip', name: 'note.txt.gz', inner: () => 'note.txt', hasSums: true, make: byFilter('gzip', '-c') },
  { format: 'bzip2', what: 'bzip2', name: 'note.txt.bz2', inner: () => 'note.txt', hasSums: true, make: byFilter('bzip2', '-c') },
  {
    format: 'xz',
    what: 'xz',
    name: 'note.txt.xz',
    inner: () => 'note.txt',
    hasSums: true,
    make: byFilter('xz', '-c', '--lzma2=dict=64KiB'),
  },
  {
    format: 'xz',
    what: 'xz, sha256',
    name: 'note.txt.xz',
    inner: () => 'note.txt',
    hasSums: true,
    make: byFilter('xz', '-c', '-C', 'sha256', '--lzma2=dict=64KiB,lc=1,lp=2,pb=0'),
  },
  { format: 'zstd', what: 'zstd', name: 'note.txt.zst', inner: () => 'note.txt', hasSums: true, make: byFilter('zstd', '-c', '-q') },
  {
    format: 'zstd',
    what: 'zstd, hard',
    name: 'note.txt.zst',
    inner: () => 'note.txt',
    hasSums: true,
    make: byFilter('zstd', '-c', '-q', '-19', '--no-content-size'),
  },
  { format: 'sqlite', what: 'sqlite', name: 'a.db', inner: () => 'notes', hasSums: false, make: makeDatabase },
  {
    format: 'pdf',
    what: 'pdf',
    name: 'a.pdf',
    inner: () => 'page-1',
    hasSums: false,
    make: ([file]) => makePdf(file?.bytes ?? Buffer.alloc(0)),
  },
  { format: 'notebook', what: 'notebook', name: 'a.ipynb', inner: () => 'cell-1.py', hasSums: false, make: makeNotebook },
];

/** Formats that are only recognised and named. */
export const SEALED: readonly (readonly [id: string, bytes: Buffer])[] = [
  ['7z', Buffer.from('377abcaf271c0004', 'hex')],
  ['rar', Buffer.from('526172211a070100', 'hex')],
];

function makeDatabase([file]: readonly File[]): Buffer | null {
  const sql = `PRAGMA secure_delete=off; CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT, "api key" TEXT);
    INSERT INTO notes VALUES (1, CAST(x'${file?.bytes.toString('hex')}' AS TEXT), 'k');`;
  return byTool('sqlite3', ['out.db'], 'out.db', sql)([]);
}

/** One page, a line of text a line; with `fonts`, through a table of codes as programs write it. */
export function makePdf(text: Buffer, options: { readonly isCoded?: boolean; readonly trailer?: string } = {}): Buffer {
  const shown = (line: string): string =>
    options.isCoded
      ? `<${Array.from(line, (character) => (character.charCodeAt(0) + 3).toString(16).padStart(4, '0')).join('')}>`
      : `(${line.replace(/[\\()]/g, '\\$&')})`;
  const lines = text.toString().split('\n');
  const content = `BT /F1 12 Tf 14 TL 72 720 Td ${lines.map((line) => `${shown(line)} Tj T*`).join('\n')} ET`;
  const cmap = 'begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0003> <0082> <0000> endbfrange endcmap';
  const stream = (body: string): string => {
    const packed = deflateSync(Buffer.from(body, 'latin1'));
    return `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed.toString('latin1')}\nendstream`;
  };
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    stream(content),
    `<< /Type /Font /Subtype /Type0 /BaseFont /Sample ${options.isCoded ? '/ToUnicode 6 0 R ' : ''}>>`,
    stream(cmap),
  ];
  const body = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  return Buffer.from(`%PDF-1.7\n%\xe2\xe3\xcf\xd3\n${body}trailer\n<< /Root 1 0 R ${options.trailer ?? ''}>>\n%%EOF\n`, 'latin1');
}

function makeNotebook([file]: readonly File[]): Buffer {
  const source = (file?.bytes.toString() ?? '').split(/(?<=\n)/);
  const outputs = [{ output_type: 'display_data', data: { 'image/png': 'A'.repeat(1000), 'text/plain': ['<figure>'] } }];
  return Buffer.from(
    JSON.stringify(
      { cells: [{ cell_type: 'code', metadata: {}, source, outputs }], metadata: {}, nbformat: 4, nbformat_minor: 5 },
      null,
      1,
    ),
  );
}

function crxHeader(): Buffer {
  const header = Buffer.concat([Buffer.from('Cr24'), Buffer.from([3, 0, 0, 0, 8, 0, 0, 0]), Buffer.alloc(8, 7)]);
  return header;
}

export type ZipFile = File & {
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  /** Instead of its own header's place. */
  readonly offset?: number;
  readonly mode?: number;
  /** In the directory only: `name` at another's place. */
  readonly isGhost?: boolean;
};

/** A zip of our own making, for what no tool would write: every field can be told. */
export function makeZip(files: readonly ZipFile[], options: { readonly deflated?: Buffer } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const {
    name,
    bytes,
    method = 8,
    flags = 0,
    crc = crc32(bytes),
    size = bytes.length,
    offset = at,
    mode = 0o100644,
    isGhost,
  } of files) {
    const nameBytes = Buffer.from(name);
    const packed = options.deflated ?? (method === 8 ? deflateRawSync(bytes) : bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc >>> 0, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), fields, tail, nameBytes]));
    if (isGhost) continue;
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, nameBytes, packed]);
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length & 0xffff, 8);
  end.writeUInt16LE(files.length & 0xffff, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** One file of a tar, as ustar. */
export function tarEntry(name: string, bytes: Buffer, type = '0', size = bytes.length): Buffer {
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0, 'latin1');
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** Zeros, packed: a bomb in its simplest form. */
export function gzipZeros(bytes: number): Buffer {
  return gzipSync(Buffer.alloc(bytes), { level: 9 });
}

export { deflateSync };
