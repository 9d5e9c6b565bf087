/**
 * OpenSSH's own private key format (openssh/PROTOCOL.key): `openssh-key-v1\0`, cipher, key derivation, public keys, private part. An unencrypted private part
 * opens with the same number twice, which random bytes do once in 2^32. pem.ts uses it.
 */
import { createHash } from 'node:crypto';
import { type Details, details } from './structure.ts';

const MAGIC = 'openssh-key-v1\0';

/** Returns what the key tells, or null where the bytes are no such key. */
export function readOpenSsh(bytes: Buffer): Details | null {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  const cursor = new Cursor(bytes, MAGIC.length);
  const cipher = cursor.text();
  const derivation = cursor.text();
  cursor.text();
  const keys = cursor.number();
  const publicKey = cursor.bytes();
  const privatePart = cursor.bytes();
  if (cipher === null || derivation === null || keys !== 1 || !publicKey || !privatePart) return null;
  const isEncrypted = cipher !== 'none';
  if (!isEncrypted && (privatePart.length < 8 || privatePart.readUInt32BE(0) !== privatePart.readUInt32BE(4))) return null;
  return details([
    ['key', new Cursor(publicKey, 0).text()],
    ['fingerprint', sshFingerprint(publicKey)],
    ['passphrase', isEncrypted ? `needed (${cipher}, ${derivation})` : 'none'],
  ]);
}

/** Returns the fingerprint that ssh-keygen and code hosts show, of a public key in SSH's wire form. */
export function sshFingerprint(publicKey: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** Returns bytes with their length before them, as SSH writes them. */
export function sshString(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads SSH's strings and numbers one after another; null from the first that is not whole. */
class Cursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number | null {
    if (this.#at + 4 > this.#bytes.length) return null;
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  bytes(): Buffer | null {
    const length = this.number();
    if (length === null || this.#at + length > this.#bytes.length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string | null {
    return this.bytes()?.toString('latin1') ?? null;
  }
}
