/**
 * A compiled ruleset as one file, so that its parts always belong together: u32 length of the text, the text, the kernel's tables. The text's first line
 * is JSON of `{ build, ids, programs }`, then comes a CompiledRule a line. Written by the build, read at every start.
 */
import { ToolError } from '../core/errors.ts';
import type { CompiledRuleset } from './compiled.ts';

const LENGTH_BYTES = 4;

/** `build` tells whether a bundle and a file were made together. */
export function packRuleset({ ids, lines, programs, image }: CompiledRuleset, build: string): Uint8Array {
  const text = Buffer.from([JSON.stringify({ build, ids, programs: [...programs] }), ...lines].join('\n'));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, image]);
}

/** Returns the ruleset of a file that packRuleset() made; the built-in rules, so none of them is foreign. Throws ToolError for another build's file. */
export function unpackRuleset(file: Buffer, expectedBuild: string): CompiledRuleset {
  const end = LENGTH_BYTES + file.readUInt32LE(0);
  const [head = '{}', ...lines] = file.toString('utf8', LENGTH_BYTES, end).split('\n');
  const { build, ids, programs } = JSON.parse(head);
  if (build !== expectedBuild) throw new ToolError('build-mixed');
  return { ids, lines, hasForeign: false, programs: Int32Array.from(programs), image: file.subarray(end) };
}
