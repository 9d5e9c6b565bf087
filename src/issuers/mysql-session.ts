/**
 * A session on a MySQL or MariaDB server that looks at accounts and changes them: mysql-account.ts says by which statements. Asked for rows by prepared statements;
 * what has to be written into a statement is quoted for a session whose SQL mode is set here. Called by mysql.ts.
 */
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { type Account, type AccountSession, bounded, connectionFault, type DatabaseServer, type Login } from './database-server.ts';
import { type DatabaseSettings, isNear } from './database-settings.ts';
import { type AccountStatements, MARIADB, MYSQL, nameOf, passwordPlugin, type Statements, type StoredAccount } from './mysql-account.ts';
import { connect, numberOf } from './mysql-login.ts';
import { nativeHash } from './mysql-password-hash.ts';
import { type Ask, readMariadbAccounts, readMysqlAccounts } from './mysql-read-account.ts';

type Server = Pick<DatabaseServer, 'where' | 'words'>;

const CLOSE_MS = 1000;
const NO_SUCH_THREAD = 1094;

/** `host`: the account's, where a name has several. Throws RotationError. */
export async function openSession(
  settings: DatabaseSettings,
  server: Server,
  login: Login,
  host: string | null,
  signal: AbortSignal,
): Promise<AccountSession> {
  const name = `${server.words.product} at ${server.where}`;
  const { connection, cut } = await connect(settings, login, signal).catch((error: unknown) => {
    throw faultOf(error, server, login, false);
  });
  const bound = <T>(changes: boolean, work: Promise<T>): Promise<T> =>
    bounded(work, signal, cut).catch((error: unknown) => {
      throw faultOf(error, server, login, changes);
    });
  const change = async (text: string): Promise<void> => {
    await bound(true, connection.query(text));
  };
  const ask: Ask = async (text, values = []) => {
    const [rows] = await bound(false, connection.execute(text, [...values]));
    return Array.isArray(rows) ? rows.flatMap((row) => (Array.isArray(row) ? [] : [{ ...row }])) : [];
  };
  const quote = (text: string): string => connection.escape(text);
  const cannot = (message: string, why: RotationFailure = 'cannot'): RotationError =>
    new RotationError(why, `${name}: ${message}`, { mayHaveHappened: false });
  const begin = async (): Promise<string> => {
    // Another mode would have backslashes and double quotes mean something else.
    await bound(false, connection.query("SET SESSION sql_mode = ''"));
    const [row] = await ask('SELECT VERSION() AS version');
    return String(row?.['version']);
  };
  const version = await begin().catch((error: unknown) => {
    cut();
    throw error;
  });
  const isMaria = /mariadb/i.test(version);
  const statements: AccountStatements = isMaria ? MARIADB : MYSQL;

  /** Null where a user may not look at itself. */
  const ownOrStored = async (user: string): Promise<StoredAccount | null> => {
    const found = await (isMaria ? readMariadbAccounts : readMysqlAccounts)(ask, user).catch((error: unknown) => {
      if (login.user === user && error instanceof RotationError && error.why === 'denied') return null;
      throw error;
    });
    if (found === null) return null;
    const fits = found.filter((one) => host === null || one.host === host);
    const [one, more] = fits;
    if (!one) throw cannot(`there is no account ${user}${host === null ? '' : `@${host}`}`);
    if (more)
      throw cannot(`there are accounts of ${user} for ${fits.map((fit) => fit.host).join(', ')}: account-host names one`, 'ambiguous');
    return one;
  };
  const stored = async (user: string): Promise<readonly [StoredAccount, string]> => {
    const account = await ownOrStored(user);
    if (account === null) throw cannot(`${login.user} may not look at its own account: admin-user is needed`);
    const plugin = passwordPlugin(account);
    if (plugin !== null) return [account, plugin];
    const plugins = account.methods.map((method) => method.plugin).join(', ');
    throw cannot(`account ${user} logs in by ${plugins}: only passwords of caching_sha2_password and mysql_native_password are changed`);
  };
  const carryOut = async (list: Statements): Promise<void> => {
    if (list === 'moved') throw cannot('the current password of the account is neither the one that leaked nor the new one', 'moved');
    for (const statement of list) await change(statement);
  };
  /** MariaDB takes the hash; MySQL takes the password alone, and writes its hash into the logs. */
  const setOwn = (password: Secret): Promise<void> => {
    if (isMaria) return change(`SET PASSWORD = ${quote(nativeHash(password))}`);
    if (settings.tls === null && !isNear(settings.host)) throw cannot('a user’s own password goes to MySQL as it is, so not without TLS');
    return change(`ALTER USER USER() IDENTIFIED BY ${quote(reveal(password, 'ask'))}`);
  };

  return {
    async account(user) {
      const account = await ownOrStored(user);
      if (account === null) return { user, isLocked: false, canHaveTwo: false, warnings: [] };
      await stored(user);
      const canHaveTwo = isMaria ? isAtLeast(version, 10, 4, 0) : isAtLeast(version, 8, 0, 14);
      return { user, isLocked: account.isLocked, canHaveTwo, warnings: warningsOf(account) };
    },
    async setPassword(user, { password, keeping, unlocks }) {
      if ((await ownOrStored(user)) === null) return setOwn(password);
      const [account, plugin] = await stored(user);
      await carryOut(
        keeping ? statements.both(account, plugin, password, keeping, quote) : statements.only(account, plugin, password, quote),
      );
      if (unlocks && account.isLocked) await change(`ALTER USER ${nameOf(account, quote)} ACCOUNT UNLOCK`);
    },
    async dropPassword(user, gone, stays) {
      if (stays === null) throw cannot('an account is locked, not left without a password');
      const [account, plugin] = await stored(user);
      await carryOut(statements.drop(account, plugin, gone, stays, quote));
    },
    async restorePassword(user, gone, stays) {
      if (stays === null) throw cannot('an account is unlocked, not given its password back');
      const [account, plugin] = await stored(user);
      await carryOut(statements.both(account, plugin, stays, gone, quote));
    },
    async setLocked(user, isLocked) {
      const [account] = await stored(user);
      if (account.isLocked !== isLocked) await change(`ALTER USER ${nameOf(account, quote)} ACCOUNT ${isLocked ? 'LOCK' : 'UNLOCK'}`);
    },
    save: async () => undefined,
    async endSessions(user) {
      const open = await ask('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ? AND ID <> CONNECTION_ID()', [user]);
      for (const { id } of open) {
        await change(`KILL ${Number(id)}`).catch((error: unknown) => {
          // It has ended by itself.
          if (!(error instanceof RotationError && numberOf(error.cause) === NO_SUCH_THREAD)) throw error;
        });
      }
    },
    async close() {
      await bounded(connection.end(), signal, cut, CLOSE_MS).catch(() => undefined);
      cut();
    },
  };
}

function warningsOf({ user, host, methods, retained }: StoredAccount): Account['warnings'] {
  const others = methods.filter(({ plugin }) => plugin === 'unix_socket' || plugin === 'auth_socket').length;
  return [
    ...(host === '%' ? [] : [`account ${user} is for logins from ${host}: from elsewhere every password is refused`]),
    ...(retained === null ? [] : [`account ${user} has a retained password beside its current one: that ends at once`]),
    ...(others > 0 ? [`account ${user} lets the system’s user of the same name in without a password`] : []),
  ];
}

function isAtLeast(version: string, ...wanted: readonly number[]): boolean {
  // MariaDB's own replication prefix.
  const parts = version
    .replace(/^5\.5\.5-/, '')
    .split(/[.-]/)
    .map(Number);
  const at = wanted.findIndex((number, index) => (parts[index] ?? 0) !== number);
  return at < 0 || (parts[at] ?? 0) > (wanted[at] ?? 0);
}

/** The server's numbers whose cause a sentence can name; others are given as they are. */
const KNOWN: Readonly<Record<number, readonly [RotationFailure, string]>> = {
  1045: ['denied', 'does not let the user in'],
  1698: ['denied', 'does not let the user in'],
  1130: ['denied', 'does not let this machine in'],
  1129: ['denied', 'does not let this machine in'],
  3118: ['denied', 'has the user locked'],
  4151: ['denied', 'has the user locked'],
  1142: ['denied', 'does not allow it'],
  1143: ['denied', 'does not allow it'],
  1227: ['denied', 'does not allow it'],
  1044: ['denied', 'does not allow it'],
  1146: ['cannot', 'is of a version that is not known here (MariaDB before 10.4)'],
  1290: ['cannot', 'is set not to allow it (read-only, or strict_password_validation)'],
  1836: ['cannot', 'is read-only'],
  1040: ['throttled', 'has too many connections'],
  1226: ['throttled', 'has let the user in as often as it may'],
  3159: ['cannot', 'lets nobody in without TLS'],
};

function faultOf(error: unknown, server: Server, login: Login, hasSent: boolean): RotationError {
  const known = connectionFault(error, server, hasSent);
  if (known) return known;
  const name = `${server.words.product} at ${server.where}`;
  const number = numberOf(error);
  if (number === 0)
    return new RotationError('odd-reply', `${name} gave no answer that is understood`, { mayHaveHappened: hasSent, cause: error });
  const [why, said] = KNOWN[number] ?? ['refused', 'refused it'];
  return new RotationError(why, `${name} ${said.replace('the user', login.user)} (error ${number})`, {
    mayHaveHappened: false,
    cause: error,
  });
}
