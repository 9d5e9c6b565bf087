/**
 * The issuer of a database's passwords, over any DatabaseServer: checks by a login, and plans rotations of three kinds. One password: it is replaced, and the old one
 * stops at once. Two passwords, where the server has them: the new one beside the old, then the old one goes. Two users that alternate: the other one takes over.
 */
import { type Issuer, type IssuerAnswer, type IssuerPart, type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import {
  type ActionTools,
  createValue,
  dropPassword,
  endSessions,
  lockUser,
  named,
  notTold,
  passwordIn,
  saveChanges,
  setPassword,
  testPassword,
} from './database-actions.ts';
import type { Account, AccountSession, DatabaseServer, Login, LoginAnswer } from './database-server.ts';
import { type DatabaseSettings, isNear } from './database-settings.ts';
import { readDatabaseValue } from './database-value.ts';

export class DatabaseIssuer implements Issuer {
  readonly id: string;
  readonly #settings: DatabaseSettings;
  readonly #server: DatabaseServer;

  constructor(settings: DatabaseSettings, server: DatabaseServer) {
    this.#settings = settings;
    this.#server = server;
    this.id = `${server.kind}:${settings.users.join(',')}@${server.where}`;
  }

  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    const { user, password } = readDatabaseValue(value, this.#server.schemes);
    const users = this.#settings.users.filter((one) => user === null || one === user);
    // A connection string of somebody else's: nothing here can say.
    if (users.length === 0) return { state: 'unknown', why: 'no-checker' };
    let unknown: IssuerAnswer | null = null;
    for (const one of users) {
      const answer = await this.#answer({ user: one, password }, signal);
      if (answer.state === 'accepted') return { state: 'accepted', identity: named(this.#server, one) };
      if (answer.state === 'unknown') unknown ??= answer;
    }
    return unknown ?? { state: 'refused' };
  }

  /** What its own settings stand in the way of, nothing here can check. */
  async #answer(login: Login, signal: AbortSignal): Promise<LoginAnswer | { readonly state: 'unknown'; readonly why: 'no-checker' }> {
    try {
      return await this.#server.login(login, signal);
    } catch (error) {
      if (error instanceof RotationError) return { state: 'unknown', why: 'no-checker' };
      throw error;
    }
  }

  async plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun = false): Promise<IssuerPart> {
    const { users, admin } = this.#settings;
    const value = readDatabaseValue(old, this.#server.schemes);
    if (value.user !== null && !users.some((user) => user === value.user))
      throw this.#cannot(`the value is a connection string of ${value.user}, and the settings are those of ${users.join(' and ')}`);
    if (admin === null && (what === 'revoke' || users.length === 2))
      throw this.#cannot(`${what === 'revoke' ? 'to lock a user' : 'users that alternate'} needs admin-user`);
    const leaked = users.length === 1 ? users[0] : await this.#leakedOf(users, value.user, value.password, signal);
    const session = await this.#planSession(leaked, value.password, isBegun, signal);
    try {
      const account = (await session?.account(leaked)) ?? null;
      if (!isBegun) await this.#mustFit(leaked, value.password, signal);
      if (what === 'revoke') return this.#revoke(leaked, account);
      const other = users.find((user) => user !== leaked);
      if (other === undefined) return this.#replace(leaked, account);
      return this.#alternate(leaked, other, value.user !== null, [account, (await session?.account(other)) ?? null]);
    } finally {
      await session?.close();
    }
  }

  async close(): Promise<void> {
    // Every connection ends with what it was made for.
  }

  /** The one that the value gets in with, or would, were it not locked. Never guessed. */
  async #leakedOf(users: readonly string[], named: string | null, password: Secret, signal: AbortSignal): Promise<string> {
    if (named !== null) return named;
    const fits: string[] = [];
    for (const user of users) {
      const answer = await this.#server.login({ user, password }, signal);
      if (answer.state === 'unknown') throw notTold(this.#server, user, answer.why);
      if (answer.state !== 'refused') fits.push(user);
    }
    const [one, other] = fits;
    if (one !== undefined && other === undefined) return one;
    throw new RotationError(
      one === undefined ? 'cannot' : 'ambiguous',
      one === undefined
        ? `the value is the password of neither ${users.join(' nor ')}`
        : `the value is the password of both ${users.join(' and ')}`,
      { mayHaveHappened: false },
    );
  }

  /** What the server does not take for the user's password must not be replaced: somebody else's may be in its place by now. */
  async #mustFit(user: string, password: Secret, signal: AbortSignal): Promise<void> {
    const answer = await this.#server.login({ user, password }, signal);
    if (answer.state === 'unknown') throw notTold(this.#server, user, answer.why);
    if (answer.state === 'refused')
      throw this.#cannot(`the value is not the password of ${this.#server.words.account(user)}: it is refused`);
  }

  #replace(user: string, account: Account | null): IssuerPart {
    const tools = this.#tools();
    const hasTwo = this.#server.hasMany || (this.#settings.wantsTwoPasswords && (account?.canHaveTwo ?? this.#server.selfCanHaveTwo));
    return this.#part(user, account, [
      createValue(tools, user),
      setPassword(tools, user, hasTwo ? 'beside' : 'instead'),
      ...this.#saved('APPLIED', account),
      testPassword(tools, user),
      ...(hasTwo ? [dropPassword(tools, user, false), ...this.#saved('OLD_DISABLED', account)] : []),
      ...this.#ended(user),
    ]);
  }

  #alternate(leaked: string, other: string, isNamed: boolean, accounts: readonly (Account | null)[]): IssuerPart {
    const { userField } = this.#settings;
    if (!isNamed && userField === null)
      throw this.#cannot(
        'where users alternate, the secret must say which of them it is: user-field names its field, or it is a connection string',
      );
    const tools = this.#tools();
    const part = this.#part(leaked, accounts[0] ?? null, [
      createValue(tools, other),
      setPassword(tools, other, 'other'),
      testPassword(tools, other),
      lockUser(tools, leaked),
      ...this.#ended(leaked),
    ]);
    const warnings = [
      ...part.warnings,
      ...(accounts[1]?.warnings ?? []),
      `${other} must have the same rights as ${leaked}: nothing here compares them`,
    ];
    return isNamed || userField === null ? { ...part, warnings } : { ...part, warnings, fields: { [userField]: other } };
  }

  #revoke(user: string, account: Account | null): IssuerPart {
    const tools = this.#tools();
    const end = this.#server.hasMany ? dropPassword(tools, user, true) : lockUser(tools, user);
    return this.#part(user, account, [end, ...this.#saved('OLD_DISABLED', account), ...this.#ended(user)]);
  }

  #part(user: string, account: Account | null, actions: readonly RotationAction[]): IssuerPart {
    const { tls, host, endsSessions } = this.#settings;
    const warnings = [
      ...(account?.warnings ?? []),
      ...(account?.isLocked ? [`${this.#server.words.account(user)} is locked today`] : []),
      ...(account?.savedBy === null
        ? ['nothing here makes changes outlast a restart of the server: after it the old password would be valid again']
        : []),
      ...(tls === null && !isNear(host) ? [`the connection to ${host} is not encrypted (tls = "no")`] : []),
      ...(endsSessions ? [] : ['sessions that are open stay open, whoever opened them: end-sessions = "yes" ends them']),
      ...this.#server.also,
    ];
    return { identity: named(this.#server, user), actions, warnings };
  }

  #saved(reaches: 'APPLIED' | 'OLD_DISABLED', account: Account | null): RotationAction[] {
    return this.#server.saves
      ? [saveChanges(this.#tools(), reaches, account?.savedBy ?? 'ACL SAVE or CONFIG REWRITE, where one works')]
      : [];
  }

  #ended(user: string): RotationAction[] {
    return this.#settings.endsSessions ? [endSessions(this.#tools(), user)] : [];
  }

  /** Null where the user's own password is the only key and does not turn any more. */
  async #planSession(user: string, password: Secret, isBegun: boolean, signal: AbortSignal): Promise<AccountSession | null> {
    try {
      return await this.#open([{ user, password }], signal);
    } catch (error) {
      if (isBegun && this.#settings.admin === null && error instanceof RotationError && error.why === 'denied') return null;
      throw error;
    }
  }

  #tools(): ActionTools {
    const inSession = async <T>(run: RotationRun, work: (session: AccountSession) => Promise<T>): Promise<T> => {
      const user = this.#settings.users[0];
      const own = [run.fresh, run.old].flatMap((value) => (value === null ? [] : [{ user, password: passwordIn(value, this.#server) }]));
      const session = await this.#open(own, run.signal);
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    };
    return { settings: this.#settings, server: this.#server, inSession };
  }

  /** As the admin; else as the user itself, with the first of its passwords that is accepted. */
  async #open(own: readonly Login[], signal: AbortSignal): Promise<AccountSession> {
    const { admin, users } = this.#settings;
    const as = admin === null ? [] : [{ user: admin.user, password: await admin.password(signal) }];
    // An admin whose own password is being replaced may have another one by now.
    const logins = admin === null ? own : [...as, ...(users.length === 1 && admin.user === users[0] ? own : [])];
    let refused: unknown = null;
    for (const login of logins) {
      try {
        return await this.#server.open(login, signal);
      } catch (error) {
        if (!(error instanceof RotationError) || error.why !== 'denied') throw error;
        refused ??= error;
      }
    }
    throw refused;
  }

  #cannot(message: string): RotationError {
    return new RotationError('cannot', `${this.#server.words.product} at ${this.#server.where}: ${message}`, { mayHaveHappened: false });
  }
}
