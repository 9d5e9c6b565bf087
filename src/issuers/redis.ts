/**
 * Passwords of users of Redis 6 and Valkey: checked by AUTH, added beside the old one and taken away by ACL SETUSER, and made to outlast a restart by ACL SAVE or CONFIG
 * REWRITE. Where the secret is a password alone and no user is named it is that of the user `default` (requirepass).
 */
import { DatabaseIssuer } from './database-issuer.ts';
import type { DatabaseServer } from './database-server.ts';
import { databaseSettings, readDatabaseSettings } from './database-settings.ts';
import type { IssuerKind } from './issuer-kind.ts';
import { logIn } from './redis-login.ts';
import { openSession } from './redis-session.ts';

const PORT = 6379;
/** A user has as many passwords as are wanted, so nothing alternates. */
const NOT_HERE = new Set(['users', 'user-field', 'two-passwords']);

export const redis: IssuerKind = {
  kind: 'redis',
  name: 'Redis and Valkey',
  settings: databaseSettings(PORT, '+acl|getuser +acl|setuser, and +acl|save or +config|rewrite, +config|get, +info')
    .filter(({ name }) => !NOT_HERE.has(name))
    .map((setting) => (setting.name === 'user' ? { name: 'user', help: 'whose password it is; else default' } : setting)),
  create(texts, context) {
    const settings = readDatabaseSettings('redis', PORT, { user: 'default', ...texts }, context);
    const known: Omit<DatabaseServer, 'login' | 'open'> = {
      kind: 'redis',
      where: `${settings.host}:${settings.port}`,
      words: { product: 'Redis', account: (user) => `user ${user}`, set: 'ACL SETUSER', lock: 'off', unlock: 'on' },
      schemes: ['redis', 'rediss', 'valkey', 'valkeys'],
      selfCanHaveTwo: true,
      hasMany: true,
      saves: true,
      also: ['replicas (masterauth), Sentinels (auth-pass) and proxies that log in with the password must be given the new one'],
    };
    return new DatabaseIssuer(settings, {
      ...known,
      login: (login, signal) => logIn(settings, login, signal),
      open: (login, signal) => openSession(settings, known, login, signal),
    });
  },
};
