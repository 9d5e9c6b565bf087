/**
 * The slow twin of src/kernel/assembly/encoded.ts: the same spans, found by looking at every byte, with regular expressions on a Latin-1 string (a character a
 * byte) instead of tables and masks. NULs stand for what lies outside of the window.
 */
import {
  ENCODED_ANSI,
  ENCODED_BACKSLASH,
  ENCODED_BASE64,
  ENCODED_BYTES,
  ENCODED_HEX,
  ENCODED_HTML,
  ENCODED_PERCENT,
  ENCODED_QUOTED,
} from '../../src/core/kernel-layout.ts';

export type Span = { readonly kinds: number; readonly start: number; readonly end: number };

const PAD = '\0'.repeat(256);
const TEXT = /^[\t\n\r -~]*$/;

export function slowEncoded(data: Uint8Array): Span[] {
  const text = PAD + Buffer.from(data).toString('latin1') + PAD;
  const end = text.length - PAD.length;
  const spans = [...blocks(text, end), ...byteLists(text, end), ...lines(text, end)];
  return spans.map((span) => ({ ...span, start: span.start - PAD.length, end: Math.min(span.end, end) - PAD.length }));
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function isWord(text: string, at: number): boolean {
  return /\w/.test(text.charAt(at));
}

function isRun(text: string, at: number): boolean {
  return /[\w+/-]/.test(text.charAt(at));
}

function blocks(text: string, end: number): Span[] {
  const out: Span[] = [];
  let from = PAD.length;
  let runStart = 0;
  for (let p = PAD.length; p < end; p++) {
    const mayBegin =
      !isWord(text, p - 1) || [2, 3, 4, 6].some((back) => '\\%'.includes(text.charAt(p - back)) && text.charAt(p - back) !== '');
    if (!mayBegin || matchAt(/[\w+/-]{16}/y, text, p) === null) continue;
    if (!isRun(text, p - 1)) runStart = p;
    if (p < from || p - runStart > 90) continue;
    const span = hexSpan(text, p) ?? base64Span(text, p);
    if (!span) continue;
    from = span.end;
    if (span.kinds === ENCODED_HEX || /[\w+/-]/.test(text.slice(p, span.end))) out.push(...(span.isLongEnough ? [span.shown] : []));
  }
  return out;
}

type Block = { readonly kinds: number; readonly end: number; readonly isLongEnough: boolean; readonly shown: Span };

function isPacked(bytes: string): boolean {
  return /^(?:\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda])/.test(bytes);
}

function hexSpan(text: string, p: number): Block | null {
  const digits = matchAt(/[0-9a-fA-F]+/y, text, p) ?? '';
  const opening = Buffer.from(digits.slice(0, 24), 'hex').toString('latin1');
  if (!isPacked(opening) && !(opening.length === 12 && TEXT.test(opening))) return null;
  const end = p + digits.length;
  if (digits.length < 24 || digits.length % 2 === 1 || isWord(text, end)) return null;
  return { kinds: ENCODED_HEX, end, isLongEnough: true, shown: { kinds: ENCODED_HEX, start: p, end } };
}

function isBase64Text(text: string, p: number, isFirst: boolean): boolean {
  const characters = text.slice(p, p + 16);
  const bytes = Buffer.from(characters, 'base64').toString('latin1');
  // Only the first group counts for what opens gzip, whatever comes after it.
  if (isFirst && /^[\w+/-]{4}/.test(characters) && isPacked(Buffer.from(characters.slice(0, 4), 'base64').toString('latin1'))) return true;
  if (!/^[\w+/-]{16}$/.test(characters)) return false;
  return TEXT.test(isFirst ? bytes.replace(/^\xef\xbb\xbf/, '') : bytes) || /^(?:[\t\n\r -~]\0)+$/.test(bytes);
}

function base64End(text: string, p: number): number {
  return p + (matchAt(/[A-Za-z0-9]*(?:[+/][A-Za-z0-9+/]*|[_-][\w-]*)?/y, text, p)?.length ?? 0);
}

function base64Span(text: string, p: number): Block | null {
  if (!isBase64Text(text, p, true) && !(isRun(text, p + 63) && isBase64Text(text, p + 48, false))) return null;
  let end = base64End(text, p);
  const before = /([\w+/-]{60,})\r?\n[ \t]*$/.exec(text.slice(Math.max(0, p - 5000), p))?.[1] ?? '';
  if (before.length >= 60 && before.length >= end - p) return null;
  let [characters, width] = [end - p, end - p];
  for (let line = 1; characters >= 32 && text.charAt(end) !== '='; line++) {
    const next = end + (matchAt(/\r?\n[ \t]*|(?:\\r)?\\n/y, text, end)?.length ?? 0);
    if (next === end) break;
    const nextEnd = base64End(text, next);
    const length = nextEnd - next;
    if (line === 1 && length > width) width = length;
    if (length === 0 || length > width || (length < width && !/[\0- "'`<=\\]/.test(text.charAt(nextEnd)))) break;
    [end, characters] = [nextEnd, characters + length];
    if (length < width) break;
  }
  const padding = matchAt(/={1,2}/y, text, end)?.length ?? 0;
  return { kinds: ENCODED_BASE64, end, isLongEnough: characters >= 20, shown: { kinds: ENCODED_BASE64, start: p, end: end + padding } };
}

function byteLists(text: string, end: number): Span[] {
  const out: Span[] = [];
  for (let p = PAD.length; p < end; ) {
    let list = matchAt(/0x[0-9a-fA-F]{2}(?!\w)(?:[, \t\r\n]{0,64}0x[0-9a-fA-F]{2}(?!\w))*/y, text, p);
    // The list ends before the first of the sample that is no text, and may begin again behind it.
    const bytes = Array.from(list?.matchAll(/0x(..)/g) ?? [], ([, digits = '']) => Number.parseInt(digits, 16));
    if (bytes.slice(0, 8).some((byte) => !TEXT.test(String.fromCharCode(byte)))) list = null;
    if (list === null || bytes.length < 16) p++;
    else {
      out.push({ kinds: ENCODED_BYTES, start: p, end: p + list.length });
      p += list.length;
    }
  }
  return out;
}

type Escape = { readonly at: number; readonly kind: number; readonly isBroken: boolean };

function lines(text: string, end: number): Span[] {
  const out: { kinds: number; start: number; end: number }[] = [];
  const isEnd = (at: number): boolean => '\n\0'.includes(text.charAt(at));
  for (const { at, kind, isBroken } of escapes(text, end)) {
    const open = out.at(-1);
    if (open && at < open.end && isEnd(open.end) && !isBroken) {
      open.kinds |= kind;
      continue;
    }
    let start = at;
    while (start > Math.max(PAD.length, at - 512) && !isEnd(start - 1)) start--;
    const most = Math.min(at + 1024, end);
    let lineEnd = at;
    while (lineEnd < most && !isEnd(lineEnd)) lineEnd++;
    if (isBroken && lineEnd < most) for (lineEnd++; lineEnd < most && !isEnd(lineEnd); ) lineEnd++;
    if (open && start <= open.end + 1 && lineEnd - open.start <= 16384) {
      open.kinds |= kind;
      open.end = Math.max(open.end, lineEnd);
    } else out.push({ kinds: kind, start, end: lineEnd });
  }
  return out;
}

function* escapes(text: string, end: number): Generator<Escape> {
  for (let at = PAD.length; at < end; at++) {
    const kind = escapeAt(text, at);
    if (kind !== 0) yield { at, kind, isBroken: kind === ENCODED_QUOTED && text.charAt(at + 1) !== '3' };
  }
}

function hides(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && !"&'<>".includes(String.fromCharCode(byte));
}

function escapeAt(text: string, at: number): number {
  const rest = text.slice(at, at + 32);
  if (/^\x1b\[[\d;]{0,16}[mK]\w/.test(rest)) return ENCODED_ANSI;
  if (/^\\(?:u00|x)1[bB]\[[\d;]{0,16}[mK]\w/.test(rest)) return ENCODED_BACKSLASH;
  const isWordBefore = isWord(text, at - 1);
  const isWordAt = (offset: number): boolean => isWord(text, at + offset);
  const innerKey = (quote: string): boolean =>
    (isWordBefore || text.charAt(at - 1) === '\\') &&
    [`${quote}:`, `${quote}: `].some((key) => rest.startsWith(key) && rest.slice(key.length).startsWith(quote.slice(0, 2)));
  const unit = /^\\(?:u00|x)([0-9a-fA-F]{2})/.exec(rest);
  if (
    unit &&
    hides(Number.parseInt(unit[1] ?? '', 16)) &&
    (isWordBefore || isWordAt(unit[0].length) || rest.charAt(unit[0].length) === '\\')
  )
    return ENCODED_BACKSLASH;
  if (rest.startsWith('\\"') && innerKey('\\"')) return ENCODED_BACKSLASH;
  if (rest.startsWith('\\/') && isSlashed(text, at)) return ENCODED_BACKSLASH;
  const percent = /^%([0-9a-fA-F]{2})/.exec(rest)?.[1];
  if (percent !== undefined) {
    const byte = Number.parseInt(percent, 16);
    const isAfter = isWordAt(3) || rest.charAt(3) === '%';
    const isIn = /[a-f]$/.test(percent) ? isWordBefore && isAfter : isWordBefore || isAfter;
    return (hides(byte) || byte === 10) && isIn ? ENCODED_PERCENT : 0;
  }
  if (rest.startsWith('&quot;')) return innerKey('&quot;') ? ENCODED_HTML : 0;
  const entity = /^&#(?:[xX]([0-9a-fA-F]{1,7})|([0-9]{1,7}));/.exec(rest);
  if (entity) {
    const [whole, hex, decimal] = entity;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (code === 0x22) return innerKey(whole) ? ENCODED_HTML : 0;
    return hides(code) && (isWordBefore || isWordAt(whole.length) || rest.charAt(whole.length) === '&') ? ENCODED_HTML : 0;
  }
  if (rest.startsWith('=3D')) return isWordBefore || isWordAt(3) ? ENCODED_QUOTED : 0;
  const line = /^=\r?\n\w/.test(rest) && isWordBefore ? text.slice(Math.max(0, at - 77), at + 1).replace(/^[\s\S]*[\n\0]/, '') : '';
  return line.length >= 70 && line.length <= 77 ? ENCODED_QUOTED : 0;
}

function isSlashed(text: string, at: number): boolean {
  if (!isWord(text, at - 1) || !isWord(text, at + 2)) return false;
  const before = [...text.slice(at - 81, at)].reverse().join('');
  let left = /^(?:\/\\|[\w+/-])*/.exec(before)?.[0].length ?? 0;
  let right = /^(?:\\\/|[\w+/-])*/.exec(text.slice(at, at + 81))?.[0].length ?? 0;
  [left, right] = [Math.min(80, left), Math.min(80, right)];
  const token = text.slice(at - left, at + right);
  return token.length >= 36 && /[0-9]/.test(token) && /[A-Z]/.test(token) && /[a-z]/.test(token);
}
