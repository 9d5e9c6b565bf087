/**
 * What every issuer of database passwords keeps to, over a real server: each action done, done twice, broken off on the way, taken back. A database's test file calls
 * describeDatabase() with the ways of its server.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startTcpProxy, type TcpFault } from '../../fixtures/databases/tcp-proxy.ts';
import { type Issuer, type IssuerPart, ROTATION_STATES, RotationError } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { IssuerKind, IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { createIssuerContext } from './issuer-context.ts';
import { actionOf, actUntil, createRun, undoAll } from './rotation-run.ts';

export type DatabaseBackend = {
  readonly port: number;
  /** Settings of one who may change everybody's password; the password in the variable ADMIN_PASSWORD, if any. */
  readonly admin: IssuerSettings;
  readonly adminPassword: string;
  /** Makes a user that may log in with this password. */
  addUser(name: string, password: string): Promise<void>;
  /** Logs in by the server's own client. */
  canLogIn(name: string, password: string): Promise<boolean>;
};

export type DatabaseTraits = {
  readonly kind: IssuerKind;
  /** Ids of a replacement's actions, without the kind. */
  readonly replaces: readonly string[];
  readonly revokes: readonly string[];
  /** Old and new are both valid until the old one is dropped. */
  readonly hasTwo: boolean;
  readonly alternates: boolean;
  /** Words of a statement that changes a password. */
  readonly isChange: (sent: string) => boolean;
};

const OLD = 'old-value-3301-AbCdEfGh';
const OTHER = 'other-value-5544-QrStUv';
const signal = AbortSignal.timeout(600_000);
let counted = 0;

export async function rotationFailure(doing: Promise<unknown>): Promise<RotationError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof RotationError) return thrown;
  throw new Error(`no RotationError: ${inspect(thrown)}`);
}

/** Registers the suite. `start` is called for each case and may give the same server. */
export function describeDatabase(name: string, start: () => Promise<DatabaseBackend>, traits: DatabaseTraits): void {
  const { kind } = traits;
  const id = (last: string): string => `${kind.kind}:${last}`;
  const begin = async (settings: IssuerSettings = {}, env: Readonly<Record<string, string>> = {}) => {
    const backend = await start();
    counted++;
    const [user, other] = [`app_${counted}`, `app_${counted}_b`];
    await backend.addUser(user, OLD);
    const proxy = await startTcpProxy(backend.port, traits.isChange);
    const all = { host: '127.0.0.1', port: String(proxy.port), user, ...backend.admin, ...settings };
    const context = createIssuerContext({ ADMIN_PASSWORD: backend.adminPassword, ...env });
    const connect = (given: IssuerSettings = all): Issuer => kind.create(given, context);
    return { ...backend, user, other, proxy, all, connect, issuer: connect(), old: new Secret(OLD) };
  };
  const textsOf = (part: IssuerPart): string =>
    inspect([part.identity, part.fields, part.warnings, part.actions.map(({ does, effects, undo }) => [does, effects, undo?.does])], {
      depth: 9,
    });
  const freshText = (run: { fresh: Secret | null }): string => (run.fresh ? reveal(run.fresh, 'compare') : '');

  describe(`database issuer: ${name}`, { timeout: 120_000 }, () => {
    it('tells what is accepted from what is refused', async () => {
      const { issuer, user, proxy } = await begin();
      expect(await issuer.check(new Secret(OLD), signal)).toEqual({ state: 'accepted', identity: expect.stringContaining(user) });
      expect(await issuer.check(new Secret(OTHER), signal)).toEqual({ state: 'refused' });
      expect(proxy.changes()).toBe(0);
    });

    it('plans without changing anything: exact, in order, the same each time, without a value', async () => {
      const { issuer, user, proxy, old } = await begin();
      const part = await issuer.plan('replace', old, signal);
      expect(part.actions.map((action) => action.id)).toEqual(traits.replaces.map(id));
      const order = part.actions.map(({ reaches }) => ROTATION_STATES.indexOf(reaches));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(part.identity).toMatch(new RegExp(`${user} on 127\\.0\\.0\\.1:\\d+$`));
      expect(textsOf(await issuer.plan('replace', old, signal))).toBe(textsOf(part));
      expect(textsOf(part)).not.toMatch(/(?:old|other)-value/);
      expect(proxy.changes()).toBe(0);
    });

    it('replaces the password: the new one works, the old one ends', async () => {
      const { issuer, user, canLogIn, old } = await begin();
      const [part, run] = [await issuer.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, id('test'));
      expect(await canLogIn(user, OLD)).toBe(traits.hasTwo);
      await actUntil(part, run, '');
      expect(await canLogIn(user, freshText(run))).toBe(true);
      expect(await canLogIn(user, OLD)).toBe(false);
      expect(await issuer.check(old, signal)).toEqual({ state: 'refused' });
      expect(inspect([run.facts, part], { depth: 9 })).not.toContain(freshText(run));
    });

    it('may do each again', async () => {
      const { issuer, user, canLogIn, old } = await begin();
      const [part, run] = [await issuer.plan('replace', old, signal), createRun(old)];
      for (const action of part.actions) {
        await action.act(run);
        await action.act(run);
        expect([action.id, await action.happened(run)]).not.toEqual([action.id, 'no']);
      }
      expect([await canLogIn(user, freshText(run)), await canLogIn(user, OLD)]).toEqual([true, false]);
      const again = await issuer.plan('replace', old, signal, true);
      expect(again.actions.map((action) => action.id)).toEqual(traits.replaces.map(id));
    });

    it('is taken back to where it was, from each action on, and once more', async () => {
      for (const last of traits.replaces) {
        const { issuer, user, canLogIn, old } = await begin();
        const [part, run] = [await issuer.plan('replace', old, signal), createRun(old)];
        await actUntil(part, run, id(last));
        for (const _ of [1, 2]) {
          await undoAll(part, run);
          expect([last, await canLogIn(user, OLD)]).toEqual([last, true]);
          if (run.fresh) expect([last, await canLogIn(user, freshText(run))]).toEqual([last, false]);
        }
      }
    });

    const cases: readonly (readonly [TcpFault, string, 'yes' | 'no'])[] = [
      ['cut-before', 'unreachable', 'no'],
      ['cut-after', 'unreachable', 'yes'],
      ['hang-after', 'timed-out', 'yes'],
    ];
    it.each(cases)('says that a change may have happened: %s', async (fault, why, happened) => {
      const { issuer, user, canLogIn, old, proxy } = await begin();
      const part = await issuer.plan('replace', old, signal);
      const run = createRun(old);
      const set = actionOf(part, id('set-password'));
      await actUntil(part, run, id('new-value'));
      proxy.play(fault);
      const error = await rotationFailure(set.act(Object.create(run, { signal: { value: AbortSignal.timeout(700) } })));
      expect([error.why, error.mayHaveHappened]).toEqual([why, true]);
      expect(error.message).not.toContain(freshText(run));
      proxy.play(null);
      expect(await set.happened(run)).toBe(happened);
      await actUntil(part, run, '');
      expect([await canLogIn(user, freshText(run)), await canLogIn(user, OLD)]).toEqual([true, false]);
    });

    it('says so too when the answer is garbage', async () => {
      const { issuer, old, proxy } = await begin();
      const [part, run] = [await issuer.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, id('new-value'));
      proxy.play('garbage-after');
      const set = actionOf(part, id('set-password'));
      const error = await rotationFailure(set.act(Object.create(run, { signal: { value: AbortSignal.timeout(700) } })));
      expect(error.mayHaveHappened).toBe(true);
      proxy.play(null);
      expect(await set.happened(run)).toBe('yes');
    });

    it('ends a credential without another', async () => {
      const { issuer, user, canLogIn, old } = await begin();
      const [part, run] = [await issuer.plan('revoke', old, signal), createRun(old)];
      expect(part.actions.map((action) => action.id)).toEqual(traits.revokes.map(id));
      await actUntil(part, run, '');
      expect(await canLogIn(user, OLD)).toBe(false);
      expect(await actionOf(part, id(traits.revokes[0] ?? '')).happened(run)).toBe('yes');
      await undoAll(part, run);
      expect(await canLogIn(user, OLD)).toBe(true);
    });

    it('refuses what is not there, and an admin that is none', async () => {
      const { all, connect, old, user, addUser } = await begin({}, { POWERLESS: OTHER });
      const nobody = await rotationFailure(connect({ ...all, user: `${user}_gone` }).plan('replace', old, signal));
      expect([nobody.why, nobody.mayHaveHappened]).toEqual(['cannot', false]);
      await addUser('nobody_special', OTHER);
      const powerless = connect({ ...all, 'admin-user': 'nobody_special', 'admin-password-variable': 'POWERLESS' });
      expect(['cannot', 'denied']).toContain((await rotationFailure(powerless.plan('replace', old, signal))).why);
      const wrong = connect({ ...all, 'admin-user': `${user}_gone` });
      const refused = await rotationFailure(wrong.plan('replace', old, signal));
      expect([refused.why, refused.mayHaveHappened]).toEqual(['denied', false]);
      expect(refused.message).not.toContain(OLD);
    });

    if (!traits.alternates) return;
    it('has two users alternate', async () => {
      const { all, connect, addUser, user, other, canLogIn, old, issuer } = await begin();
      await addUser(other, OTHER);
      const { user: _, ...rest } = all;
      const both = connect({ ...rest, users: `${user},${other}`, 'user-field': 'username' });
      const [part, run] = [await both.plan('replace', old, signal), createRun(old)];
      expect(part.fields).toEqual({ username: other });
      await actUntil(part, run, id('test'));
      expect([await canLogIn(user, OLD), await canLogIn(other, freshText(run))]).toEqual([true, true]);
      await actUntil(part, run, '');
      expect([await canLogIn(user, OLD), await canLogIn(other, freshText(run)), await canLogIn(other, OTHER)]).toEqual([
        false,
        true,
        false,
      ]);
      expect((await both.plan('replace', old, signal, true)).actions.map((action) => action.id)).toEqual(
        part.actions.map((action) => action.id),
      );
      expect(await issuer.check(old, signal)).toEqual({ state: 'refused' });

      // And back: what is locked is let in again.
      const back = createRun(run.fresh ?? old);
      const second = await both.plan('replace', back.old, signal);
      expect(second.fields).toEqual({ username: user });
      await actUntil(second, back, '');
      expect([await canLogIn(user, freshText(back)), await canLogIn(other, freshText(run))]).toEqual([true, false]);
    });
  });
}
