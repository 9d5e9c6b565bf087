/**
 * What an unmarked value is by its own text, when it is something else than a credential: facts of form, no judgement of names.
 * The generic rules ask (generic.ts); placeholders.ts takes the references from here. Text is Latin-1, one character a byte.
 *
 * The order matters: the notations of tools come first, forms that random text could take come last.
 */
import type { Rarity } from './rarity.ts';
import { isCodeReference, isIdentifier, isPath, isSentence, isUrl } from './value-words.ts';

export type ValueKind =
  | 'uuid'
  | 'hex-digest'
  | 'integrity-hash'
  | 'path'
  | 'url'
  | 'identifier'
  | 'number'
  | 'date'
  | 'version'
  | 'sentence'
  | 'code-reference'
  | 'store-reference'
  | 'template'
  | 'public-key'
  | 'password-hash'
  | 'ciphertext';

type Test = readonly [ValueKind, RegExp | ((text: string, rarity?: Rarity) => boolean)];

/** Of longer text only the opening is looked at. */
const MAX_CHARACTERS = 1024;

const TESTS: readonly Test[] = [
  // SOPS, Jasypt, eyaml; Ansible; Vault's transit engine; AWS KMS; dotenvx; Pulumi; openssl enc; Fernet; age and PGP messages, with or without their first line.
  ['ciphertext', /^(?:ENC\[|ENC\(|\$ANSIBLE_VAULT;|vault:v\d+:|AQICAH|encrypted:|v1:[A-Za-z0-9+/]{8,}={0,2}:[A-Za-z0-9+/]{8}|U2FsdGVkX1)/],
  // Spring Cloud Config; Mule; WebLogic and Liberty; Talend; Data Protection of ASP.NET, DPAPI of Windows; SQL Server's HASHED.
  ['ciphertext', /^(?:\{cipher\}|!\[[A-Za-z0-9+/]{16,}={0,2}\]$|\{aes\d{0,3}\}|enc:system\.|!ENC!|0x0[12]00[0-9A-F]{40})/i],
  ['ciphertext', /^(?:CfDJ8[A-Za-z0-9_-]{40}|AQAAANCMnd8B[A-Za-z0-9+/]{40})/],
  [
    'ciphertext',
    /^(?:gAAAAA[A-Za-z0-9_-]{90}|(?:wcFMA|wcBMA|hQ[EI]MA)[A-Za-z0-9+/]{40}|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)|!vault\b|AgA[A-Za-z0-9+/]{250}|AgB[A-Za-z0-9+/]{250})/,
  ],
  [
    'store-reference',
    /^(?:vault:|op:\/\/|ref\+|doppler:\/\/|infisical:\/\/|gcp:\/\/\/|sm:\/\/|gsm:|keyring:|secretsmanager:|awssm:|aws-sm:|gcp-sm:|ssm:|akv:|\$\{(?:[a-z-]{1,20}:\/\/|(?:aws|gcp|azure)-[a-z-]{2,20}:))/,
  ],
  [
    'store-reference',
    /^(?:projects\/[^/]{1,100}\/secrets\/|arn:aws[a-z-]{0,10}:(?:secretsmanager|ssm|kms):|@Microsoft\.KeyVault\(|!(?:Ref|Sub|GetAtt)\b)/,
  ],
  ['store-reference', /\{\{resolve:(?:secretsmanager|ssm)/],
  ['template', isTemplate],
  // crypt(3), bcrypt, Argon2, PHPass, Drupal; LDAP; Django; Werkzeug; SCRAM; MySQL; PostgreSQL.
  ['password-hash', /^\$(?:2[abxy]?|1|5|6|7|y|gy|apr1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,12}|P|H|S|sha1)\$[A-Za-z0-9./=,$+_-]{8,}$/],
  [
    'password-hash',
    /^(?:\{(?:S?SHA\d{0,3}|S?MD5|CRYPT|SHA\d{3}-CRYPT|PBKDF2[\w-]*|ARGON2)\}|(?:pbkdf2_|bcrypt|argon2|scrypt)[a-z0-9_]{0,12}\$|SCRAM-SHA-)/i,
  ],
  [
    'password-hash',
    /^(?:pbkdf2:sha\d{1,3}:\d|scrypt:\d+:\d+:\d+\$|\*[0-9A-F]{40}$|md5[0-9a-f]{32}$|sha1\$|md5\$[^$]{1,40}\$[0-9a-f]{32}$)/,
  ],
  ['integrity-hash', /^(?:sha(?:1|224|256|384|512)|md5|blake2[bs]|blake3)[-:=][A-Za-z0-9+/]{20,128}={0,2}(?:\s|$)/i],
  ['integrity-hash', /^(?:h1:[A-Za-z0-9+/]{43}=|zh:[0-9a-f]{64}|[\w./-]{1,100}@sha256:[0-9a-f]{64})$/],
  [
    'public-key',
    /^-----BEGIN (?:[A-Z0-9 ]{0,20}PUBLIC KEY|CERTIFICATE|X509 CRL|(?:NEW )?CERTIFICATE REQUEST|TRUSTED CERTIFICATE|(?:PGP|SSH) SIGN|PKCS7|CMS)/,
  ],
  [
    'public-key',
    /^(?:(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{3,40} AAAA|age1[02-9ac-hj-np-z]{58}$|[xyztuv]pub[1-9A-HJ-NP-Za-km-z]{107}$|0x[0-9a-fA-F]{40}$)/,
  ],
  // Of NATS: an account, a user, an operator and their kin; a seed begins with S.
  ['public-key', /^[UAOCNX][A-Z2-7]{55}$/],
  // What stands behind `ssh-rsa` and its kin, without that name.
  ['public-key', /^AAAA(?:B3NzaC1yc2E|B3NzaC1kc3M|C3NzaC1lZDI1NTE5|E2VjZHNhLXNoYTIt)/],
  // SubjectPublicKeyInfo of RSA (4096, 2048, 1024 bits), EC and Ed25519, PKCS #1 public keys, X.509 certificates, all in DER.
  [
    'public-key',
    /^(?:MI[IG][A-Za-z0-9+/]{1,3}j?A?NBgkqhkiG9w0BAQEFAA|MIGfMA0GCSqGSIb3DQEBAQUAA4|MF[kY]wEwYHKoZIzj0CAQYI|MHYwEAYHKoZIzj0CAQYF)/,
  ],
  ['public-key', /^(?:MCowBQYDK2V[wu]AyEA|MII[BCD]CgKCA[QY]EA|MIGJAoGBA|MII[A-Za-z0-9+/]{3}CC[A-Za-z0-9+/]{3}gAwIBA)/],
  ['uuid', /^(?:urn:uuid:)?[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[)}]?$/i],
  [
    'date',
    /^\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}[\d:.]{0,12}(?:Z|[+-]\d{2}:?\d{2})?)?)?$|^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$|^\d{1,2}:\d{2}(?::\d{2})?$/,
  ],
  ['date', /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? \d/],
  // Object identifiers, coordinates of Maven
  ['version', /^\d{1,3}(?:\.\d{1,9}){4,20}$|^[\w.-]{2,80}:(?:jar|war|pom|aar|bundle):[\w.:-]{1,60}$/],
  ['version', /^[v^~=<>]{0,2} ?\d{1,5}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+][0-9A-Za-z.+-]{1,40})?$/],
  // A host by its number, with a port
  ['url', /^(?:\d{1,3}\.){3}\d{1,3}:\d{2,5}$/],
  ['number', /^[-+(]{0,2}\d[\d_,. ()-]{0,24}(?:[eE][-+]?\d{1,3}|[kKmMgGtT]?i?[bB]?|%|px|ms|s|m|h|d)$/],
  // 0x and up to 16 digits; IPv4 and IPv6 addresses with a mask; MAC addresses, serial numbers, fingerprints.
  [
    'number',
    /^(?:0x[0-9a-fA-F]{1,16}|(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d{1,5})?|[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5,31}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?:\/\d{1,3})?)$/,
  ],
  ['version', /^[\d.]{1,12}(?:[;,] ?[\d.]{1,12}){2,60}$/],
  ['hex-digest', /^(?:[0-9a-f]+|[0-9A-F]+)$/],
  // Escapes of one character or two, formats of printf at the end of a line, tags of Go's structs, minified conditions
  [
    'code-reference',
    /^(?:\\u[0-9a-fA-F]{4}){1,4}$|^%[-+#0-9.]{0,6}[a-zA-Z]\\[nrt]|^[a-z]{2,12}:\\?"[\w,.-]{0,40}\\?"$|^[\w$]{1,3}\?[\w$]{1,3}:$|^0x[0-9A-Fa-f]{1,16}[,;)]|^[A-Za-z]+:$/,
  ],
  // Shortcuts: `Ctrl-Shift-F1`, `Alt-L|Ctrl-F1`
  ['code-reference', /^(?:Ctrl|Control|Alt|Shift|Cmd|Command|Meta|Option|Mod)[-+][\w+|-]{1,40}$/i],
  ['url', isUrl],
  // Files of keys, libraries and sources
  [
    'path',
    /^[A-Za-z][\w.-]{1,80}\.(?:der|pem|crt|cer|p8|p12|pfx|jks|gpg|asc|lo|la|so|dll|exe|java|yaml|yml|json|toml|conf|cfg|ini|html|xml)$/,
  ],
  ['path', isPath],
  ['code-reference', isCodeReference],
  ['sentence', isSentence],
  ['identifier', isIdentifier],
];

/** Lengths of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512 in hexadecimal, and of what test vectors of ciphers have for keys, DES and AES-192, of which there are thousands in a file. */
const DIGEST_CHARACTERS: readonly number[] = [16, 32, 40, 48, 56, 64, 96, 128];

/**
 * Returns what the value is, or null when it could be a credential. A `hex-digest` has the length of one, which keys have too: names
 * decide. An `identifier` is made of words alone, which weak passwords are too. `${NAME:-default}` is judged by its default. `rarity`: the text's, where that is known.
 */
export function kindOfValue(text: string, rarity?: Rarity): ValueKind | null {
  const value = text.trim().slice(0, MAX_CHARACTERS);
  const fallback = defaultOf(value);
  if (fallback !== null) return kindWithoutDefault(fallback);
  return kindWithoutDefault(value, value === text ? rarity : undefined);
}

function kindWithoutDefault(value: string, rarity?: Rarity): ValueKind | null {
  for (const [kind, test] of TESTS) {
    if (kind === 'hex-digest' && !DIGEST_CHARACTERS.includes(value.length)) continue;
    if (typeof test === 'function' ? test(value, rarity) : test.test(value)) return kind;
  }
  return null;
}

/** Returns the text after `:-` or `-` in a shell expansion (`${NAME:-text}`), or null when there is none or it is empty. */
export function defaultOf(value: string): string | null {
  return /^\$\{\w{1,100}:?[-=]([^{}$]{1,500})\}$/.exec(value)?.[1] ?? null;
}

/** A variable of a shell, a template engine, a build tool, a format string: anything that something else is put in place of. */
function isTemplate(value: string): boolean {
  return TEMPLATE_INSIDE.some((form) => form.test(value)) || TEMPLATE_WHOLE.some((form) => form.test(value));
}

const TEMPLATE_INSIDE = [
  /\$\{[\w.:?=@'"()[\], |/$-]{0,200}\}/,
  /\{\{[^}]{0,200}\}\}/,
  /<%[^%]{0,200}%>/,
  /\{%[^%]{0,200}%\}/,
  /#\{[A-Za-z_@:$][\w.:?=@'"()[\], |/>-]{0,200}\}/,
  /\$\([A-Za-z_.$/][\w.:?=@'"$ |/<>-]{1,200}\)/,
  /\[\[[\w .-]{1,60}\]\]/,
  /^`[^`]{1,500}`$/,
] as const;

const TEMPLATE_WHOLE = [
  // $TOKEN, $token, $1, $env:TOKEN; a dollar before mixed case and digits may open a password.
  /^\$(?:[A-Z_][A-Z0-9_]*|[a-z]+(?:[_A-Z][A-Za-z_]*)?|\d|env:\w+)$/,
  /^%(?:s|d|v|q|@|[A-Z_][A-Z0-9_]*%|\([\w.]+\)[sd])$/i,
  /^@@?[A-Za-z_][A-Z0-9a-z_.]*@@?$/,
  /^@[A-Z][A-Z0-9]*_[A-Z0-9_]+$/,
  /^__[A-Za-z0-9_]+__$/,
  /^\{[A-Za-z0-9_.:-]{0,40}\}$/,
  /^\\\([\w.]+\)$/,
  /^~[A-Za-z_][A-Za-z0-9_]*~$/,
  // Logstash, batch files in batch files, Mule, SQL*Plus
  /^%\{[\w.:@[\]-]+\}$/,
  /^%%\w+%%$/,
  /^[$#]\[[\w.]+\]$/,
  /^&[A-Z][A-Z0-9_]*$/,
  // TeamCity's references, JetBrains' macros
  /^%[A-Za-z][\w.:/!-]{2,120}%$/,
  /^\$[A-Z][A-Z0-9_]*\$$/,
  /^:[a-z][A-Za-z_]*$/,
  /^<[A-Za-z][^<>]{0,80}>$/,
] as const;
