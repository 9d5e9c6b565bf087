/**
 * Just enough of DER (X.690) to tell a private key from random base64 and to name its kind: tags and definite lengths, nested sequences. Every length is
 * held against what is there. pem.ts uses it.
 */
export type Element = { readonly tag: number; readonly body: Uint8Array; readonly rest: Uint8Array };

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
export const OBJECT_ID = 0x06;

/** Returns the first element of the bytes, or null where there is no whole one. */
export function readElement(bytes: Uint8Array): Element | null {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return null;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  // 0x80 is the indefinite length, which DER does not have; more than four bytes are no length of a key.
  if (first === 0x80 || lengthBytes > 4) return null;
  const length = lengthBytes === 0 ? first : bytes.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) return null;
  return { tag, body: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

/** Returns the elements that follow one another in the bytes, at most `most`, or null where they are broken. */
export function readElements(bytes: Uint8Array, most: number): readonly Element[] | null {
  const out: Element[] = [];
  for (let rest = bytes; rest.length > 0 && out.length < most; ) {
    const element = readElement(rest);
    if (!element) return null;
    out.push(element);
    rest = element.rest;
  }
  return out;
}

/** Returns an integer's bytes without the sign byte. */
export function magnitude(body: Uint8Array): Uint8Array {
  return body[0] === 0 ? body.subarray(1) : body;
}
