/** Names of compressed files: what is in `dump.sql.gz` is called `dump.sql`. Used by the formats that do not store a name. */
import { fileNameOf } from './format.ts';

const TAR = /\.(?:tgz|taz|tbz2?|tb2|txz|tzst)$/i;
const SINGLE = /\.(?:gz|z|bz2?|xz|zstd?|svgz)$/i;

/** Returns the name of a compressed file's content; `content` where the name tells nothing. */
export function withoutEnding(path: string): string {
  const name = fileNameOf(path);
  if (TAR.test(name)) return name.replace(TAR, '.tar');
  return SINGLE.test(name) && name.replace(SINGLE, '') !== '' ? name.replace(SINGLE, '') : 'content';
}
