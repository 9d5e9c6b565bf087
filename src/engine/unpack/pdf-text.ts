/**
 * Text of a PDF's content streams: the strings of the operators that show text (ISO 32000-1, 9.4), through the fonts' tables from codes to Unicode where they
 * have one. No layout: what is moved down becomes a new line, what is moved aside a space. Used by pdf.ts.
 */
import { stringEnd } from './pdf-objects.ts';

/** Codes of a font → text. */
export type CodeTable = { readonly codeBytes: 1 | 2; readonly texts: ReadonlyMap<number, string> };

/** In thousandths of the font's size: a gap between two words, in an array of strings and gaps. */
const WORD_GAP = -180;
/** Codes of one table. */
const MAX_CODES = 65_536;

/** Returns the table that a CMap defines; null where it defines none. */
export function readCodeTable(cmap: string): CodeTable | null {
  const texts = new Map<number, string>();
  for (const block of blocksOf(cmap, 'bfchar')) {
    for (const [, code = '', text = ''] of block.matchAll(/<([0-9A-Fa-f]{2,4})>\s{0,4}<([0-9A-Fa-f]{0,64})>/g)) {
      if (texts.size < MAX_CODES) texts.set(Number.parseInt(code, 16), fromUtf16(text));
    }
  }
  for (const block of blocksOf(cmap, 'bfrange')) {
    for (const found of block.matchAll(
      /<([0-9A-Fa-f]{2,4})>\s{0,4}<([0-9A-Fa-f]{2,4})>\s{0,4}(?:<([0-9A-Fa-f]{1,64})>|\[([^\]]{0,100000})\])/g,
    )) {
      const [first, last] = [Number.parseInt(found[1] ?? '', 16), Number.parseInt(found[2] ?? '', 16)];
      const list = found[4]?.match(/[0-9A-Fa-f]+/g);
      for (let code = first; code <= last && texts.size < MAX_CODES; code++) {
        const text = list
          ? list[code - first]
          : (found[3] ?? '').slice(0, -4) + hex4(Number.parseInt((found[3] ?? '').slice(-4), 16) + code - first);
        if (text !== undefined) texts.set(code, fromUtf16(text));
      }
    }
  }
  if (texts.size === 0) return null;
  const width = /begincodespacerange\s{0,8}<([0-9A-Fa-f]{2,8})>/.exec(cmap)?.[1]?.length ?? 4;
  return { codeBytes: width === 2 ? 1 : 2, texts };
}

/** Gives what stands between `begin…` and `end…`. */
function* blocksOf(cmap: string, kind: 'bfchar' | 'bfrange'): Generator<string> {
  for (let at = cmap.indexOf(`begin${kind}`); at >= 0; at = cmap.indexOf(`begin${kind}`, at)) {
    const end = cmap.indexOf(`end${kind}`, at);
    if (end < 0) return;
    yield cmap.slice(at, end);
    at = end;
  }
}

function hex4(number: number): string {
  return (number & 0xffff).toString(16).padStart(4, '0');
}

function fromUtf16(hex: string): string {
  const bytes = Buffer.from(hex.length % 4 === 0 ? hex : hex.padStart(4, '0'), 'hex');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
}

/** Returns the text that a content stream shows; '' where it shows none. `fonts`: tables by the names that the stream uses. */
export function textOf(content: string, fonts: ReadonlyMap<string, CodeTable>): string {
  // In parts, with the last character apart: a string that grows is copied whenever one looks at its end.
  const out: string[] = [];
  let last = '\n';
  let font: CodeTable | null = null;
  let operands: string[] = [];
  let height = '';
  const put = (text: string): void => {
    if (text === '') return;
    out.push(text);
    last = text.at(-1) ?? '';
  };
  const between = (separator: string): void => {
    if (last !== '\n' && last !== separator) put(separator);
  };
  for (const token of tokensOf(content)) {
    const first = token[0] ?? '';
    if (first === '(' || first === '<' || first === '/' || first === '[' || first === ']' || /^[-+.\d]/.test(token)) {
      if (operands.push(token) > 4096) operands = operands.slice(-4096);
      continue;
    }
    switch (token) {
      case 'Tf':
        font = fonts.get((operands.at(-2) ?? '').slice(1)) ?? null;
        break;
      case 'Td':
      case 'TD':
        between(Number(operands.at(-1)) === 0 ? ' ' : '\n');
        break;
      case 'Tm':
        between(operands.at(-1) === height ? ' ' : '\n');
        height = operands.at(-1) ?? '';
        break;
      case 'T*':
      case 'ET':
        between('\n');
        break;
      case "'":
      case '"':
        between('\n');
        put(shown(operands.slice(-1), font));
        break;
      case 'Tj':
      case 'TJ':
        put(shown(token === 'Tj' ? operands.slice(-1) : operands.slice(operands.lastIndexOf('[') + 1), font));
        break;
    }
    operands = [];
  }
  return out.join('');
}

/** Strings, names, brackets, numbers and operators. What stands in an image between `ID` and `EI` is stepped over. */
function* tokensOf(content: string): Generator<string> {
  const token =
    /[ \t\r\n\f\0]{1,1000}|%[^\r\n]{0,1000}|<<|>>|[[\]{}]|\/[^\s()<>[\]{}/%]{0,200}|<[0-9A-Fa-f\s]{0,100000}>|[^\s()<>[\]{}/%]{1,200}|[\s\S]/y;
  for (let at = 0; at < content.length; ) {
    if (content[at] === '(') {
      const end = stringEnd(content, at, Math.min(content.length, at + 100_000));
      yield content.slice(at, end + 1);
      at = end + 1;
      continue;
    }
    token.lastIndex = at;
    const found = token.exec(content)?.[0] ?? '';
    at += Math.max(1, found.length);
    if (found === 'ID') {
      const end = /\sEI\b/g;
      end.lastIndex = at;
      at = end.exec(content)?.index ?? content.length;
    } else if (!/^[\s%\0]/.test(found)) yield found;
  }
}

function shown(strings: readonly string[], font: CodeTable | null): string {
  return strings.map((token) => (/^[-+.\d]/.test(token) ? (Number(token) < WORD_GAP ? ' ' : '') : decoded(bytesOf(token), font))).join('');
}

function decoded(bytes: string, font: CodeTable | null): string {
  if (!font) return bytes;
  let text = '';
  for (let at = 0; at < bytes.length; at += font.codeBytes) {
    const code = font.codeBytes === 1 ? bytes.charCodeAt(at) : bytes.charCodeAt(at) * 256 + (bytes.charCodeAt(at + 1) || 0);
    text += font.texts.get(code) ?? '';
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Returns the bytes of `(text \050)` or `<68656c6c6f>`, as Latin-1. */
function bytesOf(token: string): string {
  if (token.startsWith('<')) return Buffer.from(token.replace(/[^0-9A-Fa-f]/g, ''), 'hex').toString('latin1');
  if (!token.startsWith('(')) return '';
  return token.slice(1, -1).replace(/\\(?:([0-7]{1,3})|(\r\n|[\s\S]))/g, (_, octal: string | undefined, character: string | undefined) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return /^[\r\n]/.test(character ?? '') ? '' : (ESCAPES[character ?? ''] ?? character ?? '');
  });
}
