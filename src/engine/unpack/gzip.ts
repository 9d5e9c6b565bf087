/** gzip (RFC 1952): one compressed file, or a tar. node:zlib reads all members and checks their sums. */

import { withoutEnding } from './endings.ts';
import { type Entry, type Format, fileNameOf, hasBytes, type Input, nameOf } from './format.ts';
import { inflatePieces } from './inflate.ts';

/** With deflate, the one method there is. */
const MARK = [0x1f, 0x8b, 8];
const FEXTRA = 4;
const FNAME = 8;

export const gzip: Format = {
  id: 'gzip',
  kind: 'compressed',
  recognises: (head) => hasBytes(head, 0, MARK) && ((head[3] ?? 0) & 0xe0) === 0,
  *items(input): Iterable<Entry> {
    yield { name: storedName(input), pieces: () => inflatePieces(input.pieces(), 'gzip') };
  },
};

/** The name in the header, as it was before compressing; else that of the archive without its ending. */
function storedName({ head, name }: Input): string {
  const flags = head[3] ?? 0;
  const start = flags & FEXTRA ? 12 + (head[10] ?? 0) + 256 * (head[11] ?? 0) : 10;
  const end = flags & FNAME ? head.indexOf(0, start) : -1;
  return end > start ? fileNameOf(nameOf(head.subarray(start, end))) : withoutEnding(name);
}
