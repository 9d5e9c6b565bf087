/**
 * The values in a Kubernetes Secret: its data decoded, registry logins and TLS pairs taken apart. In: the object as the API gives it; out: fields by name.
 * Called by kubernetes.ts. The types: kubernetes.io/docs/concepts/configuration/secret/#secret-types.
 */
import { isJson, type Json } from './store-http.ts';
import { textOfBytes } from './value-text.ts';

/** Tokens that the cluster makes and ends by itself, and packed releases of helm: not the team's secrets, and many. */
export const SKIPPED_TYPES = ['kubernetes.io/service-account-token', 'helm.sh/release.v1'] as const;

export type KubeField = { readonly field: string; readonly text: string };

/** Public by nature: a finding of them would be none. */
const PUBLIC: Readonly<Record<string, readonly string[]>> = { 'kubernetes.io/tls': ['tls.crt', 'ca.crt'] };

/** Returns the fields of a Secret, empty ones left out. A value that is no text is given as its base64, as it stands in a manifest. */
export function fieldsOf(secret: Json): KubeField[] {
  const type = typeof secret['type'] === 'string' ? secret['type'] : 'Opaque';
  const data = isJson(secret['data']) ? secret['data'] : {};
  const fields = Object.entries(data).flatMap(([key, value]) => {
    if (typeof value !== 'string' || (Object.hasOwn(PUBLIC, type) && PUBLIC[type]?.includes(key))) return [];
    const text = decode(value);
    return loginsOf(type, key, text) ?? [{ field: key, text }];
  });
  return [...fields, ...bootstrapToken(type, fields)].filter(({ text }) => text !== '');
}

const decode = (base64: string): string => textOfBytes(Buffer.from(base64, 'base64'));

/** The fields of a registry's login; `auth` is base64 of `user:password`. */
const LOGIN_FIELDS = ['username', 'password', 'auth', 'identitytoken', 'registrytoken'];

/** Returns the logins of docker's configuration as `auths/HOST/password` and so on; null where the value is none. */
function loginsOf(type: string, key: string, text: string): KubeField[] | null {
  const isOld = type === 'kubernetes.io/dockercfg' && key === '.dockercfg';
  if (!isOld && !(type === 'kubernetes.io/dockerconfigjson' && key === '.dockerconfigjson')) return null;
  const config = parse(text);
  const auths = isOld ? config : config?.['auths'];
  if (!isJson(auths)) return null;
  return Object.entries(auths).flatMap(([host, login]) => {
    if (!isJson(login)) return [];
    const found = LOGIN_FIELDS.flatMap((name) => {
      const value = login[name];
      return typeof value === 'string' ? [{ field: `auths/${host}/${name}`, text: value }] : [];
    });
    const auth = typeof login['auth'] === 'string' ? decode(login['auth']) : '';
    const hasPassword = typeof login['password'] === 'string' && login['password'] !== '';
    const inAuth = hasPassword || !auth.includes(':') ? [] : [{ field: `auths/${host}/password`, text: auth.slice(auth.indexOf(':') + 1) }];
    return [...found.filter(({ field, text: value }) => value !== '' || !field.endsWith('/password')), ...inAuth];
  });
}

/** A node joins by `id.secret`, which stands in the object in two halves. */
function bootstrapToken(type: string, fields: readonly KubeField[]): KubeField[] {
  if (type !== 'bootstrap.kubernetes.io/token') return [];
  const [id, secret] = ['token-id', 'token-secret'].map((name) => fields.find(({ field }) => field === name)?.text);
  return id && secret ? [{ field: 'token', text: `${id}.${secret}` }] : [];
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}
