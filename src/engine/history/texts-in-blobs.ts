/**
 * Which texts stand in the places of passwords anywhere in a history, and in which blobs: far too many to be located, so only the texts are kept, and where they stand
 * is looked up again for the few that a store holds (stored-values.ts). One a thread, then one for all; what is in it hangs on no order but past its bounds.
 */

/** Different texts. More than any repository has that people work with: 100 bytes each. */
export const MAX_TEXTS = 200_000;
/** Blobs that are named for a text; one with more is looked for in all. */
const MAX_BLOBS = 2_000;

/** By text: ids of blobs, null for more than are named. Crosses threads. */
export type TextsByText = Map<string, string[] | null>;

export class TextsInBlobs {
  readonly byText: TextsByText;
  /** Texts that were passed over. */
  untold = 0;

  constructor(byText: TextsByText = new Map()) {
    this.byText = byText;
  }

  add(text: string, blobs: readonly string[] | null): void {
    const known = this.byText.get(text);
    if (known === undefined) {
      if (this.byText.size >= MAX_TEXTS) this.untold++;
      else this.byText.set(text, blobs && [...blobs]);
    } else if (known !== null) {
      if (blobs === null || known.length + blobs.length > MAX_BLOBS) this.byText.set(text, null);
      else known.push(...blobs);
    }
  }
}
