/**
 * AWS Signature Version 4: a request goes in, the headers that sign it come out. Used by the store (Secrets Manager, STS) and by the issuer (IAM).
 * Method: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; checked against AWS's published examples and botocore.
 */
import { createHash, createHmac } from 'node:crypto';

export type AwsKeys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

export type SignedRequest = {
  readonly method: string;
  readonly url: string;
  /** Without Host, which is taken from the address. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type SigningScope = { readonly service: string; readonly region: string; readonly keys: AwsKeys; readonly now: Date };

/** Returns the request's headers with X-Amz-Date, X-Amz-Security-Token and Authorization. */
export function signV4(request: SignedRequest, { service, region, keys, now }: SigningScope): Record<string, string> {
  const stamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...request.headers,
    'X-Amz-Date': stamp,
    ...(keys.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': keys.sessionToken }),
  };
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const { canonical, signedHeaders } = canonicalRequest(request, headers);
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const signature = hmac(signingKey(keys.secretAccessKey, stamp.slice(0, 8), region, service), text).toString('hex');
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  return { ...headers, Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}` };
}

function canonicalRequest(
  { method, url, body }: SignedRequest,
  headers: Readonly<Record<string, string>>,
): { canonical: string; signedHeaders: string } {
  const { host, pathname, searchParams } = new URL(url);
  const fields = Object.entries({ ...headers, host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const query = [...searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const signedHeaders = fields.map(([name]) => name).join(';');
  // A path is encoded once more than it is sent, for every service but S3.
  const path = pathname.split('/').map(encode).join('/');
  const lines = fields.map(([name, value]) => `${name}:${value}\n`).join('');
  return { canonical: [method, path, query, lines, signedHeaders, sha256(body)].join('\n'), signedHeaders };
}

function signingKey(secret: string, day: string, region: string, service: string): Buffer {
  return [day, region, service, 'aws4_request'].reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
