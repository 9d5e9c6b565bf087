/**
 * Connections to a PostgreSQL server by the package pg, and the one login that tells whether a password is right. Where to, as whom and with what is said here, never
 * taken from PGHOST, PGPASSWORD or ~/.pgpass. Called by postgresql.ts and postgresql-session.ts.
 */
import type { Client, ClientConfig } from 'pg';
import { RotationError } from '../core/rotation.ts';
import { reveal } from '../core/secret.ts';
import { createMeteredSocket } from '../net/metered-socket.ts';
import {
  bounded,
  codeOf,
  DATABASE_CONNECT_MS,
  DATABASE_TOTAL_MS,
  isTlsFault,
  type Login,
  type LoginAnswer,
  OutOfTime,
} from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';

/** `wasAsked`: the server wanted a password. Where it lets anybody in, it says nothing of one. */
type Asked = { wasAsked: boolean };

/** Connects and logs in. Rejects with what pg, the network or `bounded` say. */
export async function connect(
  settings: DatabaseSettings,
  { user, password }: Login,
  signal: AbortSignal,
  asked: Asked = { wasAsked: false },
): Promise<Client> {
  const { Client: PgClient } = await import('pg');
  const config: ClientConfig = {
    host: settings.host,
    port: settings.port,
    user,
    database: settings.database ?? 'postgres',
    password: () => {
      asked.wasAsked = true;
      return reveal(password, 'ask');
    },
    ssl: settings.tls ? { ...(await settings.tls()), rejectUnauthorized: true } : false,
    stream: createMeteredSocket,
    application_name: 'leakwarden',
    connectionTimeoutMillis: DATABASE_CONNECT_MS,
    query_timeout: DATABASE_TOTAL_MS,
    keepAlive: false,
  };
  const client = new PgClient(config);
  // A connection that breaks later says so at the next query.
  client.on('error', () => undefined);
  try {
    await bounded(client.connect(), signal, () => cut(client));
  } catch (error) {
    cut(client);
    throw error;
  }
  return client;
}

/** Ends a connection without waiting for the other side, which may never answer. */
export function cut(client: Client): void {
  client.end().catch(() => undefined);
  client.connection.stream.destroy();
}

export async function logIn(settings: DatabaseSettings, login: Login, signal: AbortSignal): Promise<LoginAnswer> {
  const asked: Asked = { wasAsked: false };
  try {
    cut(await connect(settings, login, signal, asked));
    return asked.wasAsked ? { state: 'accepted' } : { state: 'unknown', why: 'odd-reply' };
  } catch (error) {
    if (error instanceof RotationError) throw error;
    return answerOf(error, asked.wasAsked);
  }
}

/** By SQLSTATE (PostgreSQL documentation, appendix A) and, where that says too little, by the server's function that gave the error. */
function answerOf(error: unknown, wasAsked: boolean): LoginAnswer {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  if (error instanceof OutOfTime || code === 'ETIMEDOUT' || message === 'timeout expired') return { state: 'unknown', why: 'timed-out' };
  if (wasAsked) {
    if (code === '28P01') return { state: 'refused' };
    // Of the role, after its password was found right.
    if (code === '28000' && routineOf(error) === 'InitializeSessionUserId') return { state: 'locked' };
    // The database, the right to connect to it and the room in it are looked at after the password.
    if (/^(?:3D000|42501|55000|53300)$/.test(code)) return { state: 'accepted' };
  }
  // pg_hba.conf has no line for us, or asks for something else than a password.
  if (code === '28000' || code === '28P01') return { state: 'unknown', why: 'denied' };
  if (code === '53300') return { state: 'unknown', why: 'rate-limited' };
  const isGone = /^57P0[123]$/.test(code) || /^E[A-Z]+$/.test(code) || isTlsFault(code) || message.startsWith('Connection terminated');
  return { state: 'unknown', why: isGone || message.includes('SSL') ? 'unreachable' : 'odd-reply' };
}

function routineOf(error: unknown): string {
  return error instanceof Error && 'routine' in error && typeof error.routine === 'string' ? error.routine : '';
}
