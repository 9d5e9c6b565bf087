/** Passwords of PostgreSQL roles, on the server itself or a service of its protocol: checked by a login, changed by ALTER ROLE, locked by NOLOGIN. */
import { DatabaseIssuer } from './database-issuer.ts';
import type { DatabaseServer } from './database-server.ts';
import { databaseSettings, readDatabaseSettings } from './database-settings.ts';
import type { IssuerKind } from './issuer-kind.ts';
import { logIn } from './postgresql-login.ts';
import { openSession } from './postgresql-session.ts';

const PORT = 5432;

export const postgresql: IssuerKind = {
  kind: 'postgresql',
  name: 'PostgreSQL',
  settings: [
    ...databaseSettings(PORT, 'CREATEROLE is enough, since version 16 with ADMIN OPTION on the role'),
    { name: 'database', help: 'the database to log in to; else postgres' },
  ],
  create(texts, context) {
    const settings = readDatabaseSettings('postgresql', PORT, texts, context);
    const known: Omit<DatabaseServer, 'login' | 'open'> = {
      kind: 'postgresql',
      where: `${settings.host}:${settings.port}`,
      words: { product: 'PostgreSQL', account: (user) => `role ${user}`, set: 'ALTER ROLE … PASSWORD', lock: 'NOLOGIN', unlock: 'LOGIN' },
      schemes: ['postgres', 'postgresql'],
      selfCanHaveTwo: false,
      hasMany: false,
      saves: false,
      also: ['poolers that hold a copy of the password (PgBouncer’s userlist) must be given the new one'],
    };
    return new DatabaseIssuer(settings, {
      ...known,
      login: (login, signal) => logIn(settings, login, signal),
      open: (login, signal) => openSession(settings, known, login, signal),
    });
  },
};
