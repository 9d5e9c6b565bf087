/**
 * What issuers keep to that give a user several keys side by side (access keys of AWS, keys of Google's service accounts): run over their fakes, with faults at every
 * change. A test file calls describeKeyIssuer() with a way to start its backend.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { WRITE_FAULTS } from '../../fixtures/stores/faulty-proxy.ts';
import type { WriteFaults } from '../../fixtures/stores/write-faults.ts';
import { type Issuer, type IssuerPart, ROTATION_STATES, RotationError } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { actionOf, doActions, TestRun } from '../stores/rotator-contract.ts';

export type KeyIssuerBackend = {
  /** Returns an issuer as a new process would make it. */
  connect(): Issuer;
  /** The value that leaked. */
  readonly old: string;
  /** Of the user's keys. */
  readonly ids: () => { readonly active: readonly string[]; readonly inactive: readonly string[] };
  /** Of the key that leaked. */
  readonly oldId: string;
  readonly writes: WriteFaults;
  /** Texts that nothing may print. */
  readonly secrets: () => readonly string[];
};

export type KeyIssuerTraits = {
  /** Ids of the actions of a replacement, in order, and whether each can be undone. */
  readonly actions: readonly (readonly [id: string, isUndoable: boolean])[];
  /** Keys that a lost answer leaves are deleted; else they are switched off. */
  readonly deletesOrphans: boolean;
  /** The name of the fact that has the new key's id. */
  readonly newId: string;
};

const signal = new AbortController().signal;
const PATIENCE_MS = 300;

export function describeKeyIssuer(name: string, start: () => Promise<KeyIssuerBackend>, traits: KeyIssuerTraits): void {
  const ids = traits.actions.map(([id]) => id);
  const begin = async () => {
    const backend = await start();
    const run = new TestRun(backend.old, null);
    return { ...backend, run, issuer: backend.connect(), oldSecret: new Secret(backend.old) };
  };
  const shows = (shown: unknown, secrets: readonly string[]): boolean => {
    const text = inspect(shown, { depth: 12, getters: false });
    return secrets.some((secret) => text.includes(secret));
  };
  const texts = ({ identity, actions, warnings }: IssuerPart) => [
    identity,
    warnings,
    actions.map(({ does, effects, undo }) => [does, effects, undo?.does]),
  ];

  describe(`keys: ${name}`, { timeout: 60_000 }, () => {
    it('plans without changing anything, and names the very key', async () => {
      const { issuer, oldSecret, writes, oldId, secrets } = await begin();
      const [part, again] = [await issuer.plan('replace', oldSecret, signal), await issuer.plan('replace', oldSecret, signal)];
      expect(part.actions.map(({ id, undo }) => [id, undo !== null])).toEqual(traits.actions);
      const order = part.actions.map(({ reaches }) => ROTATION_STATES.indexOf(reaches));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(texts(again)).toEqual(texts(part));
      expect(inspect(texts(part), { depth: 5 })).toContain(oldId);
      expect(shows([part, issuer], secrets())).toBe(false);
      expect(writes.changes()).toBe(0);
      await issuer.close();
    });

    it('does it: the new key is taken, the old one refused', async () => {
      const { issuer, oldSecret, run, oldId, ids: now, secrets } = await begin();
      const part = await issuer.plan('replace', oldSecret, signal);
      expect((await issuer.check(oldSecret, signal)).state).toBe('accepted');
      for (const action of part.actions) {
        if (action.reaches !== 'TESTED') expect([action.id, await action.happened(run.open())]).toEqual([action.id, 'no']);
        await action.act(run.open());
        expect([action.id, await action.happened(run.open())]).toEqual([action.id, 'yes']);
      }
      expect((await issuer.check(oldSecret, signal)).state).toBe('refused');
      expect(run.kept && (await issuer.check(run.kept, signal)).state).toBe('accepted');
      expect(now().active).toEqual([run.facts.get(traits.newId)]);
      expect(now().active).not.toContain(oldId);
      expect(shows([...run.facts.values()], secrets())).toBe(false);
      await issuer.close();
    });

    it('revokes the key alone', async () => {
      const { issuer, oldSecret, run, ids: now } = await begin();
      const part = await issuer.plan('revoke', oldSecret, signal);
      expect(part.actions.map(({ reaches }) => reaches)).toEqual(part.actions.map(() => 'OLD_DISABLED'));
      await doActions(part, run.open());
      expect([now().active, (await issuer.check(oldSecret, signal)).state]).toEqual([[], 'refused']);
      await issuer.close();
    });

    it('is taken back, once, and not at all where nothing happened', async () => {
      const { issuer, oldSecret, run, writes, oldId, ids: now } = await begin();
      const part = await issuer.plan('replace', oldSecret, signal);
      const undone = async () => {
        for (const action of [...part.actions].reverse()) await action.undo?.act(run.open());
      };
      await undone();
      expect(writes.changes()).toBe(0);
      const isWhole = traits.actions.every(([, isUndoable]) => isUndoable);
      if (!isWhole) return;
      await doActions(part, run.open());
      await undone();
      expect([now().active, (await issuer.check(oldSecret, signal)).state]).toEqual([[oldId], 'accepted']);
      const changes = writes.changes();
      await undone();
      expect(writes.changes()).toBe(changes);
      await issuer.close();
    });

    for (const fault of WRITE_FAULTS)
      it(`ends in the same state after ${fault}, whichever change it was`, async () => {
        let times = 0;
        for (const id of ids) {
          const { connect, issuer, oldSecret, run, writes, ids: now, secrets } = await begin();
          const part = await issuer.plan('replace', oldSecret, signal);
          await doActions(part, run.open(), id);
          writes.play(fault);
          const patience = fault === 'hang-after' ? AbortSignal.timeout(PATIENCE_MS) : signal;
          const thrown: unknown = await actionOf(part, id)
            .act(run.open(patience))
            .catch((error: unknown) => error);
          const wasPlayed = writes.played() > 0;
          writes.play(null);
          await issuer.close();
          // An action that only asks.
          if (!wasPlayed) continue;
          times++;
          expect([id, thrown instanceof RotationError]).toEqual([id, true]);
          if (!(thrown instanceof RotationError)) continue;
          expect(shows(thrown, secrets())).toBe(false);
          if (fault === 'denied' || fault === 'throttled') expect([id, thrown.why, thrown.mayHaveHappened]).toEqual([id, fault, false]);
          else if (fault !== 'unavailable') expect([id, thrown.mayHaveHappened]).toEqual([id, true]);
          // The next process goes on from what the far side says.
          const again = connect();
          const resumed = await again.plan('replace', oldSecret, signal, true);
          expect(resumed.actions.map((action) => action.id)).toEqual(ids);
          for (const action of resumed.actions.slice(ids.indexOf(id)))
            if ((await action.happened(run.open())) !== 'yes') await action.act(run.open());
          expect([id, now().active]).toEqual([id, [run.facts.get(traits.newId)]]);
          expect(now().inactive.length).toBeLessThanOrEqual(traits.deletesOrphans ? 1 : 2);
          expect((await again.check(oldSecret, signal)).state).toBe('refused');
          await again.close();
        }
        expect(times).toBeGreaterThan(0);
      });
  });
}
