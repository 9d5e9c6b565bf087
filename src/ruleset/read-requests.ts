/**
 * Reads `check` and `revoke` of a rule (docs/rules.md, "Check and revoke") to what src/core/issuer-requests.ts has. The form is held to here, for built-in rules and a
 * user's alike: https, a fixed host or a name in it that only the owner fills, the value never in the host, statuses that can mean what they are said to mean.
 */
import type {
  IssuerCheck,
  IssuerRevocation,
  Json,
  ReplyClass,
  ReplyCondition,
  RequestTemplate,
  ValuePiece,
  ValuePieces,
} from '../core/issuer-requests.ts';

/** What is wrong with the data, in words for whoever writes rules. */
export class RequestFault extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;
const REQUEST_KEYS = [...Object.keys(METHODS), 'origins', 'bearer', 'basic', 'header', 'query', 'json', 'form', 'pieces'];
const CHECK_KEYS = ['live', 'live-when', 'retired', 'retired-when', 'identity', 'scopes', 'expires', 'installations'];
const REVOKE_KEYS = ['done', 'done-when', 'from-check', 'trial', 'asynchronous', 'notifies-owner', 'effects'];

/** Replies to a request that was carried out. */
const DONE_STATUSES = [200, 201, 202, 204];
/** 429 and 5xx say nothing about a value. */
const MAX_TELLING_STATUS = 499;
const MAX_TEMPLATE_CHARS = 2000;
const MAX_ENTRIES = 20;
const MAX_NESTING = 6;

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** A label of a host, or several: literal characters and names. */
const HOST = /^(?:[a-z0-9.-]|<[a-z0-9-]+>)+(?::\d{1,5})?$/;
const HEADER_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const REPLY_PATH = /^[\w@$:-]+(?:\.[\w@$:-]+)*$/;

/** Throws RequestFault. */
export function readCheck(entry: Fields | null): IssuerCheck | null {
  if (entry === null) return null;
  onlyKeys(entry, [...REQUEST_KEYS, ...CHECK_KEYS]);
  const accepted = readClass(entry, 'live');
  if (accepted.statuses.length === 0) throw new RequestFault('live: at least one status is needed');
  const refused = readClass(entry, 'retired');
  const both = accepted.statuses.filter((status) => refused.statuses.includes(status));
  if (both.length > 0 && (accepted.when.length === 0 || refused.when.length === 0))
    throw new RequestFault(`status ${both[0]} is live and retired: live-when and retired-when must tell them apart`);
  return {
    request: readTemplate(entry),
    pieces: readPieces(entry),
    accepted,
    refused,
    identity: textsOf(entry, 'identity').map(replyPath),
    scopes: entry['scopes'] === undefined ? null : replyPath(textOf(entry, 'scopes')),
    expires: entry['expires'] === undefined ? null : replyPath(textOf(entry, 'expires')),
    installations: choiceOf(entry, 'installations', ['none', 'rare', 'common'] as const),
  };
}

/** Throws RequestFault. */
export function readRevocation(entry: Fields | null): IssuerRevocation | null {
  if (entry === null) return null;
  onlyKeys(entry, [...REQUEST_KEYS, ...REVOKE_KEYS]);
  const done = readClass(entry, 'done');
  const request = readTemplate(entry);
  const fromCheck = Object.fromEntries(Object.entries(textMap(entry, 'from-check')).map(([name, path]) => [nameOf(name), replyPath(path)]));
  const host = request.url.replace(/^https:\/\/([^/?]*).*$/, '$1');
  for (const name of Object.keys(fromCheck))
    if (host.includes(`<${name}>`)) throw new RequestFault(`${name}: no reply says where values are sent`);
  return {
    request,
    pieces: readPieces(entry),
    fromCheck,
    done: done.statuses.length === 0 ? { ...done, statuses: DONE_STATUSES } : done,
    trial: entry['trial'] === undefined ? null : textMap(entry, 'trial'),
    isAsynchronous: flagOf(entry, 'asynchronous'),
    notifiesOwner: flagOf(entry, 'notifies-owner'),
    effects: textsOf(entry, 'effects'),
  };
}

/** Returns the names that a request needs beside the value, each once. */
export function namesIn(request: RequestTemplate): string[] {
  const texts = [
    request.url,
    ...request.origins,
    ...Object.values(request.headers),
    ...(request.basic ?? []),
    ...Object.values(request.query),
  ];
  if (request.body?.kind === 'form') texts.push(...Object.values(request.body.form));
  if (request.body?.kind === 'json') texts.push(...textsIn(request.body.json));
  const names = texts.flatMap((text) => Array.from(text.matchAll(/<([a-z0-9-]+)>/g), ([, name = '']) => name));
  return [...new Set(names)].filter((name) => name !== 'secret');
}

function readTemplate(entry: Fields): RequestTemplate {
  const verbs = Object.entries(METHODS).filter(([key]) => entry[key] !== undefined);
  const [verb] = verbs;
  if (!verb || verbs.length > 1) throw new RequestFault('exactly one of get, post, put, delete is needed');
  const template: RequestTemplate = {
    method: verb[1],
    url: textOf(entry, verb[0]),
    origins: textsOf(entry, 'origins'),
    headers: headersOf(entry),
    basic: basicOf(entry),
    query: Object.fromEntries(Object.entries(textMap(entry, 'query')).map(([name, text]) => [name, withMark(text)])),
    body: bodyOf(entry),
  };
  checkAddress(template);
  if (template.method === 'GET' && template.body !== null) throw new RequestFault('get sends no body');
  return template;
}

function checkAddress({ url, origins }: RequestTemplate): void {
  if (url === '<secret>') {
    if (origins.length === 0) throw new RequestFault('an address that is the value needs origins');
    for (const origin of origins)
      if (!URL.canParse(origin) || new URL(origin).origin !== origin || !origin.startsWith('https://'))
        throw new RequestFault(`origins: ${origin} is no https origin`);
    return;
  }
  if (origins.length > 0) throw new RequestFault('origins are for an address that is the value');
  const parts = /^https:\/\/([^/?#]+)(\/[^#]*)?$/.exec(url);
  if (!parts) throw new RequestFault(`${url} is no https address with a path`);
  const host = parts[1] ?? '';
  if (!HOST.test(host)) throw new RequestFault(`the host ${host} is none`);
  if (host.includes('<secret>')) throw new RequestFault('the value must not stand in the host');
  if (!URL.canParse(url.replace(/<[a-z0-9-]+>/g, 'x'))) throw new RequestFault(`${url} is no address`);
}

function headersOf(entry: Fields): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(textMap(entry, 'header'))) {
    if (!HEADER_NAME.test(name) || /^(?:host|content-length|transfer-encoding|connection)$/i.test(name))
      throw new RequestFault(`header: ${name} cannot be set`);
    headers[name.toLowerCase()] = withMark(text);
  }
  if (entry['bearer'] !== undefined) {
    if ('authorization' in headers) throw new RequestFault('bearer and a header Authorization');
    headers['authorization'] = `Bearer ${withMark(textOf(entry, 'bearer'))}`;
  }
  return headers;
}

function basicOf(entry: Fields): readonly [string, string] | null {
  const value = entry['basic'];
  if (value === undefined) return null;
  const [user, password, ...more]: unknown[] = Array.isArray(value) ? value : [];
  if (typeof user !== 'string' || typeof password !== 'string' || more.length > 0) throw new RequestFault('basic is [user, password]');
  return [withMark(user), withMark(password)];
}

function bodyOf(entry: Fields): RequestTemplate['body'] {
  if (entry['json'] !== undefined && entry['form'] !== undefined) throw new RequestFault('json and form');
  if (entry['form'] !== undefined)
    return { kind: 'form', form: Object.fromEntries(Object.entries(textMap(entry, 'form')).map(([name, text]) => [name, withMark(text)])) };
  return entry['json'] === undefined ? null : { kind: 'json', json: readJson(entry['json'], 0) };
}

function readJson(value: unknown, depth: number): Json {
  if (depth > MAX_NESTING) throw new RequestFault('json nests too deep');
  if (typeof value === 'string') return withMark(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => readJson(item, depth + 1));
  if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readJson(item, depth + 1)]));
  throw new RequestFault('json: plain data is needed');
}

function textsIn(json: Json): string[] {
  if (typeof json === 'string') return [json];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap((item: Json) => textsIn(item)) : [];
}

/** `secret` alone is short for `<secret>`. */
function withMark(text: string): string {
  return text === 'secret' ? '<secret>' : text;
}

function readPieces(entry: Fields): ValuePieces {
  const found = entry['pieces'] ?? {};
  if (!isFields(found)) throw new RequestFault('pieces: a mapping is needed');
  return Object.fromEntries(Object.entries(found).map(([name, piece]) => [nameOf(name), readPiece(piece, name)]));
}

function readPiece(piece: unknown, name: string): ValuePiece {
  const fault = new RequestFault(
    `pieces: ${name} is { at: separator, part: number } or { last: number }, with decode: base64, digest: sha256`,
  );
  if (!isFields(piece)) throw fault;
  const { at, part, last, decode, digest, ...others } = piece;
  if (Object.keys(others).length > 0 || (decode ?? 'base64') !== 'base64' || (digest ?? 'sha256') !== 'sha256') throw fault;
  const how = { isBase64: decode !== undefined, isDigested: digest !== undefined };
  const isWhole = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_ENTRIES;
  if (at === undefined && part === undefined && isWhole(last) && last > 0) return { where: { last }, ...how };
  if (last === undefined && typeof at === 'string' && at !== '' && isWhole(part)) return { where: { at, part }, ...how };
  throw fault;
}

function readClass(entry: Fields, key: string): ReplyClass {
  const statuses = entry[key] ?? [];
  const isTelling = (status: unknown): status is number =>
    typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= MAX_TELLING_STATUS && status !== 429;
  if (!Array.isArray(statuses) || !statuses.every(isTelling))
    throw new RequestFault(`${key}: a list of statuses from 200 to 499 is needed`);
  const conditions = entry[`${key}-when`] ?? {};
  if (!isFields(conditions)) throw new RequestFault(`${key}-when: a mapping is needed`);
  return { statuses, when: Object.entries(conditions).map(([path, expected]) => readCondition(path, expected)) };
}

/** `'*'` is anything but nothing; a list is one of them. */
function readCondition(path: string, expected: unknown): ReplyCondition {
  if (expected === '*') return { path: replyPath(path), is: 'present' };
  const all: unknown[] = Array.isArray(expected) ? expected : [expected];
  const isPlain = (value: unknown): value is string | number | boolean | null =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value);
  if (all.length === 0 || !all.every(isPlain)) throw new RequestFault(`${path}: a plain value or a list of them is needed`);
  return { path: replyPath(path), is: all };
}

function replyPath(path: string): string {
  if (/^header:[a-z0-9-]{1,80}$/.test(path) || (path.length <= 200 && REPLY_PATH.test(path))) return path;
  throw new RequestFault(`${path} is no path of a reply`);
}

function nameOf(name: string): string {
  if (NAME.test(name) && name !== 'secret') return name;
  throw new RequestFault(`${name} is no name`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function onlyKeys(entry: Fields, known: readonly string[]): void {
  for (const key of Object.keys(entry)) if (!known.includes(key)) throw new RequestFault(`there is no key ${key}`);
}

function textOf(entry: Fields, key: string): string {
  const value = entry[key];
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEMPLATE_CHARS || /[\0\r\n]/.test(value))
    throw new RequestFault(`${key}: a text of one line is needed`);
  return value;
}

function textsOf(entry: Fields, key: string): string[] {
  const value = entry[key] ?? [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_ENTRIES || !list.every((item) => typeof item === 'string' && item !== ''))
    throw new RequestFault(`${key}: a list of texts is needed`);
  return list.map(String);
}

function textMap(entry: Fields, key: string): Record<string, string> {
  const value = entry[key] ?? {};
  if (!isFields(value) || Object.keys(value).length > MAX_ENTRIES) throw new RequestFault(`${key}: a mapping is needed`);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') throw new RequestFault(`${key}: ${name}: a text is needed`);
      if (/[\0\r\n]/.test(text) || text.length > MAX_TEMPLATE_CHARS) throw new RequestFault(`${key}: ${name}: one line is needed`);
      return [name, text];
    }),
  );
}

function choiceOf<T extends string>(entry: Fields, key: string, all: readonly [T, ...T[]]): T {
  const value = entry[key] ?? all[0];
  const found = all.find((one) => one === value);
  if (found === undefined) throw new RequestFault(`${key}: one of ${all.join(', ')} is needed`);
  return found;
}

function flagOf(entry: Fields, key: string): boolean {
  const value = entry[key] ?? false;
  if (typeof value !== 'boolean') throw new RequestFault(`${key}: true or false is needed`);
  return value;
}
