/** JSON Web Tokens (RFC 7519): header and payload must be JSON objects. They name issuer, subject, audience and end. The signature is not checked. */
import { decodeObject } from './base64.ts';
import { type Details, dateOf, details, type Structure } from './structure.ts';

export const jwt: Structure = { id: 'jwt', mismatch: 'lower', read: (value) => readJwt(value) };

/** A JWT that itself is written in base64 (`ZXlK…`). */
export const jwtInBase64: Structure = {
  id: 'jwt-base64',
  mismatch: 'lower',
  read: (value) => readJwt(Buffer.from(value, 'base64').toString('latin1')),
};

function readJwt(value: string): Details | null {
  // Some tokens wear a prefix with an underscore: ghs_1234_eyJ….
  const [head = '', body = ''] = value.slice(value.indexOf('eyJ')).split('.');
  const header = decodeObject(head);
  // An encrypted token (JWE) has `enc`, and no payload that could be read.
  if (!header || (header['alg'] === undefined && header['enc'] === undefined)) return null;
  if (header['enc'] !== undefined) return details([['encrypted with', header['enc']]]);
  const claims = decodeObject(body);
  if (!claims) return null;
  const audience = Array.isArray(claims['aud']) ? claims['aud'].filter((one) => typeof one === 'string').join(', ') : claims['aud'];
  return details([
    ['issuer', claims['iss']],
    ['subject', claims['sub']],
    ['audience', audience],
    ['project', claims['ref']],
    ['role', claims['role']],
    ['issued', dateOf(claims['iat'])],
    ['expires', dateOf(claims['exp'])],
  ]);
}
