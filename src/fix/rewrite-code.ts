/** Rewrites a value in program text: the literal that holds it becomes an expression that reads the environment, with what the language needs for that. */
import type { ByteSpan } from '../core/contracts.ts';
import type { CodeLanguage, NeededLine } from './code-languages.ts';
import { lineEnd, lineStart, type Token, tokenAt } from './lexical.ts';
import type { Edit, Refusal, Rewrite } from './rewrite.ts';

type StringToken = Extract<Token, { kind: 'string' }>;

const JOIN_BY_HAND =
  'it is a part of a longer text, and texts cannot be joined there: put the whole text together where the program starts';

export function rewriteInCode(text: string, span: ByteSpan, language: CodeLanguage, variable: string): Rewrite | Refusal {
  const token = tokenAt(text, span.start, span.end, language.lexis);
  if (token.kind === 'comment') return { edits: [{ ...span, text: `<${variable}>` }], notes: [] };
  if (token.kind === 'code') {
    if (language.name !== 'shell') return { refused: 'it does not stand in a plain string' };
    return { edits: [{ ...span, text: shellWord(text, span, variable) }], notes: [] };
  }
  if (language.name !== 'shell' && text.slice(span.start, span.end).includes('\\'))
    return { refused: 'it is written with escapes: what is stored would not be what the program sees' };

  const line = text.slice(lineStart(text, token.start), lineEnd(text, token.start));
  const refused = refusalOf(text, line, token, language);
  if (refused !== null) return { refused };
  const replaced = replacementOf(text, span, token, language, variable);
  if (replaced === null) return { refused: JOIN_BY_HAND };

  const edits = [replaced];
  const notes = [...(language.notes ?? [])];
  for (const change of language.changed ?? []) {
    const found = change.line.test(line) ? change.from.exec(line) : null;
    if (found === null) continue;
    const start = lineStart(text, token.start) + found.index;
    edits.push({ start, end: start + found[0].length, text: change.to });
    break;
  }
  const usesRead = replaced.text.includes(language.read(variable, '')) || language.needs === undefined;
  if (language.needs !== undefined && usesRead && !language.needs.present.test(text))
    edits.push(neededEdit(text, language.needs, language));
  return { edits, notes };
}

function refusalOf(text: string, line: string, token: StringToken, language: CodeLanguage): string | null {
  const known = language.refused?.find((refusal) => refusal.line.test(line));
  if (known !== undefined) return known.why;
  if (language.name === 'Go' && isInConstants(text, token.start)) return 'a constant takes no call: move it into a var block';
  const isScript = language.name === 'JavaScript' || language.name === 'TypeScript';
  if (
    isScript &&
    text.slice(token.end).trimStart().startsWith(':') &&
    /[{,]\s*$/.test(text.slice(Math.max(0, token.start - 200), token.start))
  )
    return 'it is the name of a property';
  return null;
}

/** Between `const (` and the line that closes it. */
function isInConstants(text: string, at: number): boolean {
  const open = text.lastIndexOf('\nconst (', at);
  return open >= 0 && !text.slice(open, at).includes('\n)');
}

function replacementOf(text: string, span: ByteSpan, token: StringToken, language: CodeLanguage, variable: string): Edit | null {
  const { start, end, inner, innerEnd, form } = token;
  const isWhole = inner === span.start && innerEnd === span.end;
  const next = text.slice(end, end + 200).trimStart()[0] ?? '';
  const mark = text.slice(start, inner - form.open.length).toLowerCase();
  const isBytes = language.name === 'Python' && mark.includes('b');
  const read = isBytes ? `os.environb[b"${variable}"]` : language.read(variable, next);
  if (isWhole) {
    const attribute = isScriptAttribute(text, start, language);
    if (language.name === 'shell' && form.open === '"') return { ...span, text: `\${${variable}:?}` };
    return { start, end, text: attribute ? `{${read}}` : read };
  }

  const inString = language.inString?.[form.open];
  // Ruby and Elixir take the short form in a plain string only, PowerShell and shells in theirs.
  if (inString !== undefined) return { ...span, text: inString(variable) };
  const [before, after] = [text.slice(inner, span.start), text.slice(span.end, innerEnd)];
  if (language.name === 'Rust') return { start, end, text: rustFormat(text, token, before, after, variable, next) };
  if (language.join === null) return null;
  const opening = text.slice(start, inner);
  const pieces = [before && opening + before + form.close, read, after && opening + after + form.close].filter((piece) => piece !== '');
  const joined = pieces.join(language.join);
  const attribute = isScriptAttribute(text, start, language);
  if (attribute) return { start, end, text: `{${joined}}` };
  return { start, end, text: standsAlone(text, start, end) ? joined : `(${joined})` };
}

/** `token="…"` in a tag of JSX, where an expression needs braces. */
function isScriptAttribute(text: string, start: number, { name }: CodeLanguage): boolean {
  if (name !== 'JavaScript' && name !== 'TypeScript') return false;
  const before = text.slice(Math.max(0, start - 1000), start);
  return /<[A-Za-z][\w.]*(?:\s[^<>]*)?\s[\w:-]+=$/.test(before);
}

/** Between signs that no operator of the join binds weaker than. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 200), start).trimEnd();
  const after = text.slice(end, end + 200).replace(/^[ \t]+/, '');
  return /(?:[=([{,:]|=>|\breturn)$/.test(before) && !/[=!<>]=$/.test(before) && (after === '' || /^(?:[\r\n;,)\]}])/.test(after));
}

function rustFormat(text: string, token: StringToken, before: string, after: string, variable: string, next: string): string {
  const braced = (part: string): string => part.replace(/[{}]/g, '$&$&');
  const literal = `${text.slice(token.start, token.inner)}${braced(before)}{}${braced(after)}${token.form.close}`;
  return `${next === '.' ? '' : '&'}format!(${literal}, std::env::var("${variable}").expect("${variable} is not set"))`;
}

/** In quotes where the word is all of it, so that what the variable holds is one word. */
function shellWord(text: string, { start, end }: ByteSpan, variable: string): string {
  const isWord = /[\s=]/.test(text[start - 1] ?? '\n') && /[\s;&|)]/.test(text[end] ?? '\n');
  return isWord ? `"\${${variable}:?}"` : `\${${variable}:?}`;
}

function neededEdit(text: string, { line, after, before }: NeededLine, { name }: CodeLanguage): Edit {
  const crlf = text.includes('\r\n') ? '\r\n' : '\n';
  if (name === 'Go') return goImport(text, crlf);
  const last = after === undefined ? undefined : [...text.matchAll(after)].at(-1);
  if (last !== undefined) return insertion(Math.min(text.length, lineEnd(text, last.index) + 1), `${line}${crlf}`);
  const first = before?.exec(text);
  if (first) return insertion(first.index, `${line}${crlf}`);
  return insertion(topOf(text, name), `${line}${crlf}`);
}

/** Into the import block, by the alphabet; else a line of its own after the last import, or the package's name. */
function goImport(text: string, crlf: string): Edit {
  const block = /^import \(\r?\n/m.exec(text);
  if (block !== null) {
    let at = block.index + block[0].length;
    for (let end = lineEnd(text, at); end < text.length; end = lineEnd(text, at)) {
      const [, path] = /^\s*"([^"]+)"/.exec(text.slice(at, end)) ?? [];
      if (path === undefined || path > 'os') break;
      at = end + 1;
    }
    return insertion(at, `\t"os"${crlf}`);
  }
  const last = [...text.matchAll(/^import .*"\r?$/gm)].at(-1);
  if (last !== undefined) return insertion(Math.min(text.length, lineEnd(text, last.index) + 1), `import "os"${crlf}`);
  const start = /^package \w+.*/m.exec(text);
  return insertion(start === null ? 0 : Math.min(text.length, lineEnd(text, start.index) + 1), `${crlf}import "os"${crlf}`);
}

/** Below the first line of a script and, in Python, below comments and the text that documents the file. */
function topOf(text: string, name: string): number {
  const isPython = name === 'Python';
  let at = 0;
  while (at < text.length) {
    const line = text.slice(at, lineEnd(text, at)).trim();
    if (!(line.startsWith('#!') || (isPython && (line === '' || line.startsWith('#'))))) break;
    at = Math.min(text.length, lineEnd(text, at) + 1);
  }
  const [mark] = /^(?:"""|''')/.exec(text.slice(at, at + 3)) ?? [];
  const close = isPython && mark !== undefined ? text.indexOf(mark, at + 3) : -1;
  return close < 0 ? at : Math.min(text.length, lineEnd(text, close) + 1);
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}
