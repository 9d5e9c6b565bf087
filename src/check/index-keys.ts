/**
 * The keys of the index: what is derived of the one key K, and what is done with each. Tags say whether a value is the same, and nothing else to those who do not
 * have K; for values that can be guessed they are slow even for those who do. The construction is that of facts "the index": HKDF-SHA256 per purpose with the
 * epoch as salt, HMAC-SHA256 tags of 16 bytes, scrypt before the HMAC for guessable values, AES-256-GCM for what a tag leads to, bound to the tag.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { filterWords, TAG_BYTES, tagOf } from '../core/stored-prints.ts';

export const KEY_BYTES = 32;
export const EPOCH_BYTES = 16;
export const MAC_BYTES = 32;
const NONCE_BYTES = 12;
const SEAL_BYTES = 16;

/** How guessable values are stretched: about 0.2 s and 32 MiB a value on the development machine; one guess of a thief costs the same. */
export const STRETCH = { id: 'scrypt', N: 32_768, r: 8, p: 1 } as const;
/** What Node is allowed to take for it: 128 · N · r bytes and a little. */
const STRETCH_MEMORY_BYTES = 64 * 1024 * 1024;

export class IndexKeys {
  readonly #tag: Buffer;
  readonly #seal: Buffer;
  readonly #file: Buffer;
  readonly #filter: Buffer;
  readonly #salt: Buffer;

  /**
   * `epoch`: of the tags, kept as long as they are. `writing`: of one writing of the file, so that no nonce of AES-GCM can meet itself, however often a
   * file is written.
   */
  constructor(key: Buffer, epoch: Buffer, writing: Buffer) {
    const derive = (info: string, salt: Buffer): Buffer =>
      Buffer.from(hkdfSync('sha256', key, salt, `leakwarden/index@1 ${info}`, KEY_BYTES));
    this.#tag = derive('tag', epoch);
    this.#salt = derive('low', epoch);
    this.#filter = derive('filter', epoch);
    this.#seal = derive('enc', Buffer.concat([epoch, writing]));
    this.#file = derive('file', Buffer.concat([epoch, writing]));
  }

  /** Returns the tag of a value that cannot be guessed. */
  fastTag(value: string): Buffer {
    return tagOf(this.#tag, Buffer.from(value, 'utf8'));
  }

  /** Returns the tag of a value that can be guessed; slow, on the thread pool. */
  async slowTag(value: string): Promise<Buffer> {
    const { N, r, p } = STRETCH;
    const stretched = await new Promise<Buffer>((resolve, reject) => {
      scrypt(value, this.#salt, KEY_BYTES, { N, r, p, maxmem: STRETCH_MEMORY_BYTES }, (error, out) =>
        error ? reject(error) : resolve(out),
      );
    });
    return createHmac('sha256', this.#tag).update('v1\0low\0').update(stretched).digest().subarray(0, TAG_BYTES);
  }

  /** Returns the numbers that key the kernel's sums. */
  filter(): Uint32Array {
    return filterWords(this.#filter);
  }

  /** Returns a copy of the key of fast tags, for the threads of a scan. */
  tagKey(): Uint8Array {
    return Uint8Array.from(this.#tag);
  }

  /** Encrypts; `bound` must be the same when it is opened. */
  seal(plain: Uint8Array, bound: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#seal, nonce).setAAD(bound);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  /** Returns null for what was not sealed with this key and bound to this. */
  open(sealed: Buffer, bound: Uint8Array): Buffer | null {
    if (sealed.length < NONCE_BYTES + SEAL_BYTES) return null;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#seal, sealed.subarray(0, NONCE_BYTES)).setAAD(bound);
      decipher.setAuthTag(sealed.subarray(sealed.length - SEAL_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - SEAL_BYTES)), decipher.final()]);
    } catch {
      return null;
    }
  }

  /** Returns what stands at the end of a file, of all that is before it. */
  mac(bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.#file).update(bytes).digest();
  }

  isMac(bytes: Uint8Array, mac: Buffer): boolean {
    return mac.length === MAC_BYTES && timingSafeEqual(mac, this.mac(bytes));
  }
}
