/**
 * Asks an issuer one question and says what its reply means. In: a filled request, the rule's reading of replies. Out: an IssuerAnswer. Only what the rule says proves
 * something does: a page of HTML, a redirect, a missing page, a proxy's refusal, a server's failure are unknown (facts: many a service has closed since it was noted).
 */
import type { IssuerCheck } from '../core/issuer-requests.ts';
import type { IssuerAnswer } from '../core/rotation.ts';
import { type HttpClient, HttpError, type HttpReply } from '../net/http-client.ts';
import type { FilledRequest } from './fill-request.ts';
import { fieldAt, isOf, listAt, openReply, type ReadReply, saysError, timeAt } from './reply-fields.ts';

type Unknown = (IssuerAnswer & { readonly state: 'unknown' })['why'];

/** Never throws for what the far side does; `read` is the reply, for those who need more of it. */
export async function askIssuer(
  client: HttpClient,
  request: FilledRequest,
  check: IssuerCheck,
  signal: AbortSignal,
): Promise<{ readonly answer: IssuerAnswer; readonly read: ReadReply | null }> {
  try {
    const read = openReply(await client.send({ ...request, signal, isIdempotent: true }));
    return { answer: answerOf(check, read), read };
  } catch (error) {
    if (error instanceof HttpError) return { answer: { state: 'unknown', why: WHY[error.why] }, read: null };
    throw error;
  }
}

const WHY: Readonly<Record<HttpError['why'], Unknown>> = {
  'unreachable': 'unreachable',
  'timed-out': 'timed-out',
  'throttled': 'rate-limited',
  'too-large': 'odd-reply',
  'not-allowed': 'no-checker',
  'interrupted': 'timed-out',
};

function answerOf(check: IssuerCheck, read: ReadReply): IssuerAnswer {
  if (read.isHtml) return { state: 'unknown', why: read.status >= 500 ? 'unreachable' : 'odd-reply' };
  if (isOf(check.refused, read)) return { state: 'refused' };
  if (isOf(check.accepted, read) && (check.accepted.when.length > 0 || read.status >= 300 || !saysError(read)))
    return accepted(check, read);
  if (read.status === 401 || read.status === 403 || read.status === 407) return { state: 'unknown', why: 'denied' };
  return { state: 'unknown', why: read.status >= 500 ? 'unreachable' : 'odd-reply' };
}

function accepted(check: IssuerCheck, read: ReadReply): IssuerAnswer {
  const identity = check.identity.flatMap((path) => fieldAt(path, read) ?? []).join(', ');
  const scopes = check.scopes === null ? undefined : listAt(check.scopes, read);
  const expiresAt = check.expires === null ? undefined : timeAt(check.expires, read);
  return {
    state: 'accepted',
    ...(identity === '' ? {} : { identity }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** GitHub and others say 403 where they mean 429. */
export function isThrottled({ status, headers }: HttpReply): boolean {
  return status === 403 && (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0');
}
