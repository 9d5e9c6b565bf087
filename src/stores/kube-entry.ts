/**
 * One field of a Kubernetes Secret as it stands in the object, and the object's entry with another value in it: the reverse of kube-values.ts. In: the object and a
 * field's name as the connector gives it; out: the text, and what to write. Called by kube-rotate.ts.
 */
import { cannot, moved } from './rotation-failures.ts';
import { isJson, type Json } from './store-http.ts';

/** `encode` gives the base64 of the entry once the field holds another text. */
export type KubeEntry = { readonly key: string; readonly text: string; readonly encode: (text: string) => string };

const REGISTRY = /^auths\/(.{1,253})\/password$/;

/** Returns the entry that a field lies in. Throws RotationError: `moved` where there is none any more, `cannot` where it cannot be replaced by itself. */
export function entryOf(secret: Json, field: string, ref: string): KubeEntry {
  const type = typeof secret['type'] === 'string' ? secret['type'] : 'Opaque';
  const data = isJson(secret['data']) ? secret['data'] : {};
  if (type === 'kubernetes.io/tls') throw cannot(`${ref} is a TLS pair: its key changes with its certificate, which is made elsewhere`);
  if (type === 'bootstrap.kubernetes.io/token') throw cannot(`${ref} is a token for nodes to join by: make another one, and delete it`);
  if (field.startsWith('auths/')) return registryEntry(data, field, ref);
  const base64 = Object.hasOwn(data, field) ? data[field] : undefined;
  if (typeof base64 !== 'string') throw moved(`${ref} has no field ${JSON.stringify(field)} any more`);
  return { key: field, text: textIn(base64, field, ref), encode: encoded };
}

/** Returns whether an entry of this name holds a text, and so can be written with another value. */
export function isTextEntry(secret: Json, name: string): boolean {
  const base64 = isJson(secret['data']) && Object.hasOwn(secret['data'], name) ? secret['data'][name] : undefined;
  return typeof base64 === 'string' && encoded(Buffer.from(base64, 'base64').toString('utf8')) === base64;
}

/** A password of a registry's login: its `auth` is base64 of `user:password`, and goes with it. */
function registryEntry(data: Json, field: string, ref: string): KubeEntry {
  const host = REGISTRY.exec(field)?.[1];
  if (host === undefined) throw cannot(`of a registry's login only the password can be replaced, and ${field} of ${ref} is none`);
  const key = ['.dockerconfigjson', '.dockercfg'].find((name) => typeof data[name] === 'string') ?? '';
  const config = parsed(data[key]);
  const auths = key === '.dockercfg' ? config : config?.['auths'];
  const login = isJson(auths) && Object.hasOwn(auths, host) ? auths[host] : undefined;
  if (!isJson(auths) || !isJson(login)) throw moved(`${ref} has no login for ${host} any more`);
  const both = typeof login['auth'] === 'string' ? Buffer.from(login['auth'], 'base64').toString('utf8') : '';
  const parting = both.indexOf(':');
  const user = typeof login['username'] === 'string' ? login['username'] : both.slice(0, Math.max(0, parting));
  const given = typeof login['password'] === 'string' && login['password'] !== '' ? login['password'] : both.slice(parting + 1);
  const encode = (text: string): string => {
    const password = typeof login['password'] === 'string' ? { password: text } : {};
    const auth = typeof login['auth'] === 'string' ? { auth: Buffer.from(`${user}:${text}`).toString('base64') } : {};
    const changed = { ...auths, [host]: { ...login, ...password, ...auth } };
    return encoded(JSON.stringify(key === '.dockercfg' ? changed : { ...config, auths: changed }));
  };
  return { key, text: given, encode };
}

function textIn(base64: string, field: string, ref: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (encoded(text) !== base64) throw cannot(`the field ${JSON.stringify(field)} of ${ref} is no text, which alone can be replaced`);
  return text;
}

function parsed(base64: unknown): Json | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(String(base64), 'base64').toString('utf8'));
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
