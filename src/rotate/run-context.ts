/** What a run works with: its plan, its participants, its log and its values; and how a participant is told of them (RotationRun). Made by the command line, used by the files of this folder. */
import { type Issuer, RotationError, type RotationRun } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import type { Escrow } from './escrow.ts';
import { type PlannedAction, type RotationPlan, rotationIdOf } from './plan.ts';
import type { RunEvent, RunProgress } from './progress.ts';

export type RunOptions = {
  readonly plan: RotationPlan;
  readonly planId: string;
  readonly actions: readonly PlannedAction[];
  /** Asked whether it accepts a value; null: there is nobody to ask. */
  readonly issuer: Issuer | null;
  readonly progress: RunProgress;
  /** Writes an event into the log and returns its time. */
  readonly append: (event: RunEvent) => Promise<string>;
  readonly escrow: Escrow;
  readonly old: Secret;
  readonly fresh: Secret | null;
  readonly now: () => Date;
  /** Returns early when interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Somebody wants it to stop at the next step. */
  readonly isInterrupted: () => boolean;
  /** Sentences for whoever watches. */
  readonly say: (sentence: string) => void;
};

export class RunContext {
  readonly options: RunOptions;
  #fresh: Secret | null;

  constructor(options: RunOptions) {
    this.options = options;
    this.#fresh = options.fresh;
  }

  get fresh(): Secret | null {
    return this.#fresh;
  }

  /** Logs first, then counts. */
  async note(event: RunEvent): Promise<void> {
    const { append, progress } = this.options;
    progress.note(event, await append(event));
  }

  /** Returns what actions are lent. They are never interrupted in the middle: a run stops between two of them. */
  run(): RotationRun {
    const { planId, old, escrow, progress } = this.options;
    return {
      id: rotationIdOf(planId),
      old,
      fresh: this.#fresh,
      keep: async (value) => {
        await escrow.keep(planId, 'new', value);
        if (this.#fresh === null) await this.note({ event: 'kept' });
        this.#fresh = value;
      },
      fact: (name) => progress.facts.get(name),
      setFact: async (name, value) => {
        if (this.masked(`${name} ${value}`) !== `${name} ${value}`) throw new Error(`the fact ${name} of a rotation holds a secret`);
        if (progress.facts.get(name) !== value) await this.note({ event: 'fact', name, value });
      },
      signal: new AbortController().signal,
    };
  }

  /** Returns a text without the values of the run: messages are ours, but a slip of one participant must not reach the log. */
  masked(text: string): string {
    const values = [this.options.old, ...(this.#fresh === null ? [] : [this.#fresh])].map((value) => reveal(value, 'compare'));
    return values.filter((value) => value !== '').reduce((rest, value) => rest.replaceAll(value, '…'), text);
  }
}

/** Returns what a participant threw as a RotationError, or throws it again: anything else is a bug. */
export function rotationErrorOf(error: unknown): RotationError {
  if (error instanceof RotationError) return error;
  // A connector's own error: what was sent before it is not known.
  if (error instanceof StoreError) return new RotationError(error.why, error.message, { mayHaveHappened: true, cause: error });
  throw error;
}
