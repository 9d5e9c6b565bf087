/**
 * What MySQL and MariaDB keep of an account's passwords, and the statements that change them. MySQL 8.0.14 has a current password and one that is retained; MariaDB 10.4
 * any number of ways to log in, the same plugin several times among them. Nothing is overwritten that is not the value that leaked or the one that replaces it. No I/O.
 */
import type { Secret } from '../core/secret.ts';
import { cachingSha2Hash, cachingSha2Salt, nativeHash } from './mysql-password-hash.ts';

/** One way to log in. */
export type AuthMethod = { readonly plugin: string; readonly text: string };

export type StoredAccount = {
  readonly user: string;
  readonly host: string;
  /** MySQL: one. MariaDB: any of them lets in. */
  readonly methods: readonly AuthMethod[];
  /** MySQL's retained password. */
  readonly retained: string | null;
  readonly isLocked: boolean;
};

/** Plugins whose passwords are made here. */
const PASSWORD_PLUGINS = ['caching_sha2_password', 'mysql_native_password'];
/** Let in by something else than a password. */
const OTHER_PLUGINS = ['unix_socket', 'auth_socket', 'gssapi', 'authentication_ldap_simple', 'authentication_windows'];

/** Returns the plugin whose password changes; null: none, or another one has a password too. */
export function passwordPlugin({ methods }: StoredAccount): string | null {
  const plugins = new Set(methods.map(({ plugin }) => plugin).filter((plugin) => !OTHER_PLUGINS.includes(plugin)));
  const [one] = plugins;
  return plugins.size === 1 && one !== undefined && PASSWORD_PLUGINS.includes(one) ? one : null;
}

/** Returns whether the kept form is of this password. */
export function isOf(password: Secret, plugin: string, text: string): boolean {
  if (plugin === 'mysql_native_password') return nativeHash(password) === text.toUpperCase();
  const salt = cachingSha2Salt(text);
  return salt !== null && cachingSha2Hash(password, salt) === text;
}

function newHash(password: Secret, plugin: string): string {
  return plugin === 'mysql_native_password' ? nativeHash(password) : cachingSha2Hash(password);
}

export type Quote = (text: string) => string;
/** `moved`: none of the passwords that it is about is the account's current one. */
export type Statements = readonly string[] | 'moved';

/** Each gives the statements that lead there, none where the account is there already. */
export type AccountStatements = {
  /** This password, and no other. */
  only(account: StoredAccount, plugin: string, password: Secret, quote: Quote): readonly string[];
  /** `current`, with `beside` valid too. */
  both(account: StoredAccount, plugin: string, current: Secret, beside: Secret, quote: Quote): Statements;
  /** `stays`, without `gone`. */
  drop(account: StoredAccount, plugin: string, gone: Secret, stays: Secret, quote: Quote): Statements;
};

export function nameOf({ user, host }: StoredAccount, quote: Quote): string {
  return `${quote(user)}@${quote(host)}`;
}

export const MYSQL: AccountStatements = {
  only(account, plugin, password, quote) {
    const set = isCurrent(account, plugin, password) ? [] : [setMysql(account, plugin, password, quote)];
    return account.retained === null ? set : [...set, discard(account, quote)];
  },
  both(account, plugin, current, beside, quote) {
    const retain = `${setMysql(account, plugin, current, quote)} RETAIN CURRENT PASSWORD`;
    if (isCurrent(account, plugin, beside)) return [retain];
    if (!isCurrent(account, plugin, current)) return 'moved';
    return account.retained !== null && isOf(beside, plugin, account.retained) ? [] : [setMysql(account, plugin, beside, quote), retain];
  },
  drop(account, plugin, gone, stays, quote) {
    if (!isCurrent(account, plugin, stays) && !isCurrent(account, plugin, gone)) return 'moved';
    return MYSQL.only(account, plugin, stays, quote);
  },
};

export const MARIADB: AccountStatements = {
  only: (account, plugin, password, quote) => viaMariadb(account, plugin, [password], () => false, quote),
  both(account, plugin, current, beside, quote) {
    if (!isAny(account, plugin, [current, beside])) return 'moved';
    return viaMariadb(account, plugin, [current, beside], () => true, quote);
  },
  drop(account, plugin, gone, stays, quote) {
    if (!isAny(account, plugin, [gone, stays])) return 'moved';
    return viaMariadb(account, plugin, [stays], ({ text }) => !isOf(gone, plugin, text), quote);
  },
};

function isCurrent({ methods }: StoredAccount, plugin: string, password: Secret): boolean {
  return methods.some((method) => method.plugin === plugin && isOf(password, plugin, method.text));
}

function isAny(account: StoredAccount, plugin: string, passwords: readonly Secret[]): boolean {
  return passwords.some((password) => isCurrent(account, plugin, password));
}

function setMysql(account: StoredAccount, plugin: string, password: Secret, quote: Quote): string {
  return `ALTER USER ${nameOf(account, quote)} IDENTIFIED WITH ${quote(plugin)} AS ${quote(newHash(password, plugin))}`;
}

function discard(account: StoredAccount, quote: Quote): string {
  return `ALTER USER ${nameOf(account, quote)} DISCARD OLD PASSWORD`;
}

/** The account with these passwords, those of its own that are kept, and its other ways to log in. */
function viaMariadb(
  account: StoredAccount,
  plugin: string,
  wanted: readonly Secret[],
  isKept: (method: AuthMethod) => boolean,
  quote: Quote,
): readonly string[] {
  const passwords = account.methods.filter((method) => method.plugin === plugin);
  const kept = passwords.filter((method) => wanted.some((one) => isOf(one, plugin, method.text)) || isKept(method));
  const missing = wanted.filter((one) => !kept.some((method) => isOf(one, plugin, method.text)));
  if (missing.length === 0 && kept.length === passwords.length) return [];
  const added = missing.map((one) => ({ plugin, text: newHash(one, plugin) }));
  const others = account.methods.filter((method) => method.plugin !== plugin);
  const ways = [...added, ...kept, ...others].map((way) => `${way.plugin}${way.text === '' ? '' : ` USING ${quote(way.text)}`}`);
  return [`ALTER USER ${nameOf(account, quote)} IDENTIFIED VIA ${ways.join(' OR ')}`];
}
