/**
 * Paths as git and the file system hold them are bytes; reports hold text. This is the one place that turns the first into the second,
 * so that names that are not UTF-8 are shown alike everywhere.
 */
import { isUtf8 } from 'node:buffer';

/** Returns a path as text: UTF-8 where it is valid, `\xNN` for each byte that is not. */
export function pathText(path: Buffer): string {
  if (isUtf8(path)) return path.toString('utf8');
  let text = '';
  let at = 0;
  while (at < path.length) {
    const length = utf8LengthAt(path, at);
    text += length > 0 ? path.toString('utf8', at, at + length) : `\\x${(path[at] ?? 0).toString(16).padStart(2, '0')}`;
    at += Math.max(length, 1);
  }
  return text;
}

/** Returns the length of the valid UTF-8 character that starts at `at`, or 0. */
function utf8LengthAt(path: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= path.length; length += 1) {
    if (isUtf8(path.subarray(at, at + length))) return length;
  }
  return 0;
}

/** Returns the NUL-ended fields of a chunk of git's output, all but an unfinished last one, and that rest. */
export function splitAtNul(chunk: Buffer, rest: Buffer): { readonly fields: readonly (string | Buffer)[]; readonly rest: Buffer } {
  const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  const end = whole.lastIndexOf(0);
  if (end < 0) return { fields: [], rest: whole };
  const done = whole.subarray(0, end);
  return { fields: isUtf8(done) ? done.toString('utf8').split('\0') : splitBytes(done), rest: whole.subarray(end + 1) };
}

/** Text where a field is valid UTF-8, its bytes where it is not. */
function splitBytes(done: Buffer): (string | Buffer)[] {
  const fields: (string | Buffer)[] = [];
  for (let start = 0; start <= done.length; ) {
    const found = done.indexOf(0, start);
    const end = found < 0 ? done.length : found;
    const field = done.subarray(start, end);
    fields.push(isUtf8(field) ? field.toString('utf8') : Buffer.from(field));
    start = end + 1;
  }
  return fields;
}
