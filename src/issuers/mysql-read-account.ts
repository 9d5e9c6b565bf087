/**
 * What MySQL and MariaDB tell of the accounts of a name: how each logs in, whether it is locked. In: a way to ask for rows. Out: StoredAccounts; the rows are the
 * server's, so nothing of them is believed unseen. Called by mysql-session.ts.
 */
import { RotationError } from '../core/rotation.ts';
import type { AuthMethod, StoredAccount } from './mysql-account.ts';
import { numberOf } from './mysql-login.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Ask = (text: string, values?: readonly string[]) => Promise<readonly Row[]>;

/** One name has a handful of hosts. */
const MAX_ACCOUNTS = 100;
const UNKNOWN_COLUMN = 1054;

const COLUMNS = 'Host AS host, plugin AS plugin, CAST(authentication_string AS CHAR) AS text, account_locked AS locked';
const OF_USER = `FROM mysql.user WHERE User = ? LIMIT ${MAX_ACCOUNTS}`;

export async function readMysqlAccounts(ask: Ask, user: string): Promise<readonly StoredAccount[]> {
  const retained = "JSON_UNQUOTE(JSON_EXTRACT(User_attributes, '$.additional_password')) AS retained";
  const rows = await ask(`SELECT ${COLUMNS}, ${retained} ${OF_USER}`, [user]).catch((error: unknown) => {
    // Before 8.0.14.
    if (error instanceof RotationError && numberOf(error.cause) === UNKNOWN_COLUMN) return ask(`SELECT ${COLUMNS} ${OF_USER}`, [user]);
    throw error;
  });
  return rows.map((row) => ({
    user,
    host: textOf(row['host']),
    methods: [{ plugin: textOf(row['plugin']), text: textOf(row['text']) }],
    retained: typeof row['retained'] === 'string' ? row['retained'] : null,
    isLocked: row['locked'] === 'Y',
  }));
}

/** MariaDB 10.4 and later keep an account as JSON: the first way to log in beside the rest, `{}` in `auth_or` standing for it. */
export async function readMariadbAccounts(ask: Ask, user: string): Promise<readonly StoredAccount[]> {
  const rows = await ask(`SELECT Host AS host, CAST(Priv AS CHAR) AS account FROM mysql.global_priv WHERE User = ? LIMIT ${MAX_ACCOUNTS}`, [
    user,
  ]);
  return rows.map((row) => {
    const account = objectOf(textOf(row['account']));
    const more = Array.isArray(account['auth_or']) ? account['auth_or'] : [{}];
    const methods = more.map((one: unknown) => methodOf(isObject(one) && Object.keys(one).length > 0 ? one : account));
    return { user, host: textOf(row['host']), methods, retained: null, isLocked: account['account_locked'] === true };
  });
}

function methodOf(way: Row): AuthMethod {
  const plugin = textOf(way['plugin']);
  return { plugin: plugin === '' ? 'mysql_native_password' : plugin, text: textOf(way['authentication_string']) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(text: string): Row {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
