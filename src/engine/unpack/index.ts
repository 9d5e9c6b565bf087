/**
 * The formats that are unpacked. A new one is a file of this folder and a line here; test/engine/unpack/contract.test.ts then wants archives of it.
 * Asked for every file that is scanned, so recognising looks at a few bytes only.
 */
import { bzip2 } from './bzip2.ts';
import type { Format } from './format.ts';
import { gzip } from './gzip.ts';
import { keyStore } from './key-store.ts';
import { notebook } from './notebook.ts';
import { pdf } from './pdf.ts';
import { rar, sevenZip } from './sealed.ts';
import { sqlite } from './sqlite.ts';
import { tar } from './tar.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zstd } from './zstd.ts';

/** The first that recognises a file has it. */
export const FORMATS: readonly Format[] = [zip, gzip, bzip2, xz, zstd, sqlite, pdf, sevenZip, rar, keyStore, notebook, tar];

/** Returns the format of a file by its first bytes (HEAD_BYTES of them, or all) and its name, or null. */
export function recognise(head: Uint8Array, name: string): Format | null {
  for (const format of FORMATS) if (format.recognises(head, name)) return format;
  return null;
}
