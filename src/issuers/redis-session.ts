/**
 * A session on a Redis or Valkey server that looks at users and changes their passwords by ACL SETUSER. A user has any number of passwords, which are given and taken
 * away by their SHA-256, so that no password is sent. Called by redis.ts.
 */
import { createHash } from 'node:crypto';
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { type AccountSession, connectionFault, type DatabaseServer, type Login } from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';
import { connect, errorWord, isGone, isTimeout } from './redis-login.ts';

type Server = Pick<DatabaseServer, 'where' | 'words'>;
type User = { readonly flags: readonly string[]; readonly hashes: readonly string[] };

/** Throws RotationError. */
export async function openSession(settings: DatabaseSettings, server: Server, login: Login, signal: AbortSignal): Promise<AccountSession> {
  const name = `${server.words.product} at ${server.where}`;
  const connection = await connect(settings, login, signal).catch((error: unknown) => {
    throw faultOf(error, server, login, false);
  });
  const send = async (changes: boolean, ...words: readonly string[]): Promise<unknown> => {
    try {
      return await connection.send(...words);
    } catch (error) {
      throw faultOf(error, server, login, changes);
    }
  };
  const cannot = (message: string, why: RotationFailure = 'cannot'): RotationError =>
    new RotationError(why, `${name}: ${message}`, { mayHaveHappened: false });
  const read = async (user: string): Promise<User> => {
    const reply = await send(false, 'ACL', 'GETUSER', user);
    if (reply === null) throw cannot(`there is no user ${user}`);
    const fields = new Map(pairsOf(reply));
    const flags = textsOf(fields.get('flags'));
    if (flags.length === 0) throw cannot('what it says of the user is not understood', 'odd-reply');
    return { flags, hashes: textsOf(fields.get('passwords')) };
  };
  const known = async (user: string): Promise<User> => {
    const found = await read(user);
    if (found.flags.includes('nopass')) throw cannot(`user ${user} is let in with any password (nopass)`);
    return found;
  };
  /** Only what is not so yet; SETUSER would make a user that is not there. */
  const set = async (user: string, add: readonly Secret[], drop: readonly Secret[]): Promise<void> => {
    const { hashes } = await known(user);
    const added = add.map(hashOf).filter((hash) => !hashes.includes(hash));
    const dropped = drop.map(hashOf).filter((hash) => hashes.includes(hash));
    const rules = [...added.map((hash) => `#${hash}`), ...dropped.map((hash) => `!${hash}`)];
    if (rules.length > 0) await send(true, 'ACL', 'SETUSER', user, ...rules);
  };
  /** How ACLs are kept on disk: null where nobody says, or nothing does. */
  const savedBy = async (): Promise<'ACL SAVE' | 'CONFIG REWRITE' | null> => {
    const file = await settingOf(send, 'aclfile');
    if (file !== null && file !== '') return 'ACL SAVE';
    const info = await send(false, 'INFO', 'server').catch(() => '');
    return file !== null && /^config_file:\S/m.test(String(info)) ? 'CONFIG REWRITE' : null;
  };

  return {
    async account(user) {
      const { flags } = await known(user);
      const warnings = await replicaWarnings(send);
      return { user, isLocked: flags.includes('off'), canHaveTwo: true, savedBy: await savedBy(), warnings };
    },
    setPassword: (user, { password, keeping }) => set(user, keeping ? [password, keeping] : [password], []),
    async dropPassword(user, gone, stays) {
      if (stays && !(await known(user)).hashes.includes(hashOf(stays)))
        throw cannot('the new password is not there any more: somebody has changed the user', 'moved');
      await set(user, [], [gone]);
    },
    restorePassword: (user, gone, stays) => set(user, stays ? [gone, stays] : [gone], []),
    async setLocked(user, isLocked) {
      await known(user);
      await send(true, 'ACL', 'SETUSER', user, isLocked ? 'off' : 'on');
    },
    async save() {
      const by = await savedBy();
      if (by) await send(true, ...by.split(' '));
    },
    async endSessions(user) {
      await send(true, 'CLIENT', 'KILL', 'USER', user, 'SKIPME', 'yes');
    },
    async close() {
      connection.cut();
    },
  };
}

function hashOf(password: Secret): string {
  return createHash('sha256').update(reveal(password, 'digest')).digest('hex');
}

type Send = (changes: boolean, ...words: readonly string[]) => Promise<unknown>;

/** Null where it is not told: managed services have no CONFIG. */
async function settingOf(send: Send, setting: string): Promise<string | null> {
  const reply = await send(false, 'CONFIG', 'GET', setting).catch((error: unknown) => {
    if (error instanceof RotationError && (error.why === 'denied' || error.why === 'refused')) return [];
    throw error;
  });
  const value = new Map(pairsOf(reply)).get(setting);
  return typeof value === 'string' ? value : null;
}

/** ACLs are each node's own: what is changed here is changed nowhere else. */
async function replicaWarnings(send: Send): Promise<readonly string[]> {
  const info = String(await send(false, 'INFO').catch(() => ''));
  const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0);
  return [
    ...(replicas > 0
      ? [`it has ${replicas} replicas: users are each node’s own, so the old password stays valid there until it is changed there`]
      : []),
    ...(/^role:slave/m.test(info) ? ['this server is a replica: its users are its own, and the primary’s stay as they are'] : []),
    ...(/^cluster_enabled:1/m.test(info)
      ? ['this server is a node of a cluster: users are each node’s own, so every node needs a rotation']
      : []),
  ];
}

/** What RESP2 has instead of a map: names and values by turns. */
function pairsOf(reply: unknown): readonly (readonly [string, unknown])[] {
  const list = Array.isArray(reply) ? reply : [];
  return list.flatMap((one: unknown, at) => (at % 2 === 0 && typeof one === 'string' ? [[one, list[at + 1]] as const] : []));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The server's codes whose cause a sentence can name. */
const KNOWN: Readonly<Record<string, readonly [RotationFailure, string]>> = {
  WRONGPASS: ['denied', 'does not let the user in'],
  NOAUTH: ['denied', 'does not let the user in'],
  DENIED: ['denied', 'does not let this machine in (protected mode)'],
  NOPERM: ['denied', 'does not allow it: it needs ACL GETUSER and ACL SETUSER'],
  LOADING: ['unreachable', 'is loading its data'],
};

function faultOf(error: unknown, server: Server, login: Login, hasSent: boolean): RotationError {
  const name = `${server.words.product} at ${server.where}`;
  const fault = (why: RotationFailure, said: string, mayHaveHappened: boolean): RotationError =>
    new RotationError(why, `${name} ${said}`, { mayHaveHappened, cause: error });
  const word = errorWord(error);
  if (word !== null) {
    const [why, said] = KNOWN[word] ?? ['refused', `refused it (${word === '' ? 'no code' : word})`];
    return fault(why, said.replace('the user', login.user), false);
  }
  const known = connectionFault(error, server, hasSent);
  if (known) return known;
  if (isTimeout(error)) return fault('timed-out', 'did not answer in time', hasSent);
  return isGone(error) ? fault('unreachable', 'broke off', hasSent) : fault('odd-reply', 'gave no answer that is understood', hasSent);
}
