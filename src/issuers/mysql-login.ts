/**
 * Connections to a MySQL or MariaDB server by the package mysql2, and the one login that tells whether a password is right. The clear-text plugin and LOAD DATA LOCAL,
 * by which a server could ask for more than it should, are off. Called by mysql.ts and mysql-session.ts.
 */
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { newValue } from '../core/new-value.ts';
import { RotationError } from '../core/rotation.ts';
import { reveal } from '../core/secret.ts';
import { createMeteredSocket, isAddress } from '../net/metered-socket.ts';
import { bounded, codeOf, DATABASE_CONNECT_MS, isTlsFault, type Login, type LoginAnswer, OutOfTime } from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';

export type Connected = {
  readonly connection: Connection;
  /** Ends it without waiting for the other side. */
  readonly cut: () => void;
};

/** Connects and logs in. Rejects with what mysql2, the network or `bounded` say, or RotationError `cannot`. */
export async function connect(settings: DatabaseSettings, { user, password }: Login, signal: AbortSignal): Promise<Connected> {
  const { createConnection } = await import('mysql2/promise');
  const tls = settings.tls ? await settings.tls() : null;
  // mysql2 compares the certificate with this name, and with localhost where it is an address.
  const host = tls?.servername ?? settings.host;
  if (tls && isAddress(host))
    throw new RotationError('cannot', `tls-name is missing: the name in the certificate of ${host}`, { mayHaveHappened: false });
  const socket = createMeteredSocket();
  const options: ConnectionOptions = {
    host,
    user,
    password: reveal(password, 'ask'),
    stream: () => {
      if (settings.host.startsWith('/')) return socket.connect(settings.host);
      return socket.setNoDelay(true).connect(settings.port, settings.host);
    },
    // What goes through a Unix socket stays on this machine: mysql2 then takes it for as good as TLS.
    ...(settings.host.startsWith('/') ? { socketPath: settings.host } : {}),
    ...(settings.database === null ? {} : { database: settings.database }),
    ...(tls ? { ssl: { ...tls, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } } : {}),
    connectTimeout: DATABASE_CONNECT_MS,
    flags: ['-LOCAL_FILES'],
    disableEval: true,
    supportBigNumbers: true,
  };
  const cut = (): void => {
    socket.destroy();
  };
  const opening = createConnection(options);
  try {
    const connection = await bounded(opening, signal, cut);
    // A connection that breaks later says so at the next query.
    connection.on('error', () => undefined);
    return { connection, cut };
  } catch (error) {
    cut();
    throw error;
  }
}

export async function logIn(settings: DatabaseSettings, login: Login, signal: AbortSignal): Promise<LoginAnswer> {
  const answer = await tryLogin(settings, login, signal);
  if (answer.state === 'accepted' && settings.host.startsWith('/')) {
    // Over a Unix socket the system's user may be let in with any password (unix_socket, auth_socket).
    const other = await tryLogin(settings, { user: login.user, password: newValue() }, signal);
    return other.state === 'accepted' ? { state: 'unknown', why: 'odd-reply' } : answer;
  }
  if (answer.state !== 'refused' || settings.admin === null || settings.admin.user === login.user) return answer;
  const admin = { user: settings.admin.user, password: await settings.admin.password(signal) };
  return (await isForUs(settings, admin, login.user, signal)) ? answer : { state: 'unknown', why: 'denied' };
}

/** A wrong password and an account for another host are refused in the same words. True where it is not known. */
async function isForUs(settings: DatabaseSettings, admin: Login, user: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { connection, cut } = await connect(settings, admin, signal);
    try {
      const [rows] = await bounded(connection.execute(FOR_US, [user]), signal, cut);
      return !Array.isArray(rows) || rows.length > 0;
    } finally {
      cut();
    }
  } catch {
    return true;
  }
}

/** USER() is who logged in, from where; a host may be a pattern, or an address and its mask. */
const FOR_US = `
  SELECT Host FROM mysql.user WHERE User IN (?, '')
  AND (SUBSTRING_INDEX(USER(), '@', -1) LIKE Host OR Host IN ('', 'localhost') OR Host LIKE '%/%') LIMIT 1`;

async function tryLogin(settings: DatabaseSettings, login: Login, signal: AbortSignal): Promise<LoginAnswer> {
  try {
    const { connection, cut } = await connect(settings, login, signal);
    try {
      // Any packet that begins with a zero would do for having been let in.
      const [rows] = await bounded(connection.query('SELECT CURRENT_USER() AS who'), signal, cut);
      const isLetIn = Array.isArray(rows) && rows.length === 1 && 'who' in (rows[0] ?? {});
      return isLetIn ? { state: 'accepted' } : { state: 'unknown', why: 'odd-reply' };
    } finally {
      cut();
    }
  } catch (error) {
    if (error instanceof RotationError) throw error;
    return answerOf(error);
  }
}

/** By the server's own numbers (MySQL Server Error Message Reference, MariaDB Error Codes). */
const ANSWERS: Readonly<Record<number, LoginAnswer>> = {
  1045: { state: 'refused' },
  // Looked at after the password: the database and the right to it, how often the user may log in, an expired password.
  1044: { state: 'accepted' },
  1049: { state: 'accepted' },
  1203: { state: 'accepted' },
  1226: { state: 'accepted' },
  1820: { state: 'accepted' },
  1862: { state: 'accepted' },
  3118: { state: 'locked' },
  4151: { state: 'locked' },
  // This machine is not let in, nobody is without TLS, or another way to log in is asked for than a password.
  1129: { state: 'unknown', why: 'denied' },
  1130: { state: 'unknown', why: 'denied' },
  1698: { state: 'unknown', why: 'denied' },
  3159: { state: 'unknown', why: 'denied' },
  1040: { state: 'unknown', why: 'rate-limited' },
  // Too many wrong passwords: for a while none is looked at.
  3955: { state: 'unknown', why: 'rate-limited' },
  1053: { state: 'unknown', why: 'unreachable' },
};

function answerOf(error: unknown): LoginAnswer {
  const code = codeOf(error);
  if (error instanceof OutOfTime || code === 'ETIMEDOUT') return { state: 'unknown', why: 'timed-out' };
  const known = ANSWERS[numberOf(error)];
  if (known) return known;
  const isGone = isTlsFault(code) || code === 'PROTOCOL_CONNECTION_LOST' || /^E[A-Z]+$/.test(code);
  return { state: 'unknown', why: isGone ? 'unreachable' : 'odd-reply' };
}

/** Returns the server's number of an error; 0 where it is none of the server's. */
export function numberOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno > 0 ? error.errno : 0;
}
