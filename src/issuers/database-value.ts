/**
 * What a database's secret looks like: the password alone, or a connection string with the password in it (RFC 3986 userinfo). In: a stored value. Out: its
 * password and user, and the same value with others in their place, every other byte as it was. The string's host is never asked: settings say where a server is.
 */
import { reveal, Secret } from '../core/secret.ts';

export type DatabaseValue = {
  /** Null where the value is the password alone, or the string names nobody. */
  readonly user: string | null;
  readonly password: Secret;
  /** Returns the value that the store is to hold when this password, and this user, take their places. */
  with(user: string, password: Secret): Secret;
};

/** Longer is no connection string. */
const MAX_CONNECTION_CHARACTERS = 4096;

/** Returns what a value is; without one of the schemes (`postgres`) it is the password. */
export function readDatabaseValue(value: Secret, schemes: readonly string[]): DatabaseValue {
  const alone: DatabaseValue = { user: null, password: value, with: (_user, password) => password };
  const text = reveal(value, 'judge');
  if (text.length > MAX_CONNECTION_CHARACTERS) return alone;
  // jdbc: and driver names (postgresql+asyncpg) stand before and in the scheme.
  const found = /^((?:jdbc:)?([a-z][a-z0-9]*)(?:\+[a-z0-9]+)?:\/\/)([^@/?#\s]*)@([^@\s]*)$/i.exec(text);
  if (!found) return alone;
  const [, head = '', scheme = '', userinfo = '', rest = ''] = found;
  if (!schemes.includes(scheme.toLowerCase())) return alone;
  const colon = userinfo.indexOf(':');
  const [user, password] = colon < 0 ? [null, null] : [decoded(userinfo.slice(0, colon)), decoded(userinfo.slice(colon + 1))];
  if (user === null || password === null || password === '') return alone;
  return {
    user: user === '' ? null : user,
    password: new Secret(password, 'database password'),
    with: (name, fresh) =>
      new Secret(
        `${head}${user === '' ? '' : encodeURIComponent(name)}:${encodeURIComponent(reveal(fresh, 'hand-over'))}@${rest}`,
        'connection string',
      ),
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
