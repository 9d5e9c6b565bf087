/** Lists of Secrets Manager, page by page, and the secret that they come to. Called by the connector, and by the rotator for the one secret that it changes. */
import { createHash } from 'node:crypto';
import { type StoredSecret, type StoredVersion, StoreError } from '../core/stores.ts';
import { type AwsRegion, callAws } from './aws-api.ts';
import { type ListedSecret, type ListedVersion, readVersions } from './aws-versions.ts';
import type { Json } from './store-http.ts';

/** AWS's largest page. */
export const AWS_PAGE = 100;
/** Pages of one secret's versions; AWS prunes those without a label above 100. */
const MAX_VERSION_PAGES = 20;
const PAGING_AGAIN = 'gives the same page again and again';

/** Yields the replies of a listing operation. */
export async function* pagesOf(at: AwsRegion, operation: string, body: Json, limit: number, signal: AbortSignal): AsyncIterable<Json> {
  let token: string | undefined;
  for (let page = 0; page < limit; page++) {
    const reply = await callAws(at, operation, { ...body, ...(token === undefined ? {} : { NextToken: token }) }, signal);
    yield reply;
    const next = reply['NextToken'];
    if (typeof next !== 'string' || next === '') return;
    if (next === token) break;
    token = next;
  }
  throw new StoreError('odd-reply', `AWS ${at.region} ${operation} ${PAGING_AGAIN}`);
}

/** Returns all versions of a secret, those without a label too. */
export async function allVersions(at: AwsRegion, arn: string, signal: AbortSignal): Promise<ListedVersion[]> {
  const pages: Json[] = [];
  const body = { SecretId: arn, IncludeDeprecated: true, MaxResults: AWS_PAGE };
  for await (const reply of pagesOf(at, 'ListSecretVersionIds', body, MAX_VERSION_PAGES, signal)) pages.push(reply);
  return pages.flatMap(readVersions);
}

export function toStored({ arn, isDeleted }: ListedSecret, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify([isDeleted, ...versions.map(({ id, state }) => [id, state])]);
  return { ref: arn, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
}
