/**
 * Binary key stores: PKCS#12 (RFC 7292), JKS and JCEKS of Java, BKS of Bouncy Castle. One that holds a private key becomes a block of text, as PEM would have
 * it, which the rules private-key-pkcs12 and private-key-jks match like any other; one with certificates only stays a binary file.
 */
import { MAX_ENTRY_BYTES } from './bounds.ts';
import { type Entry, Fault, type Format, hasBytes, type Input } from './format.ts';

/** 1.2.840.113549.1.7: data (1) or signed data (2) is what a store holds. */
const PKCS7 = Buffer.from('06092a864886f70d0107', 'hex');
/** 1.2.840.113549.1.12.10.1: a bag with a key (1), or with an encrypted one (2). Certificates are in bags of kind 3. */
const KEY_BAG = Buffer.from('060b2a864886f70d010c0a01', 'hex');
/** Java's entries: a private key, a certificate, a secret key (JCEKS). */
const JAVA_CERTIFICATE = 2;
const MAX_BKS_SALT_BYTES = 64;
/** Of the store, in the block: enough to tell it from every other. */
const SHOWN_BYTES = 576;

type Kind = 'PKCS12' | 'JKS' | 'JCEKS' | 'BKS';

export const keyStore: Format = {
  id: 'key-store',
  kind: 'key',
  recognises: (head, name) => kindOf(head, name) !== null,
  items: (input) => readStore(input),
};

async function* readStore(input: Input): AsyncGenerator<Entry> {
  const bytes = await input.random();
  if (bytes.size > MAX_ENTRY_BYTES) throw new Fault('archive-limit', 'the size of a key store in bytes', { limit: MAX_ENTRY_BYTES });
  const store = bytes.read(0, bytes.size);
  const kind = kindOf(store, input.name);
  const lines = store.toString('base64', 0, SHOWN_BYTES).match(/.{1,64}/g) ?? [];
  const block = `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`;
  if (kind !== null && holdsKey(store, kind)) yield { name: kind.toLowerCase(), pieces: () => [Buffer.from(block)] };
  else yield { name: 'certificates', pieces: () => [store] };
}

function kindOf(head: Uint8Array, name: string): Kind | null {
  const first = head[0];
  if (first === 0x30) return isPkcs12(head) ? 'PKCS12' : null;
  if (first === 0xfe) return hasBytes(head, 0, [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0]) ? 'JKS' : null;
  if (first === 0xce) return hasBytes(head, 0, [0xce, 0xce, 0xce, 0xce, 0, 0, 0]) ? 'JCEKS' : null;
  return first === 0 && name.toLowerCase().endsWith('.bks') && isBks(head) ? 'BKS' : null;
}

/** SEQUENCE { INTEGER 3, SEQUENCE { OID pkcs7-… */
function isPkcs12(head: Uint8Array): boolean {
  const inner = contentAt(head, 0);
  if (!hasBytes(head, inner, [2, 1, 3, 0x30])) return false;
  const safe = contentAt(head, inner + 3);
  return hasBytes(head, safe, [...PKCS7]) && [1, 2].includes(head[safe + PKCS7.length] ?? 0);
}

/** Returns where the content of a DER or BER value begins. */
function contentAt(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] ?? 0;
  return at + 2 + (length > 0x80 ? length & 0x7f : 0);
}

/** Version 1 or 2, the salt's length, the salt, the rounds. It has no mark, so its name must say it too. */
function isBks(head: Uint8Array): boolean {
  const salt = head[7] ?? 0;
  return (
    hasBytes(head, 0, [0, 0, 0]) && [1, 2].includes(head[3] ?? 0) && hasBytes(head, 4, [0, 0, 0]) && salt > 0 && salt <= MAX_BKS_SALT_BYTES
  );
}

function holdsKey(store: Buffer, kind: Kind): boolean {
  if (kind === 'PKCS12') return [1, 2].some((bag) => store.includes(Buffer.concat([KEY_BAG, Buffer.from([bag])])));
  // What its entries are is not told before their lengths: it is for keys, mostly.
  return kind === 'BKS' || holdsJavaKey(store);
}

/** Entries stand one after another: kind, alias, time, then a certificate's type and bytes. What is none is a key. */
function holdsJavaKey(store: Buffer): boolean {
  let at = 12;
  for (let left = store.length < 12 ? 0 : store.readUInt32BE(8); left > 0; left--) {
    if (at + 6 > store.length) return false;
    if (store.readUInt32BE(at) !== JAVA_CERTIFICATE) return true;
    at += 6 + store.readUInt16BE(at + 4) + 8;
    // Of version 1 there is no type.
    if (store[7] === 2) at += at + 2 > store.length ? 2 : 2 + store.readUInt16BE(at);
    if (at + 4 > store.length) return false;
    at += 4 + store.readUInt32BE(at);
  }
  return false;
}
