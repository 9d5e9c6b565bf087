/** Reads single fields out of replies: by a path of the JSON (`user.login`, `0.id`) or as `header:name`. Replies are strangers' text: bounded, made printable, and never taken at their word beyond the field. */
import type { ReplyClass, ReplyCondition } from '../core/issuer-requests.ts';
import type { HttpReply } from '../net/http-client.ts';

/** Replies to questions about one credential are short; of longer ones the status alone counts. */
const MAX_PARSED_BYTES = 1 << 20;
const MAX_FIELD_CHARS = 200;
const MAX_SCOPES = 50;

export type ReadReply = {
  readonly status: number;
  readonly headers: HttpReply['headers'];
  readonly json: unknown;
  readonly isHtml: boolean;
};

export function openReply({ status, headers, body }: HttpReply): ReadReply {
  const opening = body.subarray(0, 200).toString('latin1').trimStart();
  // A deletion's empty reply is often called text/html.
  const isHtml = opening !== '' && (/^text\/html\b/i.test(headers['content-type'] ?? '') || /^<(?:!doctype|html)\b/i.test(opening));
  return { status, headers, json: isHtml || body.length > MAX_PARSED_BYTES ? undefined : parse(body), isHtml };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Many issuers answer with text, or nothing: then there are no fields.
    return undefined;
  }
}

/** Whether a reply is one of the class; a page for people never is. */
export function isOf({ statuses, when }: ReplyClass, reply: ReadReply): boolean {
  return !reply.isHtml && statuses.includes(reply.status) && when.every((condition) => holds(condition, reply));
}

function holds({ path, is }: ReplyCondition, reply: ReadReply): boolean {
  const value = valueAt(path, reply);
  if (is === 'present') return value !== undefined && value !== null && value !== '';
  return is.some((one) => one === value);
}

function valueAt(path: string, { headers, json }: ReadReply): unknown {
  if (path.startsWith('header:')) return headers[path.slice('header:'.length)];
  let value = json;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** Returns a field as text fit for print, or undefined where there is none of use. */
export function fieldAt(path: string, reply: ReadReply): string | undefined {
  const value = valueAt(path, reply);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return text === '' || text.length > MAX_FIELD_CHARS ? undefined : text;
}

/** Returns a list, or a text of words parted by commas or blanks, as list. */
export function listAt(path: string, reply: ReadReply): readonly string[] | undefined {
  const value = valueAt(path, reply);
  const words: readonly unknown[] = typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : [];
  const list = words.filter((word): word is string => typeof word === 'string' && /^[\w:.*/@-]{1,80}$/.test(word)).slice(0, MAX_SCOPES);
  return list.length === 0 ? undefined : list;
}

/** Returns a time as ISO 8601, or undefined. */
export function timeAt(path: string, reply: ReadReply): string | undefined {
  const text = fieldAt(path, reply);
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** Whether a reply with a good status says in its body that it is an error: where a rule does not say what to look for, that is no yes. */
export function saysError({ json }: ReadReply): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { ok, success, error, errors, status } = json as Readonly<Record<string, unknown>>;
  const isSomething = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== 'null');
  return ok === false || success === false || isSomething(error) || isSomething(errors) || status === 'error' || status === 'fail';
}
