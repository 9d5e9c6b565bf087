/**
 * From a rule's template to the request that is sent: the value and other names are filled in, each encoded for its place. In: template, value, names. Out: an
 * HttpRequest, or a FillFault whose words hold no value. What stands in a host comes from the owner's settings or, where the rule says so, from a piece of the value
 * itself; never from the text round it.
 */
import { createHash } from 'node:crypto';
import type { Json, RequestTemplate, ValuePieces } from '../core/issuer-requests.ts';
import { reveal, type Secret } from '../core/secret.ts';
import type { HttpRequest } from '../net/http-client.ts';

/** Why a request cannot be made. */
export class FillFault extends Error {}

/** What stands for the names of a template. */
export type Names = {
  /** From the owner's settings; these alone may be a host, or a part of one. */
  readonly ofOwner: ReadonlyMap<string, string>;
  /** Found beside the value: companions by the id of their rule. */
  readonly beside: ReadonlyMap<string, Secret>;
  readonly pieces: ValuePieces;
};

/** Where an installation of the owner's own answers: `https://git.example/api/v3`, without a slash at the end. */
export type Installation = string;

export type FilledRequest = Omit<HttpRequest, 'signal'>;

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?$/i;
/** GitHub refuses requests without one. */
const USER_AGENT = 'leakwarden';

/** Returns the request; `installation` stands for the public address. Throws FillFault. */
export function fillRequest(
  template: RequestTemplate,
  value: Secret,
  names: Names,
  installation: Installation | null = null,
): FilledRequest {
  const text = reveal(value, 'ask-issuer');
  const named = (name: string): string => nameValue(name, text, names);
  const fill = (piece: string): string => piece.replace(/<([a-z0-9-]+)>/g, (_, name: string) => named(name));
  const { body, basic } = template;
  const headers: Record<string, string> = { 'accept': 'application/json', 'user-agent': USER_AGENT };
  for (const [name, piece] of Object.entries(template.headers)) headers[name] = fill(piece);
  if (basic) headers['authorization'] = `Basic ${Buffer.from(`${fill(basic[0])}:${fill(basic[1])}`).toString('base64')}`;
  if (body) headers['content-type'] = body.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  if (Object.values(headers).some((header) => !/^[\x20-\x7e]*$/.test(header))) throw new FillFault('a value cannot stand in a header');
  const url = addressOf(template, text, names, installation);
  for (const [name, piece] of Object.entries(template.query)) url.searchParams.append(name, fill(piece));
  return {
    method: template.method,
    url: url.href,
    headers,
    isPathSecret: true,
    ...(body?.kind === 'json' ? { body: JSON.stringify(fillJson(body.json, fill)) } : {}),
    ...(body?.kind === 'form' ? { body: new URLSearchParams(mapValues(body.form, fill)).toString() } : {}),
  };
}

/** Returns the origin that a template's request goes to, or null while the owner has not named it. */
export function originOf(template: RequestTemplate, value: Secret, names: Names, installation: Installation | null = null): string | null {
  try {
    return addressOf(template, reveal(value, 'ask-issuer'), names, installation).origin;
  } catch (error) {
    if (error instanceof FillFault) return null;
    throw error;
  }
}

function addressOf({ url, origins }: RequestTemplate, text: string, names: Names, installation: Installation | null): URL {
  if (url === '<secret>') {
    const full = /^https?:\/\//i.test(text) ? text.replace(/^http:/i, 'https:') : `https://${text}`;
    const address = URL.canParse(full) ? new URL(full) : null;
    if (!address || !origins.includes(address.origin)) throw new FillFault('the value leads elsewhere');
    return address;
  }
  const [, host = '', path = '/'] = /^https:\/\/([^/?#]+)(.*)$/s.exec(url) ?? [];
  const base =
    installation ?? `https://${host.replace(/<([a-z0-9-]+)>/g, (whole, name: string) => hostPart(name, whole === host, text, names))}`;
  const filled = path.replace(/<([a-z0-9-]+)>/g, (_, name: string) => encodeSegment(nameValue(name, text, names)));
  if (!URL.canParse(base + filled)) throw new FillFault('no address comes of it');
  return new URL(base + filled);
}

/** A dot segment would lead to another path of the same host. */
function encodeSegment(text: string): string {
  if (text === '.' || text === '..' || text === '') throw new FillFault('a value cannot stand in a path');
  return encodeURIComponent(text);
}

function hostPart(name: string, isWhole: boolean, text: string, names: Names): string {
  const owner = names.ofOwner.get(name);
  const part = owner ?? (names.pieces[name] ? pieceOf(name, text, names) : undefined);
  if (part === undefined) throw new FillFault(`${name} is not named by you`);
  if ((isWhole && owner !== undefined ? HOST_NAME : LABEL).test(part)) return part;
  throw new FillFault(`${name} is no part of a host`);
}

function nameValue(name: string, text: string, names: Names): string {
  if (name === 'secret') return text;
  if (names.pieces[name]) return pieceOf(name, text, names);
  const beside = names.beside.get(name);
  const value = beside ? reveal(beside, 'ask-issuer') : names.ofOwner.get(name);
  if (value === undefined) throw new FillFault(`${name} is needed beside the value`);
  return value;
}

function pieceOf(name: string, text: string, { pieces }: Names): string {
  const piece = pieces[name];
  if (piece === undefined) throw new FillFault(`the value has no ${name}`);
  const { where, isBase64, isDigested } = piece;
  const whole = isBase64 ? Buffer.from(text, 'base64').toString('latin1') : text;
  const part = 'last' in where ? whole.slice(-where.last) : whole.split(where.at).at(where.part);
  // Without the separator the whole value would stand for its first part.
  const isThere = part !== undefined && part !== '' && part.length < whole.length && /^[\x21-\x7e]+$/.test(part);
  if (!isThere) throw new FillFault(`the value has no ${name}`);
  return isDigested ? createHash('sha256').update(part).digest('base64url') : part;
}

function fillJson(json: Json, fill: (text: string) => string): Json {
  if (typeof json === 'string') return fill(json);
  if (typeof json !== 'object' || json === null) return json;
  return Array.isArray(json)
    ? json.map((item: Json) => fillJson(item, fill))
    : Object.fromEntries(Object.entries(json).map(([key, item]) => [key, fillJson(item, fill)]));
}

function mapValues(map: Readonly<Record<string, string>>, fill: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([name, piece]) => [name, fill(piece)]));
}
