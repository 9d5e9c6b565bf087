/**
 * A secret value that cannot be printed by accident: string conversion, JSON and inspection all give a redacted form.
 * The value comes out by `reveal` alone, whose second argument says what for: `grep -rn 'reveal('` is the audit.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { lazily } from './lazily.ts';

/** What a revealed value is used for. */
export type Purpose =
  /** Telling placeholders, checksums, shapes: inside this process, nothing leaves. */
  | 'judge'
  /** Digests that identify a finding. */
  | 'digest'
  /** `--reveal` into a file of mode 0600. */
  | 'report'
  /** A comparison with what the user listed as allowed. */
  | 'compare'
  /** A question to the owner's own store, which the owner set up for that. */
  | 'ask'
  /** Sent to whoever issued it, because the user asked for that: does it work, or end it. */
  | 'ask-issuer'
  /** Sealed into the local store, or written to the owner's own store in a rotation. */
  | 'store'
  /** Given to the owner who asked for it: into a pipe, or a file of mode 0600. */
  | 'hand-over'
  /** Told to the runner of a CI job, which hides it in the job's log. */
  | 'mask'
  /** Keyed digests of what the stores hold, and of what is looked up among them. */
  | 'index';

const values = new WeakMap<Secret, string>();

/** Of this process only, so that two redacted forms can be told apart but say nothing about the value. */
const processKey = lazily(() => randomBytes(16));

export class Secret {
  readonly #label: string;
  readonly length: number;

  /** `value` is text as found; `label` says what it is (a rule's id), for the redacted form. */
  constructor(value: string, label = 'secret') {
    this.#label = label;
    this.length = value.length;
    values.set(this, value);
  }

  /** Returns whether both hold the same value, in constant time for equal lengths. */
  equals(other: Secret): boolean {
    const a = Buffer.from(reveal(this, 'compare'));
    const b = Buffer.from(reveal(other, 'compare'));
    return a.length === b.length && timingSafeEqual(a, b);
  }

  toString(): string {
    const mark = createHash('sha256')
      .update(processKey())
      .update(values.get(this) ?? '')
      .digest('hex')
      .slice(0, 4);
    return `‹${this.#label} ${this.length} chars ${mark}…›`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Returns the value. Allowed where `purpose` is one of the few listed above; never for messages, logs or errors. */
export function reveal(secret: Secret, _purpose: Purpose): string {
  return values.get(secret) ?? '';
}
