/**
 * The actions that rotations of database passwords are made of, for any server: make a value, set it, try it, take the old one away, lock a user, end its sessions.
 * Whether one has happened is asked by logging in, which needs no rights. Put together by database-issuer.ts.
 */
import { newValue } from '../core/new-value.ts';
import { type Happened, type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import type { AccountSession, DatabaseServer, LoginAnswer } from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';
import { readDatabaseValue } from './database-value.ts';

export type ActionTools = {
  readonly settings: DatabaseSettings;
  readonly server: DatabaseServer;
  /** Runs `work` in a session that may change accounts. */
  readonly inSession: <T>(run: RotationRun, work: (session: AccountSession) => Promise<T>) => Promise<T>;
};

const NOTHING = async (): Promise<void> => undefined;

export function passwordIn(value: Secret, server: DatabaseServer): Secret {
  return readDatabaseValue(value, server.schemes).password;
}

/** Makes the new value: in the form of the old one, for `user`. */
export function createValue({ settings, server }: ActionTools, user: string): RotationAction {
  return {
    id: `${server.kind}:new-value`,
    reaches: 'CREATED',
    does: `makes a new random password for ${named(server, user)}, and keeps it sealed`,
    repeat: 'when-not-done',
    effects: [],
    happened: async (run) => (run.fresh === null ? 'no' : 'yes'),
    act: async (run) => {
      if (run.fresh === null) await run.keep(readDatabaseValue(run.old, server.schemes).with(user, newValue(settings.shape)));
    },
    undo: { does: 'forgets it', act: NOTHING },
  };
}

/** `how`: in place of the old one, beside it, or for the other user (which is let in again, if it was locked). */
export function setPassword(tools: ActionTools, user: string, how: 'instead' | 'beside' | 'other'): RotationAction {
  const { server, inSession } = tools;
  const { words } = server;
  const wasLocked = `${server.kind}:was-locked`;
  const texts = {
    instead: [
      `sets it as the password of ${named(server, user)} (${words.set})`,
      `the old password of ${words.account(user)} stops working at once: who logs in before having read the new one is refused`,
    ],
    beside: [`adds it as a second password of ${named(server, user)} (${words.set}); the old one stays valid`, ''],
    other: [
      `sets it as the password of ${named(server, user)}, and lets that user log in (${words.set}, ${words.unlock})`,
      `whoever uses ${words.account(user)} now is refused from here on`,
    ],
  } as const;
  const [does, effect] = texts[how];
  return {
    id: `${server.kind}:set-password`,
    reaches: 'APPLIED',
    does,
    repeat: 'always',
    effects: effect === '' ? [] : [effect],
    happened: async (run) => (run.fresh === null ? 'no' : isIn(await logIn(server, user, run.fresh, run.signal))),
    act: (run) =>
      inSession(run, async (session) => {
        const password = passwordIn(freshOf(run), server);
        if (how === 'other' && run.fact(wasLocked) === undefined) {
          await run.setFact(wasLocked, (await session.account(user)).isLocked ? 'yes' : 'no');
        }
        await session.setPassword(user, {
          password,
          keeping: how === 'beside' ? passwordIn(run.old, server) : null,
          unlocks: how === 'other',
        });
      }),
    undo: {
      does: {
        instead: `sets the old password of ${words.account(user)} again`,
        beside: `takes the new password of ${words.account(user)} away`,
        other: `locks ${words.account(user)} again, if it was locked (${words.lock})`,
      }[how],
      act: async (run) => {
        if (how === 'other') {
          if (run.fact(wasLocked) !== 'yes') return;
          await inSession(run, async (session) => {
            await session.setLocked(user, true);
            await session.save();
          });
          return;
        }
        if (run.fresh === null || isIn(await logIn(server, user, run.fresh, run.signal)) === 'no') return;
        const [old, fresh] = [passwordIn(run.old, server), passwordIn(run.fresh, server)];
        await inSession(run, async (session) => {
          if (how === 'instead') await session.setPassword(user, { password: old, keeping: null });
          else await session.dropPassword(user, fresh, old);
          await session.save();
        });
      },
    },
  };
}

export function testPassword({ server }: ActionTools, user: string): RotationAction {
  return {
    id: `${server.kind}:test`,
    reaches: 'TESTED',
    does: `logs in as ${named(server, user)} with it`,
    repeat: 'always',
    effects: [],
    happened: async (run) => (run.fresh === null ? 'no' : isIn(await logIn(server, user, run.fresh, run.signal))),
    act: async (run) => {
      const answer = await logIn(server, user, freshOf(run), run.signal);
      if (answer.state === 'accepted') return;
      if (answer.state === 'unknown') throw notTold(server, user, answer.why);
      throw new RotationError('refused', `${named(server, user)} does not get in with the new password`, { mayHaveHappened: false });
    },
    undo: { does: 'nothing: a login leaves nothing behind', act: NOTHING },
  };
}

/** Takes the old password away, where it was valid beside the new one; `isAlone`: there is no new one. */
export function dropPassword({ server, inSession }: ActionTools, user: string, isAlone: boolean): RotationAction {
  const { words } = server;
  return {
    id: `${server.kind}:drop-old`,
    reaches: 'OLD_DISABLED',
    does: `takes the old password of ${named(server, user)} away`,
    repeat: 'always',
    effects: [
      isAlone
        ? `whoever logs in as ${user} with it is refused from here on`
        : `who has not read the new password of ${words.account(user)} is refused from here on`,
    ],
    happened: async (run) => isOut(await logIn(server, user, run.old, run.signal)),
    act: (run) =>
      inSession(run, (session) =>
        session.dropPassword(user, passwordIn(run.old, server), isAlone ? null : passwordIn(freshOf(run), server)),
      ),
    undo: {
      does: `makes the old password of ${words.account(user)} valid again`,
      act: async (run) => {
        if (isOut(await logIn(server, user, run.old, run.signal)) === 'no') return;
        await inSession(run, async (session) => {
          await session.restorePassword(user, passwordIn(run.old, server), isAlone ? null : passwordIn(freshOf(run), server));
          await session.save();
        });
      },
    },
  };
}

export function lockUser({ server, inSession }: ActionTools, user: string): RotationAction {
  const { words } = server;
  const set = (run: RotationRun, isLocked: boolean): Promise<void> =>
    inSession(run, async (session) => {
      await session.setLocked(user, isLocked);
      await session.save();
    });
  return {
    id: `${server.kind}:lock`,
    reaches: 'OLD_DISABLED',
    does: `locks ${named(server, user)} (${words.lock})`,
    repeat: 'always',
    effects: [`nobody can log in as ${words.account(user)} any more, with whatever password`],
    happened: async (run) => isOut(await logIn(server, user, run.old, run.signal)),
    act: (run) => set(run, true),
    undo: { does: `unlocks ${words.account(user)} (${words.unlock})`, act: (run) => set(run, false) },
  };
}

/** Makes what was changed outlast a restart; `after` names the change. */
export function saveChanges({ server, inSession }: ActionTools, reaches: 'APPLIED' | 'OLD_DISABLED', by: string): RotationAction {
  return {
    id: `${server.kind}:save-${reaches === 'APPLIED' ? 'new' : 'end'}`,
    reaches,
    does: `makes that outlast a restart (${by})`,
    repeat: 'always',
    effects: [],
    // Nothing tells whether what is on its disk is what it has in memory.
    happened: async () => 'unclear',
    act: (run) => inSession(run, (session) => session.save()),
    // Whoever takes the change back saves that too.
    undo: { does: 'nothing: taking the change back saves that as well', act: NOTHING },
  };
}

export function endSessions({ server, inSession }: ActionTools, user: string): RotationAction {
  return {
    id: `${server.kind}:end-sessions`,
    reaches: 'OLD_DISABLED',
    does: `ends the open sessions of ${named(server, user)}`,
    repeat: 'always',
    effects: [`what ${words(server, user)} is doing at that moment is broken off`],
    happened: async () => 'unclear',
    act: (run) => inSession(run, (session) => session.endSessions(user)),
    undo: { does: 'nothing: clients connect again by themselves', act: NOTHING },
  };
}

function words(server: DatabaseServer, user: string): string {
  return server.words.account(user);
}

/** `role app on db.example:5432`. */
export function named(server: DatabaseServer, user: string): string {
  return `${server.words.account(user)} on ${server.where}`;
}

export function notTold(server: DatabaseServer, user: string, why: Extract<LoginAnswer, { state: 'unknown' }>['why']): RotationError {
  const said = why === 'odd-reply' ? 'it asks for no password, or answers oddly' : why.replace('-', ' ');
  return new RotationError(why === 'rate-limited' ? 'throttled' : why, `whether ${named(server, user)} gets in is not known: ${said}`, {
    mayHaveHappened: false,
  });
}

function logIn(server: DatabaseServer, user: string, value: Secret, signal: AbortSignal): Promise<LoginAnswer> {
  return server.login({ user, password: passwordIn(value, server) }, signal);
}

function isIn({ state }: LoginAnswer): Happened {
  return state === 'unknown' ? 'unclear' : state === 'accepted' ? 'yes' : 'no';
}

function isOut({ state }: LoginAnswer): Happened {
  return state === 'unknown' ? 'unclear' : state === 'accepted' ? 'no' : 'yes';
}

function freshOf(run: RotationRun): Secret {
  if (run.fresh !== null) return run.fresh;
  throw new RotationError('cannot', 'there is no new password yet', { mayHaveHappened: false });
}
