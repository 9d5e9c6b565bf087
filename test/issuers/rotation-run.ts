/** A run as src/rotate lends it to actions, kept in memory, for tests of participants; and the ways in which a run goes through its actions. */
import type { IssuerPart, RotationAction, RotationRun } from '../../src/core/rotation.ts';
import type { Secret } from '../../src/core/secret.ts';

export type TestRun = RotationRun & { readonly facts: Map<string, string> };

export function createRun(old: Secret, signal: AbortSignal = AbortSignal.timeout(30_000)): TestRun {
  const facts = new Map<string, string>();
  let kept: Secret | null = null;
  return {
    id: '8c1f5a44-7d0e-5a39-9b0e-2f6f0c9d1b11',
    old,
    get fresh() {
      return kept;
    },
    keep: async (value) => {
      if (kept !== null && !kept.equals(value)) throw new Error('another value was kept before');
      kept = value;
    },
    fact: (name) => facts.get(name),
    setFact: async (name, value) => {
      facts.set(name, value);
    },
    facts,
    signal,
  };
}

export function actionOf(part: IssuerPart, id: string): RotationAction {
  const action = part.actions.find((one) => one.id === id);
  if (!action) throw new Error(`there is no action ${id} among ${part.actions.map((one) => one.id).join(', ')}`);
  return action;
}

/** Does the actions up to and with one, as a run does: what has happened is not done again. */
export async function actUntil(part: IssuerPart, run: RotationRun, last: string): Promise<void> {
  for (const action of part.actions) {
    if ((await action.happened(run)) !== 'yes') await action.act(run);
    if (action.id === last) return;
  }
}

/** Takes back everything, the last first. */
export async function undoAll(part: IssuerPart, run: RotationRun): Promise<void> {
  for (const action of [...part.actions].reverse()) await action.undo?.act(run);
}
