/** What an offline check of a credential is. Each file beside this one holds a family of them; index.ts is the registry. */

/** Returns `n` random characters of `alphabet`. */
export type RandomText = (alphabet: string, n: number) => string;

export type Checksum = {
  readonly id: string;
  /** What a wrong sum means: certainly not such a credential, or only a lower confidence (the format is not documented). */
  readonly mismatch: 'reject' | 'lower';
  /**
   * Returns whether the credential's own sum is right; null when this form of it carries none, so that nothing can be said.
   * `secret` is the whole token, prefix included, one character a byte. `seed` is one or several seeds, separated by spaces.
   */
  verify(secret: string, seed?: string): boolean | null;
  /**
   * Returns a well-formed credential for the rules' examples: `prefix`, `bodyLength` random characters and the right sum,
   * unless the family's file says otherwise.
   */
  readonly make?: (prefix: string, bodyLength: number, random: RandomText, seed?: string) => string;
};
