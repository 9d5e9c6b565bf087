/**
 * Tokens for Google's APIs, in the order of Google's own tools: a variable or a file that the settings name, GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the
 * metadata server. Method: google.aip.dev/auth/4110 and the pages after it (4112 service account, 4113 user, 4115 metadata, 4117 federation).
 */
import { createSign } from 'node:crypto';
import { StoreError } from '../core/stores.ts';
import { type AccessToken, askMetadata, askOnce, fetchToken, readToken } from './access-token.ts';
import { expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf } from './store-kind.ts';

/** A token, and whose it is as far as the credentials say. */
export type GcpToken = AccessToken & { readonly identity: string };

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com/token';
const METADATA = '169.254.169.254';
const TOKEN_SECONDS = 3600;
/** Credentials that take the role of others, who take the role of others. */
const MAX_CHAIN = 4;
const NO_CREDENTIALS =
  'no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS to a file, log in with gcloud auth application-default login, or run on Google Cloud';

/** Fetches a token. Throws StoreError. */
export async function fetchGcpToken(settings: StoreSettings, context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const variable = settingOf(settings, 'token-variable');
  if (variable !== undefined) {
    const token = context.env[variable]?.trim();
    if (!token) throw new StoreError('misconfigured', `store of kind gcp: ${variable} holds no token`);
    return { token, expiresAt: null, identity: `token of ${variable}` };
  }
  const file = await readCredentials(settings, context);
  return file ? tokenOf(file.json, file.path, context, signal, 0) : tokenOfMachine(context, signal);
}

/** Returns the credentials file, or null where there is none and nobody named one. */
async function readCredentials(settings: StoreSettings, { env, readFile }: StoreContext): Promise<{ path: string; json: Json } | null> {
  const named = settingOf(settings, 'credentials-file') ?? env['GOOGLE_APPLICATION_CREDENTIALS'];
  const folder = env['CLOUDSDK_CONFIG'] ?? (env['APPDATA'] ? `${env['APPDATA']}/gcloud` : `${env['HOME'] ?? ''}/.config/gcloud`);
  const path = named || `${folder}/application_default_credentials.json`;
  // gcloud's file is there or not; one that somebody names must be.
  const text = named ? await readFile(path) : await readFile(path).catch(() => null);
  if (text === null) return null;
  try {
    const json: unknown = JSON.parse(text);
    if (isJson(json)) return { path, json };
  } catch {
    // Said below; the parser's message may hold a part of the file.
  }
  throw new StoreError('misconfigured', `${path} is no file of Google credentials`);
}

async function tokenOf(file: Json, path: string, context: StoreContext, signal: AbortSignal, depth: number): Promise<GcpToken> {
  const source = file['source_credentials'];
  switch (file['type']) {
    case 'service_account':
      return tokenOfServiceAccount(file, path, context, signal);
    case 'authorized_user':
      return tokenOfUser(file, path, context, signal);
    case 'external_account':
      return tokenOfFederation(file, path, context, signal);
    case 'impersonated_service_account':
      if (!isJson(source) || depth >= MAX_CHAIN) break;
      return impersonate(
        await tokenOf(source, path, context, signal, depth + 1),
        field(file, 'service_account_impersonation_url', path),
        context,
        signal,
      );
  }
  throw new StoreError('misconfigured', `${path} holds credentials of a type that is not supported`);
}

async function tokenOfServiceAccount(file: Json, path: string, context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const identity = field(file, 'client_email', path);
  const url = googleUrl(file['token_uri'] ?? TOKEN_ENDPOINT, path);
  const issued = Math.floor(context.now().getTime() / 1000);
  const kid = typeof file['private_key_id'] === 'string' ? { kid: file['private_key_id'] } : {};
  // The audience is this one, wherever the file says that tokens are asked for.
  const claims = { iss: identity, scope: SCOPE, aud: TOKEN_ENDPOINT, iat: issued, exp: issued + TOKEN_SECONDS };
  const text = [{ alg: 'RS256', typ: 'JWT', ...kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const assertion = `${text}.${signRs256(text, field(file, 'private_key', path), path)}`;
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  return { ...(await fetchToken(context, { url, form, what: 'Google’s token endpoint', signal }, oauthCode)), identity };
}

async function tokenOfUser(file: Json, path: string, context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const form = {
    grant_type: 'refresh_token',
    client_id: field(file, 'client_id', path),
    client_secret: field(file, 'client_secret', path),
    refresh_token: field(file, 'refresh_token', path),
  };
  const url = googleUrl(file['token_uri'] ?? TOKEN_ENDPOINT, path);
  return {
    ...(await fetchToken(context, { url, form, what: 'Google’s token endpoint', signal }, oauthCode)),
    identity: 'user logged in with gcloud',
  };
}

async function tokenOfFederation(file: Json, path: string, context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const audience = field(file, 'audience', path);
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience,
    scope: SCOPE,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: field(file, 'subject_token_type', path),
    subject_token: await subjectToken(file['credential_source'], path, context, signal),
  };
  const url = googleUrl(file['token_url'], path);
  const token = { ...(await fetchToken(context, { url, form, what: 'Google’s token exchange', signal }, oauthCode)), identity: audience };
  const role = file['service_account_impersonation_url'];
  return typeof role === 'string' ? impersonate(token, role, context, signal) : token;
}

/** The outside identity's token: from a file, or from an address with headers (what google-github-actions/auth writes). */
async function subjectToken(source: unknown, path: string, context: StoreContext, signal: AbortSignal): Promise<string> {
  const { file, url, headers, format }: Json = isJson(source) ? source : {};
  if (typeof file !== 'string' && typeof url !== 'string')
    throw new StoreError('misconfigured', `${path}: only federation by a token’s file or address is supported`);
  const text = (typeof file === 'string' ? await context.readFile(file) : await textAt(String(url), headers, context, signal)).trim();
  if (!isJson(format) || format['type'] !== 'json') return text;
  try {
    const json: unknown = JSON.parse(text);
    const token = isJson(json) ? json[String(format['subject_token_field_name'])] : undefined;
    if (typeof token === 'string') return token;
  } catch {
    // Said below.
  }
  throw new StoreError('misconfigured', `${path}: its credential_source gives no token`);
}

async function textAt(url: string, headers: unknown, context: StoreContext, signal: AbortSignal): Promise<string> {
  const texts = Object.entries(isJson(headers) ? headers : {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const reply = await askOnce(context, { method: 'GET', url, headers: Object.fromEntries(texts), signal });
  expectSuccess(reply, 'the source of the federated token');
  return reply.body.toString('utf8');
}

async function impersonate(source: GcpToken, address: string, context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const url = googleUrl(address, 'the credentials file');
  const headers = { 'Authorization': `Bearer ${source.token}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ scope: [SCOPE], lifetime: `${TOKEN_SECONDS}s` });
  const reply = await askOnce(context, { method: 'POST', url, headers, body, signal, isIdempotent: true });
  const what = 'Google’s service account credentials';
  expectSuccess(reply, what);
  const json = jsonOf(reply, what);
  const expiresAt = new Date(textOf(json, 'expireTime', what));
  const identity = /serviceAccounts\/([^:/]+):/.exec(address)?.[1] ?? source.identity;
  return { token: textOf(json, 'accessToken', what), expiresAt: Number.isNaN(expiresAt.getTime()) ? null : expiresAt, identity };
}

async function tokenOfMachine(context: StoreContext, signal: AbortSignal): Promise<GcpToken> {
  const host = context.env['GCE_METADATA_HOST'] ?? METADATA;
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const reply = await askMetadata(context, { method: 'GET', url, headers: { 'Metadata-Flavor': 'Google' }, signal }, NO_CREDENTIALS);
  // Other clouds answer at the same address.
  if (reply.headers['metadata-flavor'] !== 'Google' || reply.status === 404) throw new StoreError('misconfigured', NO_CREDENTIALS);
  return { ...readToken(reply, 'the metadata server', context.now()), identity: 'service account of this machine' };
}

function signRs256(text: string, key: string, path: string): string {
  try {
    return createSign('RSA-SHA256').update(text).sign(key, 'base64url');
  } catch {
    // The cause is left out: it is about the key.
    throw new StoreError('misconfigured', `${path}: its private_key is no RSA key`);
  }
}

/** A credentials file says where tokens are asked for; only Google is asked, so that a file from elsewhere sends nothing to its author. */
function googleUrl(value: unknown, path: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  // accounts.google.com stands in old files. Loopback is where tests are.
  if (url && (url.hostname.endsWith('.googleapis.com') || url.hostname === 'accounts.google.com' || url.hostname === '127.0.0.1'))
    return url.href;
  throw new StoreError('misconfigured', `${path} names a token endpoint that is not Google’s`);
}

/** `invalid_grant` and the like (RFC 6749 section 5.2). */
function oauthCode(json: Json): string {
  const error = json['error'];
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : '';
}

function field(file: Json, key: string, path: string): string {
  const value = file[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new StoreError('misconfigured', `${path}: ${key} is missing`);
}
