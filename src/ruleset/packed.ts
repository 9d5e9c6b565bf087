/**
 * A compiled ruleset as one file, so that its parts always belong together: u32 length of the text, the text, the kernel's tables. The text's first line
 * is JSON of `{ ids, programs }`, then comes a CompiledRule a line. Written by the build, read at every start.
 */
import type { CompiledRuleset } from './compiled.ts';

const LENGTH_BYTES = 4;

export function packRuleset({ ids, lines, programs, image }: CompiledRuleset): Uint8Array {
  const text = Buffer.from([JSON.stringify({ ids, programs: [...programs] }), ...lines].join('\n'));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, image]);
}

/** Returns the ruleset of a file that packRuleset() made; the built-in rules, so none of them is foreign. */
export function unpackRuleset(file: Buffer): CompiledRuleset {
  const end = LENGTH_BYTES + file.readUInt32LE(0);
  const [head = '{}', ...lines] = file.toString('utf8', LENGTH_BYTES, end).split('\n');
  const { ids, programs } = JSON.parse(head);
  return { ids, lines, hasForeign: false, programs: Int32Array.from(programs), image: file.subarray(end) };
}
