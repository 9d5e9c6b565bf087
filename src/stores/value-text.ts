/** Turns stored bytes into the text that stands for them in the index. Called by connectors whose values are bytes. */

/** Returns UTF-8 as text; what is none as its base64, the form in which bytes stand in configuration files. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}
