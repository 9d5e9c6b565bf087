/**
 * What every rotator of a store keeps to, whatever it talks to: run over the fakes of this repository behind fixtures/stores/faulty-proxy.ts, and over real servers
 * where the machine has them. A rotator's test file calls describeRotator() with a way to start its backend.
 */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { WRITE_FAULTS, type WriteFault } from '../../fixtures/stores/faulty-proxy.ts';
import {
  type Happened,
  ROTATION_STATES,
  type RotationAction,
  RotationError,
  type RotationRun,
  type StoredPlace,
  type StorePart,
  type StoreRotator,
} from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';

export type RotatorBackend = {
  /** Returns a rotator as a new process would make it. */
  connect(): StoreRotator;
  /** Puts a secret with this value, as its owner would; returns its place as the store's connector lists it. Where the store makes values, it makes this one too. */
  put(value: string): Promise<StoredPlace>;
  /** Returns the value that a reader of the place gets now; null for none. */
  read(place: StoredPlace): Promise<string | null>;
  /** Somebody else gives the place this value. Needed unless the store makes values. */
  meddle?(place: StoredPlace, value: string): Promise<void>;
  /** The faulty proxy; left out where `playsFaults` is false. */
  readonly proxy?: {
    play(fault: WriteFault | null): void;
    played(): number;
    changes(): number;
  };
};

export type RotatorTraits = {
  readonly makesValue: boolean;
  /** Ids of the actions, in order, and whether each can be undone. */
  readonly actions: readonly (readonly [id: string, isUndoable: boolean])[];
  /** The store has versions or a change token, so that a plan sees that somebody was there. */
  readonly seesMoves: boolean;
  /** After the rotation a reader gets this: `fresh`, or `nothing` (a lease that was revoked). */
  readonly leaves: 'fresh' | 'nothing';
  /** The store does what it is asked in its own time, and does not say that it was asked: that nothing was done cannot be told at once. */
  readonly comesLater?: true;
  /** Its name in the table of docs/stores/faults.md, which then must say what is seen here. */
  readonly row?: string;
  /** False for a real server that no proxy can stand before (TLS). */
  readonly playsFaults?: false;
};

const signal = new AbortController().signal;
export const OLD_VALUE = 'old-value-3301-AbCdEfGh';
export const NEW_VALUE = 'new-value-7712-IjKlMnOp';
export const OTHER_VALUE = 'other-value-5544-QrStUv';
/** How long a test waits for an answer that never comes. */
const PATIENCE_MS = 300;

/** What outlives a run that is killed: the value that was kept, and the facts. */
export class TestRun {
  readonly id = '6f1c7c52-9d0f-5e0b-8a45-0c1d2e3f4a5b';
  readonly old: Secret;
  readonly facts = new Map<string, string>();
  kept: Secret | null = null;

  constructor(old: string, fresh: string | null) {
    this.old = new Secret(old);
    this.kept = fresh === null ? null : new Secret(fresh);
  }

  /** Returns the run as a process sees it, the next one after a kill too. */
  open(given: AbortSignal = signal): RotationRun {
    const run = this;
    return {
      id: this.id,
      old: this.old,
      get fresh() {
        return run.kept;
      },
      async keep(value) {
        run.kept = value;
      },
      fact: (name) => run.facts.get(name),
      async setFact(name, value) {
        run.facts.set(name, value);
      },
      signal: given,
    };
  }
}

export async function rotationFailure(doing: Promise<unknown>): Promise<RotationError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof RotationError) return thrown;
  throw new Error(`no RotationError: ${inspect(thrown)}`);
}

/** Returns the table's line for an action: what was left at the store, and what was told, for each fault. */
function lineOf(row: string, id: string, seen: ReadonlyMap<WriteFault, string>): string {
  return `| ${[row, `\`${id}\``, ...WRITE_FAULTS.map((fault) => seen.get(fault) ?? '–')].join(' | ')} |`;
}

const shownValues = (shown: unknown): boolean => /(?:old|new|other)-value/.test(inspect(shown, { depth: 12, getters: false }));

/** Returns the action of this id. Throws when the plan has none. */
export function actionOf({ actions }: Pick<StorePart, 'actions'>, id: string): RotationAction {
  const found = actions.find((action) => action.id === id);
  if (!found) throw new Error(`the plan has no ${id}: ${actions.map((action) => action.id).join(', ')}`);
  return found;
}

/** Does all actions up to one, without it; to the end where none is named. */
export async function doActions({ actions }: Pick<StorePart, 'actions'>, run: RotationRun, until?: string): Promise<void> {
  for (const action of actions) {
    if (action.id === until) return;
    await action.act(run);
  }
}

/** Takes all of it back, the last action first. */
async function takeBack({ actions }: StorePart, run: RotationRun): Promise<void> {
  for (const action of [...actions].reverse()) await action.undo?.act(run);
}

/** Registers the suite. `start` gives a new backend for each case. */
export function describeRotator(name: string, start: () => Promise<RotatorBackend>, traits: RotatorTraits): void {
  const ids = traits.actions.map(([id]) => id);
  const isWhole = traits.actions.every(([, isUndoable]) => isUndoable);
  const outcomes = new Map<string, Map<WriteFault, string>>();
  const begin = async () => {
    const backend = await start();
    const place = await backend.put(OLD_VALUE);
    const old = (await backend.read(place)) ?? OLD_VALUE;
    const run = new TestRun(old, traits.makesValue ? null : NEW_VALUE);
    const rotator = backend.connect();
    /** What a new process finds: its own rotator and its own plan. */
    const resume = async () => {
      const again = backend.connect();
      return { again, part: await again.plan(place, signal, true) };
    };
    return { ...backend, place, old, run, rotator, resume };
  };
  const happenings = (part: StorePart, run: RotationRun): Promise<Happened[]> =>
    Promise.all(part.actions.map((action) => action.happened(run)));

  describe(`rotator: ${name}`, { timeout: 120_000 }, () => {
    it('plans without changing anything: exact, in order, the same each time', async () => {
      const { place, rotator, read, old, proxy } = await begin();
      const [part, again] = [await rotator.plan(place, signal), await rotator.plan(place, signal)];
      expect(part.makesValue).toBe(traits.makesValue);
      expect(part.actions.map(({ id, undo }) => [id, undo !== null])).toEqual(traits.actions);
      const order = part.actions.map(({ reaches }) => ROTATION_STATES.indexOf(reaches));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const texts = (given: StorePart) => [
        given.actions.map(({ does, effects, undo }) => [does, effects, undo?.does]),
        given.consumers,
        given.warnings,
      ];
      expect(texts(again)).toEqual(texts(part));
      expect(part.actions[0]?.does).toContain(place.ref.split('/').at(-1));
      expect(shownValues(texts(part))).toBe(false);
      expect(await read(place)).toBe(old);
      expect(proxy?.changes() ?? 0).toBe(0);
      await rotator.close();
    });

    it('does it: each action has not happened before, and has after', async () => {
      const { place, rotator, read, old, run } = await begin();
      const part = await rotator.plan(place, signal);
      for (const [at, action] of part.actions.entries()) {
        expect([action.id, await action.happened(run.open())]).toEqual([action.id, 'no']);
        await action.act(run.open());
        const done = await happenings(part, run.open());
        expect(done.slice(0, at + 1)).toEqual(done.slice(0, at + 1).map(() => 'yes'));
      }
      const now = await read(place);
      if (traits.leaves === 'nothing') expect(now).toBe(null);
      else {
        expect(now).not.toBe(old);
        expect(run.kept && reveal(run.kept, 'compare')).toBe(now);
      }
      expect([...run.facts.values()].some((fact) => shownValues(fact))).toBe(false);
      await rotator.close();
    });

    it('may be done again where it says so', async () => {
      const { place, rotator, read, run } = await begin();
      const part = await rotator.plan(place, signal);
      await doActions(part, run.open());
      const after = await read(place);
      for (const action of part.actions.filter(({ repeat }) => repeat === 'always')) await action.act(run.open());
      expect(await read(place)).toBe(after);
      expect(await happenings(part, run.open())).toEqual(part.actions.map(() => 'yes'));
      await rotator.close();
    });

    it('is taken back, once, and not at all where nothing happened', async () => {
      const { place, rotator, read, old, run, proxy } = await begin();
      const part = await rotator.plan(place, signal);
      // After what cannot be undone, what came before it may say that it is too late.
      const undone = async () => {
        for (const action of [...part.actions].reverse()) {
          const error: unknown = await action.undo?.act(run.open()).catch((thrown: unknown) => thrown);
          if (error !== undefined && (isWhole || !(error instanceof RotationError))) throw error;
        }
      };
      await undone();
      expect(await read(place)).toBe(old);
      expect(proxy?.changes() ?? 0).toBe(0);
      await doActions(part, run.open());
      await undone();
      if (isWhole) expect(await read(place)).toBe(old);
      const changes = proxy?.changes();
      await undone();
      if (isWhole) expect(await read(place)).toBe(old);
      expect(proxy?.changes()).toBe(changes);
      await rotator.close();
    });

    it('refuses a place that is not there, and takes no beginning of a name for it', async () => {
      const { place, rotator, read, old } = await begin();
      for (const ref of [`${place.ref}-gone`, place.ref.slice(0, -1), ''])
        expect(['not-found', 'moved', 'cannot']).toContain((await rotationFailure(rotator.plan({ ...place, ref }, signal))).why);
      expect(await read(place)).toBe(old);
      await rotator.close();
    });

    const seesMoves = async () => {
      const { place, rotator, meddle, read } = await begin();
      const wrong = { ...place, version: `${place.version}0`, change: `${place.change}0` };
      expect((await rotationFailure(rotator.plan(wrong, signal))).why).toBe('moved');
      await meddle?.(place, OTHER_VALUE);
      if (meddle) expect((await rotationFailure(rotator.plan(place, signal))).why).toBe('moved');
      const part = await rotator.plan(place, signal, true);
      expect(part.actions.map(({ id }) => id)).toEqual(ids);
      if (meddle && !traits.makesValue) expect(await read(place)).toBe(OTHER_VALUE);
      await rotator.close();
    };
    if (traits.seesMoves) it('refuses a place that moved, unless it goes on with what it began', seesMoves);

    const overwritesNobody = async () => {
      const { place, rotator, read, meddle, run } = await begin();
      if (!meddle) throw new Error('a backend whose values others can write has to play that');
      const part = await rotator.plan(place, signal);
      await meddle(place, OTHER_VALUE);
      const [first] = part.actions;
      expect(await first?.happened(run.open())).not.toBe('yes');
      const error = await rotationFailure(first?.act(run.open()) ?? Promise.resolve());
      expect([['moved', 'refused'].includes(error.why), error.mayHaveHappened]).toEqual([true, false]);
      expect(await read(place)).toBe(OTHER_VALUE);

      const after = await begin();
      const second = await after.rotator.plan(after.place, signal);
      await doActions(second, after.run.open());
      await after.meddle?.(after.place, OTHER_VALUE);
      for (const action of [...second.actions].reverse())
        if (action.undo) await action.undo.act(after.run.open()).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(RotationError));
      expect(await after.read(after.place)).toBe(OTHER_VALUE);
      await Promise.all([rotator.close(), after.rotator.close()]);
    };
    if (!traits.makesValue) it('overwrites nobody who was there between plan and act, nor between act and undo', overwritesNobody);

    it('prints no value, whatever is printed of it', async () => {
      const { place, rotator, run } = await begin();
      const part = await rotator.plan(place, signal);
      await doActions(part, run.open());
      expect(shownValues([part, rotator])).toBe(false);
      await rotator.close();
    });

    for (const fault of traits.playsFaults === false ? [] : WRITE_FAULTS) {
      const isDone = fault.endsWith('-after');
      it(`tells what it does not know from what did not happen: ${fault}`, async () => {
        let times = 0;
        for (const id of ids) {
          const { place, rotator, read, old, run, resume, proxy } = await begin();
          const part = await rotator.plan(place, signal);
          await doActions(part, run.open(), id);
          const before = await read(place);
          proxy?.play(fault);
          const patience = fault === 'hang-after' ? AbortSignal.timeout(PATIENCE_MS) : signal;
          const thrown: unknown = await actionOf(part, id)
            .act(run.open(patience))
            .catch((error: unknown) => error);
          const wasPlayed = (proxy?.played() ?? 0) > 0;
          proxy?.play(null);
          await rotator.close();
          // An action that only reads.
          if (!wasPlayed) continue;
          times++;
          // A rotator need not look at the answer to a change that has none to give.
          if (thrown !== undefined || fault !== 'odd-after') {
            expect([id, thrown instanceof RotationError]).toEqual([id, true]);
            if (!(thrown instanceof RotationError)) continue;
            expect(shownValues(thrown)).toBe(false);
            if (fault === 'denied' || fault === 'throttled') expect([id, thrown.why]).toEqual([id, fault]);
            if (fault === 'denied' || fault === 'throttled') expect([id, thrown.mayHaveHappened]).toEqual([id, false]);
            else if (fault !== 'unavailable') expect([id, thrown.mayHaveHappened]).toEqual([id, true]);
          }
          // The next process goes on from what the far side says.
          const { again, part: resumed } = await resume();
          const action = actionOf(resumed, id);
          const asked = await action.happened(run.open());
          const isUnsure = traits.comesLater === true && thrown instanceof RotationError && thrown.mayHaveHappened;
          if (!(asked === 'unclear' && isUnsure)) expect([id, asked]).toEqual([id, isDone ? 'yes' : 'no']);
          const told = thrown instanceof RotationError ? `\`${thrown.why}\`${thrown.mayHaveHappened ? '?' : ''}` : 'no error';
          const row = outcomes.get(id) ?? new Map<WriteFault, string>();
          outcomes.set(id, row.set(fault, `${asked === 'yes' ? 'done' : 'untouched'}, ${told}`));
          if (!isDone) {
            expect(await read(place)).toBe(before);
            await action.act(run.open());
          }
          for (const next of resumed.actions.slice(ids.indexOf(id) + 1))
            if ((await next.happened(run.open())) !== 'yes') await next.act(run.open());
          const now = await read(place);
          if (traits.leaves === 'nothing') expect(now).toBe(null);
          else {
            expect(now).not.toBe(old);
            expect(run.kept && reveal(run.kept, 'compare')).toBe(now);
          }
          await again.close();
        }
        expect(times).toBeGreaterThan(0);
      });
    }

    for (const fault of traits.playsFaults === false || !isWhole ? [] : WRITE_FAULTS)
      it(`is taken back by the next process when that failed: ${fault}`, async () => {
        const { place, rotator, read, old, run, resume, proxy } = await begin();
        const part = await rotator.plan(place, signal);
        await doActions(part, run.open());
        proxy?.play(fault);
        const patience = fault === 'hang-after' ? AbortSignal.timeout(PATIENCE_MS) : signal;
        const thrown: unknown = await takeBack(part, run.open(patience)).catch((error: unknown) => error);
        expect(proxy?.played()).toBeGreaterThan(0);
        proxy?.play(null);
        if (thrown !== undefined || fault !== 'odd-after') expect(thrown).toBeInstanceOf(RotationError);
        await rotator.close();
        const { again, part: resumed } = await resume();
        await takeBack(resumed, run.open());
        expect(await read(place)).toBe(old);
        await again.close();
      });

    const { row } = traits;
    if (row !== undefined)
      it('leaves behind what the table of the documents says, fault by fault', () => {
        const table = readFileSync(new URL('../../docs/stores/faults.md', import.meta.url), 'utf8').split('\n');
        const lines = [...outcomes].map(([id, seen]) => lineOf(row, id, seen));
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.filter((line) => !table.includes(line))).toEqual([]);
      });
  });
}
