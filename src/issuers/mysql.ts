/**
 * Passwords of accounts of MySQL and MariaDB, on the server itself or a service of its protocol: checked by a login, changed by ALTER USER with the form that the server
 * keeps, the old one valid beside the new one until it is dropped (MySQL 8.0.14 RETAIN CURRENT PASSWORD, MariaDB 10.4 IDENTIFIED VIA … OR …).
 */
import { DatabaseIssuer } from './database-issuer.ts';
import type { DatabaseServer } from './database-server.ts';
import { databaseSettings, readDatabaseSettings } from './database-settings.ts';
import type { IssuerKind } from './issuer-kind.ts';
import { logIn } from './mysql-login.ts';
import { openSession } from './mysql-session.ts';

const PORT = 3306;

export const mysql: IssuerKind = {
  kind: 'mysql',
  name: 'MySQL and MariaDB',
  settings: [
    ...databaseSettings(PORT, 'CREATE USER, and SELECT on mysql.user, of MariaDB on mysql.global_priv'),
    { name: 'database', help: 'the database to log in to; else none' },
    { name: 'account-host', help: 'the account’s host (%, 10.0.%), where the name has several' },
  ],
  create(texts, context) {
    const settings = readDatabaseSettings('mysql', PORT, texts, context);
    const host = texts['account-host'] ?? null;
    const account = (user: string): string => `account ${user}${host === null ? '' : `@${host}`}`;
    const known: Omit<DatabaseServer, 'login' | 'open'> = {
      kind: 'mysql',
      where: `${settings.host}:${settings.port}`,
      words: { product: 'MySQL', account, set: 'ALTER USER … IDENTIFIED', lock: 'ACCOUNT LOCK', unlock: 'ACCOUNT UNLOCK' },
      schemes: ['mysql', 'mariadb', 'mysql2'],
      selfCanHaveTwo: false,
      hasMany: false,
      saves: false,
      also: ['poolers that hold a copy of the password (ProxySQL’s mysql_users) must be given the new one'],
    };
    return new DatabaseIssuer(settings, {
      ...known,
      login: (login, signal) => logIn(settings, login, signal),
      open: (login, signal) => openSession(settings, known, login, host, signal),
    });
  },
};
