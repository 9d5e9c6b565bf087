/**
 * PEM private keys (RFC 7468), also with escaped or stripped line ends as they stand in source code: the body must parse as what the label says. Tells
 * kind and size, whether a passphrase protects it, and for RSA and OpenSSH the fingerprint under which a code host lists the key.
 */
import { decodeBase64 } from './base64.ts';
import { type Element, INTEGER, magnitude, OBJECT_ID, OCTET_STRING, readElement, readElements, SEQUENCE } from './der.ts';
import { readOpenSsh, sshFingerprint, sshString } from './openssh.ts';
import { type Details, details, type Structure } from './structure.ts';

export const pem: Structure = { id: 'pem', mismatch: 'lower', read: (value) => readPem(value) };

/** A PEM file written in base64 once more (`LS0tLS1CRUdJTi…`). */
export const pemInBase64: Structure = {
  id: 'pem-base64',
  mismatch: 'lower',
  read: (value) => readPem(decodeBase64(value.replace(/\s/g, ''))?.toString('latin1') ?? ''),
};

/** The body alone, without its armour. */
export const derInBase64: Structure = {
  id: 'der-base64',
  mismatch: 'lower',
  read: (value) => {
    const bytes = decodeBase64(value.replace(/\\[nr]|[^A-Za-z0-9+/=]/g, ''));
    return bytes && (readKey(bytes, 'RSA') ?? readKey(bytes, ''));
  },
};

const ARMOUR = /-----BEGIN ([A-Z0-9 ]{0,20})PRIVATE KEY-----([\s\S]*)/;
/** Labels whose bodies are not DER; nothing is said of them. */
const OPAQUE = /PGP|SSH1|SSH2|ANY/;

function readPem(text: string): Details | null {
  const [, label = '', tail = ''] = ARMOUR.exec(text) ?? [];
  const body = tail.split('-----', 1)[0] ?? '';
  if (tail === '' || OPAQUE.test(label)) return details([]);
  if (body.includes('ENCRYPTED'))
    return details([
      ['key', label.trim()],
      ['passphrase', 'needed'],
    ]);
  const bytes = decodeBase64(body.replace(/\\+[nrt]/g, '').replace(/[^A-Za-z0-9+/=]/g, ''));
  if (!bytes) return null;
  return label.startsWith('OPENSSH') ? readOpenSsh(bytes) : readKey(bytes, label.trim());
}

/** Reads one of the private-key sequences: PKCS#1, SEC 1, DSA, PKCS#8 and encrypted PKCS#8. */
function readKey(bytes: Uint8Array, label: string): Details | null {
  const outer = readElement(bytes);
  const items = outer?.tag === SEQUENCE ? readElements(outer.body, 10) : null;
  if (!items) return null;
  const [first, second, third] = items;
  if (label === 'ENCRYPTED') return first?.tag === SEQUENCE && second?.tag === OCTET_STRING ? details([['passphrase', 'needed']]) : null;
  if (first?.tag !== INTEGER) return null;
  if (second?.tag === INTEGER && third?.tag === INTEGER) return items.length >= 9 ? rsaDetails(second, third) : details([['key', 'DSA']]);
  if (second?.tag === OCTET_STRING) return details([['key', `EC, ${8 * second.body.length} bits`]]);
  if (second?.tag === SEQUENCE && third?.tag === OCTET_STRING) return pkcs8Details(second, third);
  return null;
}

function rsaDetails(modulus: Element, exponent: Element): Details {
  const [n, e] = [modulus.body, exponent.body];
  const publicKey = Buffer.concat([Buffer.from('ssh-rsa'), e, n].map(sshString));
  return details([
    ['key', `RSA, ${8 * magnitude(n).length} bits`],
    ['fingerprint', sshFingerprint(publicKey)],
    ['passphrase', 'none'],
  ]);
}

/** Algorithms by the bytes of their object identifiers (RFC 8017, 5480, 8410). */
const ALGORITHMS: Readonly<Record<string, string>> = {
  '2a864886f70d010101': 'RSA',
  '2a8648ce3d0201': 'EC',
  '2a8648ce380401': 'DSA',
  '2b6570': 'Ed25519',
  '2b656e': 'X25519',
  '2b6571': 'Ed448',
};

function pkcs8Details(algorithm: Element, key: Element): Details | null {
  const id = readElement(algorithm.body);
  if (id?.tag !== OBJECT_ID) return null;
  const name = ALGORITHMS[Buffer.from(id.body).toString('hex')];
  return name === 'RSA'
    ? readKey(key.body, 'RSA')
    : details([
        ['key', name],
        ['passphrase', 'none'],
      ]);
}
