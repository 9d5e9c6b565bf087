/**
 * Reads the project's own sources for the house rules: lists them, blanks comments (and the contents of strings), finds imports.
 * A small lexer instead of a parser: it must see type-only imports too, which bundlers drop, and TypeScript 7 has no API in JavaScript.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type SourceFile = {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Comments blanked; strings kept. Same length and lines as `text`. */
  readonly code: string;
  /** Comments, and the contents of strings, templates and regex literals, blanked. */
  readonly bare: string;
};

/** Returns the files below a folder of the project whose names end with one of `extensions`, sorted; [] when there is no such folder. */
export function listFiles(folder: string, extensions: readonly string[]): string[] {
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path, extensions);
      return extensions.some((extension) => entry.name.endsWith(extension)) ? [path] : [];
    })
    .sort();
}

/** Returns every source file below a folder, lexed. */
export function readSources(folder: string, extensions: readonly string[] = ['.ts']): SourceFile[] {
  return listFiles(folder, extensions).map((path) => lex(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function lex(path: string, text: string): SourceFile {
  return { path, text, code: blank(text, false), bare: blank(text, true) };
}

/** A comment, a string, a template without nested templates, or a regex literal where a value may begin. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|\$\{(?:[^{}`]|\{[^{}`]*\})*\}|[^`\\])*`|(?<=(?:[=(,:[!&|?{};+\n]|=>|\breturn|\bcase)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/[a-z]*/g;

function blank(text: string, stringsToo: boolean): string {
  const spaces = (piece: string): string => piece.replace(/[^\n]/g, ' ');
  return text.replace(TOKEN, (token) => {
    if (token.startsWith('//') || token.startsWith('/*')) return spaces(token);
    if (!stringsToo || token.startsWith('`')) return token;
    return token.charAt(0) + spaces(token.slice(1, -1)) + token.charAt(token.length - 1);
  });
}

export type Import = { readonly specifier: string; readonly line: number };

const IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\brequire\.resolve\s*\(|\bnew\s+URL\s*\()\s*(['"`])([^'"`\n]*)\1/g;
const COMPUTED_IMPORT = /\b(?:import|require)\s*\(\s*[^'"`\s)]/g;

/** Returns every module specifier of a file: static, type-only, re-exported, dynamic, required, and `new URL('./worker.js', …)`. */
export function importsOf(file: SourceFile): Import[] {
  return [...file.code.matchAll(IMPORT)].map((match) => ({ specifier: match[2] ?? '', line: lineAt(file, match.index) }));
}

/** Returns the lines on which a module is imported by a computed name, which no test could follow. */
export function computedImportsOf(file: SourceFile): number[] {
  return [...file.bare.matchAll(COMPUTED_IMPORT)].map((match) => lineAt(file, match.index));
}

export function lineAt(file: SourceFile, index: number): number {
  return file.text.slice(0, index).split('\n').length;
}

/** Returns `path:line: text` for every place where `pattern` (global) occurs in the code outside of comments and strings. */
export function placesOf(file: SourceFile, pattern: RegExp, where: 'code' | 'bare' = 'bare'): string[] {
  return [...file[where].matchAll(pattern)].map((match) => `${file.path}:${lineAt(file, match.index)}: ${match[0].trim()}`);
}
