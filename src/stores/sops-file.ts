/**
 * A file of SOPS, taken apart: which keys it is encrypted for, and its encrypted values, each with the names that lead to it (`docs` of getsops/sops: values are
 * `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`, bound to their names). YAML, JSON and `.env` form. In: text. Out: SopsFile; decryptValue opens one value.
 */
import { createDecipheriv } from 'node:crypto';
import { parseEnv } from './env-files-parse.ts';

export type SealedValue = {
  /** Names from the top; places in lists are not among them, for SOPS does not count them either. */
  readonly names: readonly string[];
  /** Names and places in lists, joined for people: `db.users[1].password`. */
  readonly field: string;
  readonly sealed: string;
};

export type SopsFile = {
  /** The data key, encrypted by age for one recipient each. */
  readonly ageKeys: readonly string[];
  /** Other kinds of keys that could open it: `pgp`, `kms`. */
  readonly otherKeys: readonly string[];
  /** ISO 8601, or null. */
  readonly modifiedAt: string | null;
  readonly values: readonly SealedValue[];
};

/** Of a file that was not named by itself this is no fault. */
export const NOT_SOPS = 'it is not encrypted by SOPS';

const OTHER_KEYS = ['pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'hckms'];
const MAX_SEALED_VALUES = 10_000;
const MAX_NESTING = 64;
const TAG_BYTES = 16;

type Tree = Readonly<Record<string, unknown>>;

/** Returns the file, or a sentence that says why it cannot be read. */
export async function parseSops(path: string, text: string): Promise<SopsFile | string> {
  // At least the digest over all is so written; what lies in the same folder need not be parsed.
  if (!text.includes('ENC[AES256_GCM,')) return NOT_SOPS;
  const isEnv = !/\.(?:ya?ml|json)$/.test(path) && /\.env(?:\.[\w.-]+)?$/.test(path);
  const tree = isEnv ? envTree(text) : await yamlTree(text);
  if (tree === null) return 'it is not YAML, JSON or .env as SOPS writes it';
  const { sops: about, ...rest } = tree;
  if (!isTree(about)) return NOT_SOPS;
  if ('key_groups' in about) return 'its key is split between groups of keys (shamir), which cannot be read';
  const found: SealedValue[] = [];
  const fault = collect(rest, [], '', 0, found);
  if (fault !== null) return fault;
  return {
    ageKeys: entriesOf(about['age']).flatMap(({ enc }) => (typeof enc === 'string' ? [enc] : [])),
    otherKeys: OTHER_KEYS.filter((kind) => entriesOf(about[kind]).length > 0),
    modifiedAt: typeof about['lastmodified'] === 'string' ? about['lastmodified'] : null,
    values: found,
  };
}

/** Returns the text; null for what is no text of its own (truth values, comments, binary), and false when the data key does not open it. */
export function decryptValue({ names, sealed }: SealedValue, dataKey: Uint8Array): string | null | false {
  const found = /^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]*),iv:([A-Za-z0-9+/=]{1,88}),tag:([A-Za-z0-9+/=]{24}),type:(\w{1,10})\]$/.exec(
    sealed,
  );
  if (found === null) return false;
  const [data = '', iv = '', tag = '', type = ''] = found.slice(1);
  try {
    const decipher = createDecipheriv('aes-256-gcm', dataKey, Buffer.from(iv, 'base64'), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(names.map((name) => `${name}:`).join(''))).setAuthTag(Buffer.from(tag, 'base64'));
    const text = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
    return ['str', 'int', 'float'].includes(type) ? text : null;
  } catch {
    // Another key, or other bytes: the caller says so.
    return false;
  }
}

function collect(value: unknown, names: readonly string[], field: string, depth: number, found: SealedValue[]): string | null {
  if (depth > MAX_NESTING) return `it is nested deeper than ${MAX_NESTING}`;
  if (typeof value === 'string') {
    if (value.startsWith('ENC[')) found.push({ names, field, sealed: value });
    return found.length > MAX_SEALED_VALUES ? `it holds more than ${MAX_SEALED_VALUES} values` : null;
  }
  const inner: [string, readonly string[], unknown][] = Array.isArray(value)
    ? value.map((one: unknown, index) => [`${field}[${index}]`, names, one])
    : isTree(value)
      ? Object.entries(value).map(([name, one]) => [field === '' ? name : `${field}.${name}`, [...names, name], one])
      : [];
  for (const [innerField, innerNames, one] of inner) {
    const fault = collect(one, innerNames, innerField, depth + 1, found);
    if (fault !== null) return fault;
  }
  return null;
}

/** JSON is YAML. Aliases, which SOPS does not write, and several documents in one file give null. */
async function yamlTree(text: string): Promise<Tree | null> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { stringKeys: true, schema: 'core' });
  if (document.errors.length > 0) return null;
  try {
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    return isTree(value) ? value : null;
  } catch {
    // An alias.
    return null;
  }
}

/** The metadata are flattened: `sops_age__list_0__map_enc`, with `\n` for line breaks. */
function envTree(text: string): Tree | null {
  const variables = parseEnv(text, MAX_SEALED_VALUES);
  if (variables === null) return null;
  const about: Record<string, unknown> = {};
  const tree: Record<string, unknown> = {};
  for (const { name, value } of variables) {
    const entry = /^sops_([a-z_]+?)__list_\d{1,3}__map_enc$/.exec(name)?.[1];
    const single = /^sops_(lastmodified|mac)$/.exec(name)?.[1];
    if (entry !== undefined) about[entry] = [...entriesOf(about[entry]), { enc: value.replaceAll('\\n', '\n') }];
    else if (single !== undefined) about[single] = value;
    else if (!name.startsWith('sops_')) tree[name] = value;
  }
  return 'mac' in about ? { ...tree, sops: about } : tree;
}

function entriesOf(value: unknown): Tree[] {
  return Array.isArray(value) ? value.filter(isTree) : [];
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
