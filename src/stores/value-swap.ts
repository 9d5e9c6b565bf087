/**
 * The action of stores that hold a value and know nothing of what it opens: the old one out, the new one in, by reading first. In: how such a store is read and
 * written; out: one action. That nobody was there in between is seen by the value itself, and where the store compares versions (resourceVersion), by the store.
 * Called by the rotators (`*-rotate.ts`).
 */
import { type FieldTexts, fieldsOf, type Happened, type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { cannot, moved } from './rotation-failures.ts';

/** What stands there now. */
export type Held<Seen> = {
  readonly value: Secret;
  /** Texts of the other fields that are written with the value. */
  readonly others: Readonly<Record<string, string>>;
  /** What the write has to name so that it fails where somebody else wrote meanwhile. */
  readonly seen: Seen;
};

export type Values = { readonly value: Secret; readonly others: Readonly<Record<string, string>> };

export type ValueSwap<Seen> = {
  readonly id: string;
  readonly does: string;
  readonly undoes: string;
  readonly effects: readonly string[];
  /** `the password of team/db`, for errors. */
  readonly what: string;
  /** Other fields that change with the value. */
  readonly others: FieldTexts;
  /** Throws RotationError. */
  readonly read: (signal: AbortSignal) => Promise<Held<Seen>>;
  /** Throws RotationError. */
  readonly write: (values: Values, seen: Seen, signal: AbortSignal) => Promise<void>;
  /** Whether what was seen is still what was planned from; left out where the value alone says so. */
  readonly isPlanned?: (seen: Seen) => boolean;
};

/** Returns the action that replaces the value. */
export function swapAction<Seen>(swap: ValueSwap<Seen>): RotationAction {
  const { id, does, undoes, effects } = swap;
  return {
    id,
    reaches: 'PROMOTED',
    does,
    repeat: 'when-not-done',
    effects,
    happened: (run) => hasSwapped(swap, run),
    act: (run) => put(swap, run),
    undo: { does: undoes, act: (run) => putBack(swap, run) },
  };
}

async function hasSwapped<Seen>({ read }: ValueSwap<Seen>, { fresh, signal }: RotationRun): Promise<Happened> {
  const { value } = await read(signal);
  return fresh?.equals(value) ? 'yes' : 'no';
}

async function put<Seen>(swap: ValueSwap<Seen>, run: RotationRun): Promise<void> {
  const { what, read, write, others, isPlanned = () => true } = swap;
  if (!run.fresh) throw cannot('there is no new value to write yet');
  const held = await read(run.signal);
  if (held.value.equals(run.fresh)) return;
  if (!held.value.equals(run.old) || !isPlanned(held.seen)) throw moved(`${what} was changed by somebody else`);
  for (const name of Object.keys(others)) await run.setFact(factOf(swap, name), held.others[name] ?? '');
  await write({ value: run.fresh, others: fieldsOf(others, run) }, held.seen, run.signal);
  await readBack(swap, run.fresh, run.signal);
}

async function putBack<Seen>(swap: ValueSwap<Seen>, run: RotationRun): Promise<void> {
  const { what, read, write, others } = swap;
  if (!run.fresh) return;
  const held = await read(run.signal);
  if (held.value.equals(run.old)) return;
  if (!held.value.equals(run.fresh)) throw moved(`${what} was changed by somebody else, and is left as it is`);
  const before = Object.keys(others).flatMap((name) => {
    const text = run.fact(factOf(swap, name));
    return text === undefined ? [] : [[name, text] as const];
  });
  await write({ value: run.old, others: Object.fromEntries(before) }, held.seen, run.signal);
  await readBack(swap, run.old, run.signal);
}

/** A page that signs people in, with status 200 and from somewhere in between, looks like success to stores that answer nothing else. */
async function readBack<Seen>({ what, read }: ValueSwap<Seen>, value: Secret, signal: AbortSignal): Promise<void> {
  if (!(await unsure(read(signal))).value.equals(value))
    throw new RotationError('odd-reply', `${what} is not what was written`, { mayHaveHappened: true });
}

/** After a write a failure of reading says nothing of the write. */
async function unsure<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    throw new RotationError(error.why, error.message, { mayHaveHappened: true, cause: error });
  }
}

/** What the other fields held before: names of users and hosts, no secrets (IssuerPart.fields). */
function factOf({ id }: { readonly id: string }, name: string): string {
  return `${id}:${name}`;
}
