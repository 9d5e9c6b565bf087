/**
 * Connections to a Redis or Valkey server by the package @redis/client, one try each, and the one login that tells whether a password is right. Called by redis.ts and
 * redis-session.ts.
 */
import { newValue } from '../core/new-value.ts';
import { RotationError } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { meterWhile } from '../net/metered-socket.ts';
import { bounded, codeOf, DATABASE_CONNECT_MS, isTlsFault, type Login, type LoginAnswer, OutOfTime } from './database-server.ts';
import type { DatabaseSettings } from './database-settings.ts';

export type RedisConnection = {
  /** Sends one command, and returns what the server replies. Rejects with what it refuses by. */
  readonly send: (...words: readonly string[]) => Promise<unknown>;
  /** Ends the connection without waiting for the other side. */
  readonly cut: () => void;
};

/** An error that the server replied; its text may hold anything and goes no further than the cause. */
export class RedisRefusal extends Error {
  /** `WRONGPASS`; empty where it has none. */
  readonly word: string;
  readonly isFull: boolean;

  constructor(cause: Error) {
    super('the server replied an error', { cause });
    this.name = 'RedisRefusal';
    this.word = /^[A-Z]{2,20}\b/.exec(cause.message)?.[0] ?? '';
    this.isFull = cause.message.includes('max number of clients');
  }
}

/** Connects, and logs in where a login is given. Rejects with what the client, the network or `bounded` say. */
export async function connect(settings: DatabaseSettings, login: Login | null, signal: AbortSignal): Promise<RedisConnection> {
  const { createClient, ErrorReply } = await import('@redis/client');
  const once = { connectTimeout: DATABASE_CONNECT_MS, reconnectStrategy: false as const };
  const tls = settings.tls ? await settings.tls() : null;
  const place = { host: settings.host, port: settings.port };
  const socket = tls
    ? { ...once, ...place, ...tls, tls: true as const, rejectUnauthorized: true }
    : settings.host.startsWith('/')
      ? { ...once, path: settings.host }
      : { ...once, ...place };
  const client = createClient({ socket, RESP: 2, disableClientInfo: true, disableOfflineQueue: true, maintNotifications: 'disabled' });
  // Whoever waits for a reply is told.
  client.on('error', () => undefined);
  const cut = (): void => {
    if (client.isOpen) client.destroy();
  };
  const send = async (...words: readonly string[]): Promise<unknown> => {
    try {
      return await bounded(client.sendCommand([...words]), signal, cut);
    } catch (error) {
      throw error instanceof ErrorReply ? new RedisRefusal(error) : error;
    }
  };
  try {
    await meterWhile(settings.port, () => bounded(client.connect(), signal, cut));
    if (login) await authenticate(send, login.user, login.password);
    return { send, cut };
  } catch (error) {
    cut();
    throw error;
  }
}

function authenticate(send: RedisConnection['send'], user: string, password: Secret): Promise<unknown> {
  return send('AUTH', user, reveal(password, 'ask'));
}

export async function logIn(settings: DatabaseSettings, { user, password }: Login, signal: AbortSignal): Promise<LoginAnswer> {
  let cut = (): void => undefined;
  try {
    const connection = await connect(settings, null, signal);
    cut = connection.cut;
    const { send } = connection;
    const ping = await answerOf(send('PING'));
    if (ping.state === 'unknown') return ping;
    // Who is let in without a password is let in with any.
    if (ping.state !== 'refused' && user === 'default') return { state: 'unknown', why: 'odd-reply' };
    const answer = await answerOf(authenticate(send, user, password));
    if (answer.state !== 'accepted') return answer;
    const other = await answerOf(authenticate(send, user, newValue()));
    return other.state === 'refused' ? answer : { state: 'unknown', why: 'odd-reply' };
  } catch (error) {
    if (error instanceof RotationError) throw error;
    return failureOf(error);
  } finally {
    cut();
  }
}

async function answerOf(reply: Promise<unknown>): Promise<LoginAnswer> {
  try {
    const said = await reply;
    return said === 'OK' || said === 'PONG' ? { state: 'accepted' } : { state: 'unknown', why: 'odd-reply' };
  } catch (error) {
    return failureOf(error);
  }
}

/** By the first word of the error, which is its code (Redis documentation, "Redis serialization protocol specification"). */
const ANSWERS: Readonly<Record<string, LoginAnswer>> = {
  WRONGPASS: { state: 'refused' },
  NOAUTH: { state: 'refused' },
  // Let in, with no right to that command.
  NOPERM: { state: 'accepted' },
  DENIED: { state: 'unknown', why: 'denied' },
  LOADING: { state: 'unknown', why: 'unreachable' },
};

function failureOf(error: unknown): LoginAnswer {
  if (isTimeout(error)) return { state: 'unknown', why: 'timed-out' };
  if (error instanceof RedisRefusal) {
    return error.isFull ? { state: 'unknown', why: 'rate-limited' } : (ANSWERS[error.word] ?? { state: 'unknown', why: 'odd-reply' });
  }
  return { state: 'unknown', why: isGone(error) ? 'unreachable' : 'odd-reply' };
}

/** Returns the code of an error that the server replied, or null. */
export function errorWord(error: unknown): string | null {
  return error instanceof RedisRefusal ? error.word : null;
}

export function isTimeout(error: unknown): boolean {
  return error instanceof OutOfTime || codeOf(error) === 'ETIMEDOUT' || /^(?:Connection|Socket) timeout/.test(messageOf(error));
}

/** Whether the connection is what is missing. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return (
    /^E[A-Z]+$/.test(code) ||
    isTlsFault(code) ||
    /^(?:Socket closed|The client is (?:closed|offline)|Disconnects client)/.test(messageOf(error))
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
