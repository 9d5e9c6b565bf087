/**
 * Has the database engine give a static role's user a new password, at the database itself. In: a place; out: the part. Called by vault-rotate.ts. One request does
 * it all, and the old password is dead with it: nothing can be taken back. The server's own log of intent goes on when the database failed halfway
 * (openbao.org/api-docs/secret/databases, "rotate static role credentials").
 */
import { type RotationAction, RotationError, type StorePart } from '../core/rotation.ts';
import { Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import { readMade } from './made-value.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';
import { STATIC, staticRole } from './vault-database.ts';
import { mayAny, type VaultPlace } from './vault-place.ts';

/** Set once the server has begun and failed. */
const TRYING = 'vault-static-role:server-tries';

/** Plans the rotation of one static role. Throws RotationError. */
export async function planStaticRole(at: VaultPlace): Promise<StorePart> {
  const { place, scope, isBegun } = at;
  const role = await roleOf(at, at.signal);
  const known = staticRole(place.ref, role);
  if (!isBegun && (known.change !== place.change || known.versions[0]?.id !== place.version))
    throw moved(`${place.ref} was rotated since ${place.version}`);
  const rotatePath = `${scope.mount}/rotate-role/${nameOf(at)}`;
  if ((await mayAny(at, rotatePath, ['create', 'update'])) === false)
    throw cannot(`the token may not rotate ${place.ref} (it has no update on ${rotatePath})`);
  const mayRead = (await mayAny(at, credsPath(at), ['read'])) !== false;
  const user = `user ${wordOf(role, 'username')} of connection ${wordOf(role, 'db_name')}`;
  const read = readMade({
    id: 'vault-static-role:read',
    what: `the password of ${place.ref}`,
    isMade: (signal) => hasRotated(at, signal),
    read: (signal) => passwordAt(at, signal),
  });
  return {
    makesValue: true,
    actions: [rotateAction(at, rotatePath, user), ...(mayRead ? [read] : [])],
    consumers: [`whoever asks for ${credsPath(at)}, and whoever logs in as ${user}`],
    warnings: [
      'this cannot be taken back: the old password is replaced at the database in the same request',
      'the server does not say who reads the password; its audit log does',
      ...(mayRead ? [] : ['the token may not read the new password: whether it works is not tried here']),
    ],
  };
}

function rotateAction(at: VaultPlace, path: string, user: string): RotationAction {
  const { place, session, scope } = at;
  return {
    id: 'vault-static-role:rotate',
    reaches: 'PROMOTED',
    does: `rotates ${place.ref}: the server makes a new password for ${user} and sets it there (last rotated ${place.version})`,
    // What has been rotated meanwhile is not rotated again; trying again beside the server is safe by its documents.
    repeat: 'always',
    effects: [`logins of ${user} with the old password fail at once; connections that are open stay`],
    happened: async ({ signal, fact }) => {
      if (await hasRotated(at, signal)) return 'yes';
      return fact(TRYING) === undefined ? 'no' : 'unclear';
    },
    act: async ({ signal, setFact }) => {
      if (await hasRotated(at, signal)) return;
      try {
        await changing(session.get({ path, namespace: scope.namespace, body: {}, change: 'POST', signal }));
      } catch (error) {
        if (isServerError(error)) await setFact(TRYING, 'yes');
        throw error;
      }
    },
    undo: null,
  };
}

async function hasRotated(at: VaultPlace, signal: AbortSignal): Promise<boolean> {
  return staticRole(at.place.ref, await roleOf(at, signal)).versions[0]?.id !== at.place.version;
}

/** The database failed: the server has the new password in its log of intent, and goes on trying every ten seconds. */
function isServerError(error: unknown): boolean {
  return error instanceof RotationError && error.cause instanceof StoreError && error.cause.status === 500;
}

async function passwordAt(at: VaultPlace, signal: AbortSignal): Promise<Secret> {
  const data = await reading(at.session.get({ path: credsPath(at), namespace: at.scope.namespace, signal }));
  // Roles with keys have another field.
  const value = typeof data['password'] === 'string' ? data['password'] : data['rsa_private_key'];
  if (typeof value !== 'string' || value === '') throw cannot(`${credsPath(at)} answered without a password`);
  return new Secret(value, 'vault');
}

async function roleOf({ session, scope, path, place }: VaultPlace, signal: AbortSignal): Promise<Json> {
  const role = await reading(session.find({ path: `${scope.mount}/${path}`, namespace: scope.namespace, signal }));
  if (!role) throw moved(`${place.ref} is not there`);
  return role;
}

function nameOf({ path }: VaultPlace): string {
  return path.slice(STATIC.length);
}

function credsPath(at: VaultPlace): string {
  return `${at.scope.mount}/static-creds/${nameOf(at)}`;
}

function wordOf(role: Json, name: string): string {
  const value = role[name];
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '').slice(0, 100) : 'unknown';
}
