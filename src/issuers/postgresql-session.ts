/**
 * A session on a PostgreSQL server that looks at roles and changes them. Identifiers and literals are quoted by the package pg; passwords are sent as SCRAM verifiers
 * alone, so that no log of statements holds one. Called by postgresql.ts.
 */
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import {
  type AccountSession,
  bounded,
  codeOf,
  connectionFault,
  DATABASE_TOTAL_MS,
  type DatabaseServer,
  type Login,
} from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';
import { connect, cut } from './postgresql-login.ts';
import { scramVerifier } from './scram-verifier.ts';

type Server = Pick<DatabaseServer, 'where' | 'words'>;
type Row = Readonly<Record<string, unknown>>;

/** Throws RotationError. */
export async function openSession(settings: DatabaseSettings, server: Server, login: Login, signal: AbortSignal): Promise<AccountSession> {
  const name = `${server.words.product} at ${server.where}`;
  const client = await connect(settings, login, signal).catch((error: unknown) => {
    throw faultOf(error, server, login, false);
  });
  const run = async (changes: boolean, text: string, values: readonly string[] = []): Promise<readonly Row[]> => {
    try {
      return (await bounded(client.query(text, [...values]), signal, () => cut(client))).rows;
    } catch (error) {
      throw faultOf(error, server, login, changes);
    }
  };
  const setting = async (which: string): Promise<string | null> => {
    const [row] = await run(false, 'SELECT current_setting($1, true) AS value', [which]);
    return typeof row?.['value'] === 'string' ? row['value'] : null;
  };
  const alter = (user: string, options: string) => run(true, `ALTER ROLE ${client.escapeIdentifier(user)} ${options}`);
  const cannot = (message: string): RotationError => new RotationError('cannot', `${name}: ${message}`, { mayHaveHappened: false });
  try {
    // As startup parameters poolers refuse them. A role's own search_path could put functions of somebody else's before the system's.
    await run(false, `SET statement_timeout = ${DATABASE_TOTAL_MS}`);
    await run(false, 'SET search_path = pg_catalog');
  } catch (error) {
    cut(client);
    throw error;
  }
  return {
    async account(user) {
      const [role] = await run(false, ROLE, [user]);
      if (!role) throw cannot(`there is no role ${user}`);
      if ((await setting('in_hot_standby')) === 'on') throw cannot('it is a standby, on which nothing can be changed: name the primary');
      if (role['may_change'] !== true && login.user !== user) {
        const needs = role['admin_matters'] === true ? `CREATEROLE and ADMIN OPTION on ${user}` : 'CREATEROLE';
        throw cannot(`${login.user} may not change role ${user}: it needs ${role['rolsuper'] === true ? 'SUPERUSER' : needs}`);
      }
      const keepsMd5 = (await setting('password_encryption')) === 'md5';
      const warnings = [
        ...(role['rolsuper'] === true ? [`role ${user} is a superuser`] : []),
        ...(keepsMd5
          ? ['new passwords are kept by md5 here; this one is by SCRAM, which clients of before PostgreSQL 10 do not know']
          : []),
      ];
      return { user, isLocked: role['rolcanlogin'] !== true, canHaveTwo: false, warnings };
    },
    async setPassword(user, { password, unlocks }) {
      const iterations = Number(await setting('scram_iterations')) || SCRAM_ITERATIONS;
      const verifier = await scramVerifier(password, Math.min(iterations, MAX_SCRAM_ITERATIONS));
      await alter(user, `${unlocks ? 'LOGIN ' : ''}PASSWORD ${client.escapeLiteral(verifier)}`);
    },
    async dropPassword() {
      throw cannot('a role has one password');
    },
    async restorePassword() {
      throw cannot('a role has one password');
    },
    async setLocked(user, isLocked) {
      await alter(user, isLocked ? 'NOLOGIN' : 'LOGIN');
    },
    save: async () => undefined,
    async endSessions(user) {
      await run(true, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()', [user]);
    },
    async close() {
      await bounded(client.end(), signal, () => cut(client), CLOSE_MS).catch(() => undefined);
    },
  };
}

/** SQLSTATEs whose cause a sentence can name; others are given as they are. */
const KNOWN: Readonly<Record<string, readonly [RotationFailure, string]>> = {
  '42501': ['denied', 'does not allow it'],
  '28P01': ['denied', 'does not let the user in'],
  '28000': ['denied', 'does not let the user in'],
  '25006': ['cannot', 'is read-only: a standby, or set so'],
  '57014': ['timed-out', 'broke it off'],
  '53300': ['throttled', 'has too many connections'],
};

function faultOf(error: unknown, server: Server, login: Login, hasSent: boolean): RotationError {
  const known = connectionFault(error, server, hasSent);
  if (known) return known;
  const name = `${server.words.product} at ${server.where}`;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  if (message === 'Query read timeout')
    return new RotationError('timed-out', `${name} did not answer in time`, { mayHaveHappened: hasSent, cause: error });
  if (/^(?:Connection terminated|Client has encountered a connection error)/.test(message))
    return new RotationError('unreachable', `${name} broke off`, { mayHaveHappened: hasSent, cause: error });
  if (!/^[0-9A-Z]{5}$/.test(code))
    return new RotationError('odd-reply', `${name} gave no answer that is understood`, { mayHaveHappened: hasSent, cause: error });
  const [why, said] = KNOWN[code] ?? ['refused', 'refused it'];
  const who = code.startsWith('28') ? said.replace('the user', login.user) : said;
  return new RotationError(why, `${name} ${who} (SQLSTATE ${code})`, { mayHaveHappened: false, cause: error });
}

/** Where the server does not say (before version 16): SCRAM_SHA_256_DEFAULT_ITERATIONS. */
const SCRAM_ITERATIONS = 4096;
/** The package pg logs in with no more. */
const MAX_SCRAM_ITERATIONS = 100_000;
const CLOSE_MS = 1000;

/** Before version 16 CREATEROLE was enough; since then the role must have been granted with ADMIN OPTION. */
const ROLE = `
  SELECT r.rolcanlogin, r.rolsuper,
    current_setting('server_version_num')::int >= 160000 AS admin_matters,
    me.rolsuper OR (me.rolcreaterole AND NOT r.rolsuper AND (current_setting('server_version_num')::int < 160000
      OR pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'))) AS may_change
  FROM pg_roles r, pg_roles me WHERE r.rolname = $1 AND me.rolname = current_user`;
