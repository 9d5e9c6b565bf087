/** Reads base64 of either alphabet strictly, and the JSON objects and texts that credentials carry in it. */

/** Longer ones are not taken apart: no token is. */
const MAX_ENCODED_CHARACTERS = 65_536;

/** Returns the bytes, or null for text that is not base64 (either alphabet, with or without padding). */
export function decodeBase64(text: string): Buffer | null {
  if (text.length > MAX_ENCODED_CHARACTERS || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const body = text.replace(/=+$/, '');
  return body.length % 4 === 1 ? null : Buffer.from(body, 'base64');
}

/** Returns the text that base64 holds where all of it is printable ASCII, or null. */
export function decodeText(encoded: string): string | null {
  const text = decodeBase64(encoded)?.toString('latin1');
  return text !== undefined && /^[\t\r\n\x20-\x7e]+$/.test(text) ? text : null;
}

/** Returns the JSON object that base64 holds, or null. */
export function decodeObject(encoded: string): Readonly<Record<string, unknown>> | null {
  const text = decodeBase64(encoded)?.toString('utf8');
  return text === undefined ? null : parseObject(text);
}

/** Returns the JSON object of a text, or null. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Not JSON after all: that is the answer.
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
