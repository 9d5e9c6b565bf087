/**
 * One hard-coded value to the edits that read it from the environment instead, or to the sentence that says why a person must do it. Called by `leakwarden fix`
 * and for the `fixes` of SARIF. Pure; text is Latin-1, a character a byte, so that offsets are those of a Place.
 */
import type { ByteSpan } from '../core/contracts.ts';
import { codeLanguageOf } from './code-languages.ts';
import { rewriteInCode } from './rewrite-code.ts';
import { configFormatOf, rewriteInConfig } from './rewrite-config.ts';

/** Replaces the bytes [start, end). Edits of one rewrite do not touch each other. */
export type Edit = ByteSpan & { readonly text: string };

export type Rewrite = {
  readonly edits: readonly Edit[];
  /** What the user has to know or to do beside it. */
  readonly notes: readonly string[];
};

export type Refusal = { readonly refused: string };

/** Bytes of a file that is rewritten; longer ones are data. */
export const MAX_FIXED_BYTES = 4 << 20;

/** `path` with `/`; `span` is that of the value, `variable` the name that it is read by. */
export function rewriteValue(path: string, text: string, span: ByteSpan, variable: string): Rewrite | Refusal {
  if (text.length > MAX_FIXED_BYTES) return { refused: `the file is larger than ${MAX_FIXED_BYTES >> 20} MB` };
  if (isWholeFile(text, span))
    return { refused: 'the file is the secret itself: put it into a store, take it out of git (git rm --cached) and let git ignore it' };
  const language = codeLanguageOf(path, text);
  if (language !== null) return rewriteInCode(text, span, language, variable);
  const format = configFormatOf(path, text);
  if (format !== null) return rewriteInConfig(format, text, span, variable);
  return { refused: 'how a file of this kind reads a value from elsewhere is not known' };
}

/** Whether files of that name can be rewritten at all. What their text says of their kind does not count. */
export function knowsFile(path: string): boolean {
  return codeLanguageOf(path, '') !== null || configFormatOf(path, '') !== null;
}

/** A key file: several lines, and little else in the file. */
function isWholeFile(text: string, { start, end }: ByteSpan): boolean {
  const value = text.slice(start, end).trim();
  return value.includes('\n') && 10 * value.length > 9 * text.trim().length;
}

/** Returns the text with all edits made. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}
