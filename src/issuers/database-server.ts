/**
 * What the issuers of database passwords have in common: what a server is asked for (one login; a session that changes accounts) and how long it may take.
 * Each of postgresql.ts, mysql.ts and redis.ts makes one of these; database-issuer.ts makes rotations of them.
 */
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';

export type Login = { readonly user: string; readonly password: Secret };

export type LoginAnswer =
  | { readonly state: 'accepted' }
  /** The password is right, but the account may not log in. */
  | { readonly state: 'locked' }
  | { readonly state: 'refused' }
  /** `odd-reply` too where the server lets anybody in, so that it says nothing of the password. */
  | { readonly state: 'unknown'; readonly why: 'denied' | 'unreachable' | 'timed-out' | 'rate-limited' | 'odd-reply' };

export type Account = {
  readonly user: string;
  readonly isLocked: boolean;
  /** Whether a second password can be valid beside the first. */
  readonly canHaveTwo: boolean;
  /** The command by which changes outlast a restart, where the server has one that works; null where not. Left out where nothing need be done. */
  readonly savedBy?: string | null;
  /** What the owner should know of it: sentences. */
  readonly warnings: readonly string[];
};

export type PasswordChange = {
  readonly password: Secret;
  /** Stays valid beside it; null: nothing does. */
  readonly keeping: Secret | null;
  /** Lets a locked account log in again, with the same command. */
  readonly unlocks?: boolean;
};

/** A session that may change accounts. Methods throw RotationError; each change is safe to do again. */
export interface AccountSession {
  /** Throws `cannot` (no such account, no right, another way to log in than a password), `ambiguous`. */
  account(user: string): Promise<Account>;
  setPassword(user: string, change: PasswordChange): Promise<void>;
  /** Takes away `gone`, which was valid beside `stays`; null where the server holds each by itself. */
  dropPassword(user: string, gone: Secret, stays: Secret | null): Promise<void>;
  /** Makes `gone` valid again beside `stays`. */
  restorePassword(user: string, gone: Secret, stays: Secret | null): Promise<void>;
  setLocked(user: string, isLocked: boolean): Promise<void>;
  /** Makes changes outlast a restart, where `savedBy` says so. */
  save(): Promise<void>;
  /** Ends the user's open sessions, but for this one. */
  endSessions(user: string): Promise<void>;
  close(): Promise<void>;
}

/** How plans speak of a server. */
export type ServerWords = {
  /** `PostgreSQL`. */
  readonly product: string;
  /** `role app`. */
  readonly account: (user: string) => string;
  /** The commands, as their users know them. */
  readonly set: string;
  readonly lock: string;
  readonly unlock: string;
};

export interface DatabaseServer {
  /** `postgresql`: the issuer's kind. */
  readonly kind: string;
  /** `db.example:5432`. */
  readonly where: string;
  readonly words: ServerWords;
  /** Schemes of connection strings that hold a password of such a server. */
  readonly schemes: readonly string[];
  /** Whether a user that changes its own password can have two. */
  readonly selfCanHaveTwo: boolean;
  /** Whether accounts have any number of passwords that come and go by themselves, so that the end of a credential is the end of one of them (Redis). */
  readonly hasMany: boolean;
  /** Whether changes outlast a restart by a command of its own only. */
  readonly saves: boolean;
  /** Whoever else holds the password: sentences for the plan. */
  readonly also: readonly string[];
  /** One connection, one login. Throws nothing but what reading the settings' files does. */
  login(login: Login, signal: AbortSignal): Promise<LoginAnswer>;
  /** Throws RotationError. */
  open(login: Login, signal: AbortSignal): Promise<AccountSession>;
}

/** As in src/net/http-client.ts: a server that is there answers in less. */
export const DATABASE_CONNECT_MS = 5000;
export const DATABASE_TOTAL_MS = 15_000;

/** Given by `bounded`. */
export class OutOfTime extends Error {
  readonly isInterrupted: boolean;

  constructor(isInterrupted: boolean) {
    super(isInterrupted ? 'it was interrupted' : `no answer within ${DATABASE_TOTAL_MS / 1000} s`);
    this.name = 'OutOfTime';
    this.isInterrupted = isInterrupted;
  }
}

/** Waits for work at most as long as a server may take, and not on when the signal ends it: then `stop` cuts the connection. Throws OutOfTime. */
export async function bounded<T>(work: Promise<T>, signal: AbortSignal, stop: () => void, ms: number = DATABASE_TOTAL_MS): Promise<T> {
  let end: () => void = () => undefined;
  // No AbortSignal.timeout: one that only AbortSignal.any knows of may be collected before its time.
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(new OutOfTime(signal.aborted));
    timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    if (error instanceof OutOfTime) {
      // What it still says when it is cut off is of no interest.
      work.catch(() => undefined);
      stop();
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** Returns the fault of a server that is not there, or null for another. `hasSent`: a change may have reached it. */
export function connectionFault(error: unknown, server: Pick<DatabaseServer, 'where' | 'words'>, hasSent: boolean): RotationError | null {
  // A file of the settings that cannot be read.
  if (error instanceof RotationError) return error;
  const name = `${server.words.product} at ${server.where}`;
  const fault = (why: RotationFailure, message: string): RotationError =>
    new RotationError(why, `${name} ${message}`, { mayHaveHappened: hasSent, cause: error });
  if (error instanceof OutOfTime)
    return error.isInterrupted ? fault('timed-out', 'was not waited for: interrupted') : fault('timed-out', error.message);
  const code = codeOf(error);
  if (code === 'OVERSIZE_REPLY') return fault('odd-reply', 'sent far more than an answer takes');
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return fault('unreachable', 'offers no encryption, and tls is not "no"');
  if (isTlsFault(code)) return fault('unreachable', 'shows a certificate that is not trusted: ca-file names its authority');
  if (CONNECTION_CODES.has(code)) return fault('unreachable', hasSent ? `broke off (${code})` : `cannot be reached (${code})`);
  return null;
}

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
  'EACCES',
  'PROTOCOL_CONNECTION_LOST',
]);

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Node's names of what is wrong with a certificate (tls.TLSSocket, authorizationError), and mysql2's. */
export function isTlsFault(code: string): boolean {
  return /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|HANDSHAKE_(?:NO_)?SSL_)/.test(code);
}
