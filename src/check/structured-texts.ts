/**
 * The forms of text that credentials come wrapped in, each read without a backtracking pattern and without knowing whose it is: addresses, connection strings,
 * lines, PEM. Called by structured.ts.
 */

export type NamedText = { readonly name: string; readonly value: string };

/** Longer addresses hold no password that anybody typed. */
const MAX_ADDRESS_CHARACTERS = 8192;
const MAX_LINE_CHARACTERS = 65_536;

/** Returns the password of `scheme://user:password@host`, as it stands and percent-decoded; [] where there is none. */
export function passwordsOfUrl(text: string): string[] {
  if (text.length > MAX_ADDRESS_CHARACTERS) return [];
  const opening = /^[A-Za-z][A-Za-z0-9+.:-]{0,40}:\/\//.exec(text)?.[0];
  if (opening === undefined) return [];
  const rest = text.slice(opening.length);
  const authority = rest.slice(0, endOf(rest));
  const at = authority.lastIndexOf('@');
  const colon = authority.indexOf(':');
  if (at < 0 || colon < 0 || colon > at) return [];
  const password = authority.slice(colon + 1, at);
  const decoded = percentDecoded(password);
  return password === '' ? [] : decoded === null || decoded === password ? [password] : [password, decoded];
}

/** A password may hold `/`, `?` and `#` where nobody encoded it: the authority ends at the first of them after the last `@`, if there is one. */
function endOf(rest: string): number {
  const plain = rest.search(/[/?#\s]/);
  if (plain < 0) return rest.length;
  if (rest.slice(0, plain).includes('@')) return plain;
  const at = rest.lastIndexOf('@');
  const after = at < 0 ? -1 : rest.slice(at).search(/[/?#\s]/);
  return at < 0 ? plain : after < 0 ? rest.length : at + after;
}

/** Returns null for what is not percent-encoded text. */
export function percentDecoded(text: string): string | null {
  if (!text.includes('%')) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Returns the fields of `Server=…;Password=…;` and `host=… password=…`; [] for other texts. */
export function connectionFields(text: string): NamedText[] {
  if (text.length > MAX_ADDRESS_CHARACTERS || text.includes('\n') || !text.includes('=')) return [];
  const pieces = text.includes(';') ? text.split(';') : text.split(/[ \t]+/);
  const fields = pieces.flatMap((piece) => fieldOf(piece.trim(), '='));
  return fields.length > 1 && fields.length >= pieces.filter((piece) => piece.trim() !== '').length / 2 ? fields : [];
}

/** Returns what lines say, `key=value`, `export KEY="value"`, `key: value`, `- key: value`; [] unless at least half of them speak so. */
export function lineFields(text: string): NamedText[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:#|\/\/|---)/.test(line));
  const fields = lines.flatMap((line) => {
    if (line.length > MAX_LINE_CHARACTERS) return [];
    const bare = line.trim().replace(/^(?:- +|export +|set +)/i, '');
    const colon = bare.search(/:(?:\s|$)/);
    const equals = bare.indexOf('=');
    if (colon > 0 && (equals < 0 || colon < equals)) return fieldOf(bare, ':', true);
    return fieldOf(bare, '=');
  });
  // A block of YAML has keys without a value, which say nothing but are lines in order.
  return fields.length > 0 && fields.length >= lines.length / 2 ? fields.filter(({ value }) => value !== '') : [];
}

function fieldOf(text: string, sign: '=' | ':', isEmptyToo = false): NamedText[] {
  const at = text.indexOf(sign);
  const name = text
    .slice(0, at)
    .trim()
    .replace(/^["']|["']$/g, '');
  if (at < 1 || !/^[A-Za-z_][\w .-]{0,80}$/.test(name)) return [];
  const value = unquoted(text.slice(at + 1).trim());
  return value === '' && !isEmptyToo ? [] : [{ name, value }];
}

function unquoted(text: string): string {
  const quote = text[0];
  if ((quote === '"' || quote === "'" || quote === '`') && text.length > 1 && text.endsWith(quote)) return text.slice(1, -1);
  return text;
}

/** Returns each block of a PEM bundle in one form, whatever its line ends and indents: label and base64 without blanks. Certificates and public keys are no secrets. */
export function pemBlocks(text: string): string[] {
  const blocks: string[] = [];
  const plain = text.replace(/\\[rn]/g, '\n');
  for (let at = plain.indexOf(BEGIN); at >= 0; at = plain.indexOf(BEGIN, at + 1)) {
    const head = /^([A-Z0-9 ]{1,60})-----/.exec(plain.slice(at + BEGIN.length, at + BEGIN.length + 70))?.[1];
    if (head === undefined) continue;
    const start = at + BEGIN.length + head.length + 5;
    const end = plain.indexOf(`-----END ${head}-----`, start);
    if (end < 0) break;
    // Headers of old encrypted keys (`Proc-Type: …`) are lines with a colon.
    const lines = plain
      .slice(start, end)
      .split('\n')
      .filter((line) => !line.includes(':'));
    if (head.includes('PRIVATE KEY')) blocks.push(`${head}:${lines.join('').replace(/[^A-Za-z0-9+/=]/g, '')}`);
  }
  return blocks;
}

const BEGIN = '-----BEGIN ';
