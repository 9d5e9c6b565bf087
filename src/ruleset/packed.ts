/**
 * A compiled ruleset as one file, so that its parts always belong together. Read at every start, so nothing of it is parsed but the head:
 *
 * ```
 * u32 × 4   bytes of the head, of the programs, of the ends, of the texts
 * head      JSON of { build, ids }, filled with blanks to a multiple of four bytes
 * programs  i32 each     (CompiledRuleset in compiled.ts says what they and the rest are)
 * ends      u32 each
 * texts     UTF-8
 * image     to the end of the file
 * ```
 * Little-endian, as the kernel's memory is.
 */
import { ToolError } from '../core/errors.ts';
import type { CompiledRuleset } from './compiled.ts';

const COUNTS = 4;

/** `build` tells whether a bundle and a file were made together. */
export function packRuleset({ ids, texts, ends, programs, image }: CompiledRuleset, build: string): Uint8Array {
  const json = Buffer.from(JSON.stringify({ build, ids }));
  const head = Buffer.concat([json, Buffer.alloc(-json.length & 3, ' ')]);
  const parts = [head, bytesOf(programs), bytesOf(ends), texts];
  return Buffer.concat([bytesOf(Uint32Array.from(parts, ({ length }) => length)), ...parts, image]);
}

/** Returns the ruleset of a file that packRuleset() made; the built-in rules, so none of them is foreign. Throws ToolError for another build's file. */
export function unpackRuleset(file: Buffer, expectedBuild: string): CompiledRuleset {
  let at = 4 * COUNTS;
  const [head, programs, ends, texts] = Array.from({ length: COUNTS }, (_, i) => {
    const from = at;
    at += file.readUInt32LE(4 * i);
    return file.subarray(from, at);
  }) as [Buffer, Buffer, Buffer, Buffer];
  const { build, ids } = JSON.parse(head.toString('utf8'));
  if (build !== expectedBuild) throw new ToolError('build-mixed');
  return {
    ids,
    texts,
    ends: new Uint32Array(copyOf(ends)),
    hasForeign: false,
    programs: new Int32Array(copyOf(programs)),
    image: file.subarray(at),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Numbers must lie at a multiple of their size. */
function copyOf({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
