/** Decodes the character references of HTML and XML that secrets are written with: `&#61;`, `&#x3d;` and the five names of XML. */
import type { Decode } from './decoded.ts';
import { rewrite, utf8Of } from './rewrite.ts';

const NAMES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };
/** Bytes of the longest reference: `&#1114111;`. */
const MOST_BYTES = 10;

export const decodeHtml: Decode = (outer) =>
  rewrite(outer, 0x26, (at) => {
    const found = /^&(?:#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}))|(quot|amp|lt|gt|apos));/.exec(
      outer.toString('latin1', at, at + MOST_BYTES),
    );
    if (!found) return null;
    const [whole, hex, decimal, name] = found;
    const bytes = name === undefined ? utf8Of(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) : (NAMES[name] ?? '');
    return { length: whole.length, bytes };
  });
