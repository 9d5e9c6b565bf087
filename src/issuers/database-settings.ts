/**
 * Settings of the issuers of database passwords, as a `[[rotator]]` table has them: where the server is, whose password it is, who may change it. In: texts,
 * environment. Out: DatabaseSettings, whose credentials are read when they are first needed. Throws RotationError `cannot`, naming what is missing.
 */
import { resolve } from 'node:path';
import { newValue, type ValueShape } from '../core/new-value.ts';
import { RotationError } from '../core/rotation.ts';
import { Secret } from '../core/secret.ts';
import type { IssuerContext, IssuerSetting, IssuerSettings } from './issuer-kind.ts';

export type TlsOptions = { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };

export type DatabaseSettings = {
  readonly host: string;
  readonly port: number;
  /** One, or the two that alternate. */
  readonly users: readonly [string] | readonly [string, string];
  /** The field of the secret that names the user. */
  readonly userField: string | null;
  readonly database: string | null;
  /** Null: the user changes its own password. */
  readonly admin: null | { readonly user: string; readonly password: (signal: AbortSignal) => Promise<Secret> };
  /** Null: not encrypted. */
  readonly tls: null | (() => Promise<TlsOptions>);
  readonly wantsTwoPasswords: boolean;
  readonly endsSessions: boolean;
  readonly shape: ValueShape;
};

/** What the three have in common; `user` is the name that a server has for it. */
export function databaseSettings(port: number, admin: string): readonly IssuerSetting[] {
  return [
    { name: 'host', help: 'the server’s name or address; a path (/run/…) for a Unix socket', isRequired: true },
    { name: 'port', help: `else ${port}` },
    { name: 'user', help: 'whose password it is; or users' },
    { name: 'users', help: 'two users that alternate: the other one takes over, and the leaked one is locked', isList: true },
    { name: 'user-field', help: 'the field of the same secret that names the user; it changes with the password where users alternate' },
    { name: 'admin-user', help: `who may change passwords (${admin}); else the user changes its own` },
    { name: 'admin-password-variable', help: 'the variable that holds the admin’s password' },
    { name: 'admin-password-file', help: 'a file that holds it' },
    { name: 'admin-password-store', help: 'the name of the store that holds it, with admin-password-ref and admin-password-field' },
    { name: 'admin-password-ref', help: 'the secret there: secret/db/admin' },
    { name: 'admin-password-field', help: 'its field; else the whole secret' },
    { name: 'tls', help: 'yes or no; else yes, but for a Unix socket and this machine' },
    { name: 'ca-file', help: 'PEM of the authority that the certificate is of; else the public ones' },
    { name: 'tls-name', help: 'the name in the certificate, where it is another than host' },
    { name: 'cert-file', help: 'PEM of our certificate, where the server asks for one' },
    { name: 'key-file', help: 'PEM of its key' },
    { name: 'two-passwords', help: 'no: replace at once, even where old and new could both be valid for a while' },
    { name: 'end-sessions', help: 'yes: end the user’s open sessions when the old password is dead' },
    { name: 'value-length', help: 'characters of new passwords; else 40' },
    { name: 'value-symbols', help: 'characters beside letters and digits; a new password then has at least one of each group' },
  ];
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** Reads them. Nobody is asked, and no file opened, before a credential is used. */
export function readDatabaseSettings(kind: string, port: number, settings: IssuerSettings, context: IssuerContext): DatabaseSettings {
  const fail = (what: string): RotationError => new RotationError('cannot', `issuer of kind ${kind}: ${what}`, { mayHaveHappened: false });
  const host = settings['host'];
  if (!host) throw fail('host is missing');
  const portText = settings['port'] ?? String(port);
  if (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535 || Number(portText) === 0) throw fail('port is no port');
  return {
    host,
    port: Number(portText),
    users: usersOf(settings, fail),
    userField: settings['user-field'] ?? null,
    database: settings['database'] ?? null,
    admin: adminOf(settings, context, fail),
    tls: tlsOf(host, settings, context, fail),
    wantsTwoPasswords: yesOrNo(settings, 'two-passwords', fail) ?? true,
    endsSessions: yesOrNo(settings, 'end-sessions', fail) ?? false,
    shape: shapeOf(settings, fail),
  };
}

type Fail = (what: string) => RotationError;

function usersOf(settings: IssuerSettings, fail: Fail): DatabaseSettings['users'] {
  const { user, users } = settings;
  if (user !== undefined && users !== undefined) throw fail('user and users exclude each other');
  if (user) return [user];
  const [one, other, ...more] = (users ?? '').split(',').map((name) => name.trim());
  if (!one) throw fail('user is missing');
  if (!other || more.length > 0 || one === other) throw fail('users must be two names');
  return [one, other];
}

function adminOf(settings: IssuerSettings, context: IssuerContext, fail: Fail): DatabaseSettings['admin'] {
  const user = settings['admin-user'];
  const [variable, file, store] = ['variable', 'file', 'store'].map((where) => settings[`admin-password-${where}`]);
  const given = [variable, file, store].filter((one) => one !== undefined);
  if (!user) {
    if (given.length > 0) throw fail('admin-user is missing');
    return null;
  }
  if (given.length !== 1) throw fail('one of admin-password-variable, admin-password-file and admin-password-store must be given');
  const secret = (text: string): Secret => {
    if (text === '') throw fail('the admin’s password is empty');
    return new Secret(text, 'admin password');
  };
  if (variable !== undefined) {
    return {
      user,
      password: async () => {
        const value = context.env[variable];
        if (value === undefined) throw fail(`the variable ${variable} is not set`);
        return secret(value);
      },
    };
  }
  if (file !== undefined) {
    const path = resolve(context.folder, file);
    // A line's end is none of the password's.
    return { user, password: async () => secret((await context.readFile(path)).replace(/\r?\n$/, '')) };
  }
  const ref = settings['admin-password-ref'];
  if (!ref || store === undefined) throw fail('admin-password-ref is missing');
  const field = settings['admin-password-field'] ?? '';
  return {
    user,
    password: async (signal) => {
      if (!context.readStored) throw fail('stores cannot be read here: give admin-password-variable or admin-password-file');
      return context.readStored({ store, ref, field }, signal);
    },
  };
}

function tlsOf(host: string, settings: IssuerSettings, context: IssuerContext, fail: Fail): DatabaseSettings['tls'] {
  const names = ['ca-file', 'cert-file', 'key-file', 'tls-name'];
  const isWanted = yesOrNo(settings, 'tls', fail) ?? (names.some((name) => settings[name] !== undefined) || !isNear(host));
  if (!isWanted) return null;
  const read = async (name: string): Promise<string | undefined> => {
    const path = settings[name];
    return path === undefined ? undefined : context.readFile(resolve(context.folder, path));
  };
  return async () => {
    const [ca, cert, key] = await Promise.all(['ca-file', 'cert-file', 'key-file'].map(read));
    return Object.fromEntries(Object.entries({ ca, cert, key, servername: settings['tls-name'] }).filter(([, text]) => text !== undefined));
  };
}

/** Whether what is sent there stays on this machine. */
export function isNear(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function shapeOf(settings: IssuerSettings, fail: Fail): ValueShape {
  const { 'value-length': length, 'value-symbols': symbols } = settings;
  if (length !== undefined && !/^\d{1,4}$/.test(length)) throw fail('value-length is no number');
  // Quotes and backslashes make trouble wherever a password is written into a text.
  if (symbols !== undefined && !/^[!#%&*+,\-./:;<=>?@^_~]{1,30}$/.test(symbols))
    throw fail('value-symbols has characters that are not used');
  const shape: ValueShape = {
    label: 'database password',
    ...(length === undefined ? {} : { length: Number(length) }),
    ...(symbols === undefined ? {} : { alphabet: UPPER + LOWER + DIGITS + symbols, oneOf: [UPPER, LOWER, DIGITS, symbols] }),
  };
  try {
    newValue(shape);
  } catch {
    throw fail('value-length is too short, or too long');
  }
  return shape;
}

function yesOrNo(settings: IssuerSettings, name: string, fail: Fail): boolean | null {
  const value = settings[name];
  if (value === undefined) return null;
  if (value !== 'yes' && value !== 'no') throw fail(`${name} must be yes or no`);
  return value === 'yes';
}
