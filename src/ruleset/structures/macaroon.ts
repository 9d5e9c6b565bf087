/**
 * PyPI's tokens: `pypi-` and a macaroon of format 2 in base64 (libmacaroons, doc/format.txt; PyPI's warehouse/macaroons): 0x02, then packets of type,
 * length and content: location (1), identifier (2), end of section (0), caveats (2), signature (6). Caveats say what the token may do.
 */
import { decodeBase64, isObject } from './base64.ts';
import { type Details, details, type Structure } from './structure.ts';

export const macaroon: Structure = { id: 'pypi-macaroon', mismatch: 'lower', read: (value) => readMacaroon(value.replace(/^pypi-/, '')) };

const LOCATION = 1;
const IDENTIFIER = 2;
const SIGNATURE = 6;
const MAX_PACKETS = 64;

function readMacaroon(encoded: string): Details | null {
  const bytes = decodeBase64(encoded);
  if (bytes?.[0] !== 2) return null;
  const packets = readPackets(bytes.subarray(1));
  const location = packets?.find(({ type }) => type === LOCATION);
  const signature = packets?.find(({ type }) => type === SIGNATURE);
  if (!packets || !location || signature?.content.length !== 32) return null;
  const identifiers = packets.filter(({ type }) => type === IDENTIFIER).map(({ content }) => content.toString('utf8'));
  return details([['issuer', location.content.toString('latin1')], ...identifiers.slice(1).flatMap(caveatDetails)]);
}

function readPackets(bytes: Buffer): { readonly type: number; readonly content: Buffer }[] | null {
  const out: { readonly type: number; readonly content: Buffer }[] = [];
  for (let at = 0; at < bytes.length && out.length < MAX_PACKETS; ) {
    const type = bytes[at++] ?? 0;
    // The end of a section has neither length nor content.
    if (type === 0) continue;
    const low = bytes[at++] ?? 0;
    const high = low < 0x80 ? 0 : (bytes[at++] ?? 0);
    if (high >= 0x80) return null;
    const length = (low & 0x7f) | (high << 7);
    if (at + length > bytes.length) return null;
    out.push({ type, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return out;
}

/** Old caveats are objects (`{"permissions": …}`), newer ones arrays whose first member is the kind (warehouse/macaroons/caveats). */
function caveatDetails(caveat: string): readonly (readonly [string, unknown])[] {
  let value: unknown;
  try {
    value = JSON.parse(caveat);
  } catch {
    return [];
  }
  if (Array.isArray(value)) {
    const [kind, one, two] = value;
    if (kind === 0) return [['expires', expiry(one)]];
    if (kind === 1) return [['projects', listed(one)]];
    if (kind === 2) return [['project ids', listed(one)]];
    if (kind === 3) return [['user id', one]];
    return kind === 4 ? [['publisher', two ?? one]] : [];
  }
  if (!isObject(value)) return [];
  const permissions = value['permissions'];
  return [['may', isObject(permissions) ? `projects ${listed(permissions['projects']) ?? ''}` : permissions]];
}

function listed(value: unknown): string | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(', ') : undefined;
}

function expiry(seconds: unknown): string | undefined {
  return typeof seconds === 'number' && seconds > 0 && seconds < 4e9 ? new Date(seconds * 1000).toISOString().slice(0, 10) : undefined;
}
