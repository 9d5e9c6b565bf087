/**
 * How programs are written, as data: strings and comments, and how an environment variable is read. Used by rewrite-code.ts; one entry a language.
 * What is read must end the program when the variable is not set, wherever the language has a usual way to say so.
 */
import type { Lexis, StringForm } from './lexical.ts';

/** A line that must stand once in the file, and where. */
export type NeededLine = {
  readonly line: string;
  /** Says that the file has it already. */
  readonly present: RegExp;
  /** The last of these lines goes before it (a global pattern). */
  readonly after?: RegExp;
  /** Else the first of these goes after it; else it stands at the top. */
  readonly before?: RegExp;
};

export type CodeLanguage = {
  readonly name: string;
  readonly files: RegExp;
  readonly lexis: Lexis;
  /** The expression; `next` is the character that follows the literal, blanks skipped. */
  readonly read: (variable: string, next: string) => string;
  /** Puts texts together; null: strings cannot be joined there. */
  readonly join: ' + ' | ' . ' | ' .. ' | ' <> ' | null;
  /** The same inside of a string, without taking it apart: `${…}`. By the string's opening mark. */
  readonly inString?: Readonly<Record<string, (variable: string) => string>>;
  readonly needs?: NeededLine;
  /** Lines on which an expression cannot stand: a constant of the compiler, an annotation. Why, for the user. */
  readonly refused?: readonly { readonly line: RegExp; readonly why: string }[];
  /** Words of the line that must change with it. */
  readonly changed?: readonly { readonly line: RegExp; readonly from: RegExp; readonly to: string; readonly note?: string }[];
  readonly notes?: readonly string[];
};

const BACKSLASH = { escape: 'backslash' } as const;
const double: StringForm = { open: '"', close: '"', ...BACKSLASH };
const single: StringForm = { open: "'", close: "'", ...BACKSLASH };
const tripleDouble: StringForm = { open: '"""', close: '"""', isMultiline: true, ...BACKSLASH };
const tripleSingle: StringForm = { open: "'''", close: "'''", isMultiline: true, ...BACKSLASH };
const C_COMMENTS = { lineComments: ['//'], blockComment: ['/*', '*/'] } as const;

const SCRIPT: Lexis = {
  strings: [double, single, { open: '`', close: '`', isMultiline: true, hole: '${', ...BACKSLASH }],
  ...C_COMMENTS,
  hasSlashPatterns: true,
};
const PYTHON_PREFIXES = ['rb', 'br', 'fr', 'rf', 'f', 'r', 'b', 'u'] as const;

export const CODE_LANGUAGES: readonly CodeLanguage[] = [
  {
    name: 'JavaScript',
    files: /\.(?:[cm]?js|jsx)$/i,
    lexis: SCRIPT,
    read: (variable) => `process.env.${variable}`,
    join: ' + ',
    inString: { '`': (variable) => `\${process.env.${variable}}` },
  },
  {
    name: 'TypeScript',
    files: /\.(?:[cm]?ts|tsx)$/i,
    lexis: SCRIPT,
    read: (variable) => `process.env.${variable}!`,
    join: ' + ',
    inString: { '`': (variable) => `\${process.env.${variable}}` },
    notes: ['`!` tells the compiler that the variable is set; check it where the program starts'],
  },
  {
    name: 'Python',
    files: /\.pyw?$/i,
    lexis: {
      strings: [tripleDouble, tripleSingle, double, single].map((form) => ({ ...form, prefixes: PYTHON_PREFIXES })),
      lineComments: ['#'],
    },
    read: (variable) => `os.environ["${variable}"]`,
    join: ' + ',
    needs: {
      line: 'import os',
      present: /^import (?:\w+, *)*os\b/m,
      after: /^from __future__ import .*/gm,
      before: /^(?:import|from) \w/m,
    },
  },
  {
    name: 'Ruby',
    files: /\.(?:rb|rake|ru)$|(?:^|\/)(?:Rakefile|Gemfile|Vagrantfile|Fastfile)$/i,
    lexis: {
      strings: [
        { ...double, isMultiline: true, hole: '#{' },
        { ...single, isMultiline: true },
      ],
      lineComments: ['#'],
    },
    read: (variable) => `ENV.fetch("${variable}")`,
    join: ' + ',
    inString: { '"': (variable) => `#{ENV.fetch("${variable}")}` },
  },
  {
    name: 'PHP',
    files: /\.(?:php\d?|phtml)$/i,
    lexis: {
      strings: [
        { ...double, isMultiline: true },
        { ...single, isMultiline: true },
      ],
      lineComments: ['//', '#'],
      blockComment: ['/*', '*/'],
    },
    read: (variable) => `getenv('${variable}')`,
    join: ' . ',
    refused: [
      {
        line: /^\s*(?:const|public|private|protected|static|var|readonly|final)\s/,
        why: 'a constant or property of a class takes no call: set it in the constructor',
      },
    ],
  },
  {
    name: 'Go',
    files: /\.go$/i,
    lexis: { strings: [double, { open: '`', close: '`', escape: 'none', isMultiline: true }, single], ...C_COMMENTS },
    read: (variable) => `os.Getenv("${variable}")`,
    join: ' + ',
    needs: { line: 'import "os"', present: /^\s*(?:import\s+)?"os"\s*$/m },
    changed: [{ line: /^\s*const\s+\w+.*=/, from: /\bconst\b/, to: 'var' }],
  },
  {
    name: 'Java',
    files: /\.java$/i,
    lexis: { strings: [tripleDouble, double], hasCharacters: true, ...C_COMMENTS },
    read: (variable) => `System.getenv("${variable}")`,
    join: ' + ',
    refused: [{ line: /^\s*@|^\s*case\b/, why: 'only a constant of the compiler may stand there' }],
  },
  {
    name: 'Kotlin',
    files: /\.kts?$/i,
    lexis: {
      strings: [
        { ...tripleDouble, escape: 'none', hole: '${' },
        { ...double, hole: '${' },
      ],
      hasCharacters: true,
      ...C_COMMENTS,
    },
    read: (variable) => `System.getenv("${variable}")`,
    join: ' + ',
    refused: [{ line: /^\s*@/, why: 'only a constant of the compiler may stand there' }],
    changed: [{ line: /\bconst\s+val\b/, from: /\bconst\s+val\b/, to: 'val' }],
  },
  {
    name: 'C#',
    files: /\.cs$/i,
    lexis: {
      strings: [
        { open: '"""', close: '"""', escape: 'none', isMultiline: true, prefixes: ['$'] },
        { open: '@"', close: '"', escape: 'doubled', isMultiline: true, prefixes: ['$'] },
        { ...double, prefixes: ['$'] },
      ],
      hasCharacters: true,
      ...C_COMMENTS,
    },
    read: (variable) => `System.Environment.GetEnvironmentVariable("${variable}")`,
    join: ' + ',
    refused: [{ line: /^\s*\[|^\s*case\b/, why: 'only a constant of the compiler may stand there' }],
    changed: [
      { line: /\b(?:public|private|internal|protected)\b.*\bconst\s/, from: /\bconst\b/, to: 'static readonly' },
      { line: /^\s*const\s/, from: /\bconst\b\s*/, to: '' },
    ],
  },
  {
    name: 'Rust',
    files: /\.rs$/i,
    lexis: {
      strings: [
        { open: 'r##"', close: '"##', escape: 'none', isMultiline: true },
        { open: 'r#"', close: '"#', escape: 'none', isMultiline: true },
        { open: 'r"', close: '"', escape: 'none', isMultiline: true },
        { ...double, isMultiline: true },
      ],
      hasCharacters: true,
      ...C_COMMENTS,
    },
    read: (variable, next) => `${next === '.' ? '' : '&'}std::env::var("${variable}").expect("${variable} is not set")`,
    join: null,
    refused: [
      { line: /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s/, why: 'a constant takes no call: make it a std::sync::LazyLock<String>' },
    ],
  },
  {
    name: 'C',
    files: /\.[ch]$/i,
    lexis: { strings: [double], hasCharacters: true, ...C_COMMENTS },
    read: (variable) => `getenv("${variable}")`,
    join: null,
    needs: { line: '#include <stdlib.h>', present: /^\s*#\s*include\s*<stdlib\.h>/m, before: /^\s*#\s*include\b/m },
    refused: [
      {
        line: /^\s*(?:static\s+)?(?:const\s+)?(?:unsigned\s+)?char\s+\w+\s*\[/,
        why: 'an array cannot be set from a call: make it a pointer',
      },
      {
        line: /^(?:static\s|const\s|extern\s|char\s)/,
        why: 'a variable outside of functions cannot be set from a call: set it where the program starts',
      },
    ],
    notes: ['getenv gives NULL when the variable is not set: check it where the program starts'],
  },
  {
    name: 'C++',
    files: /\.(?:cc|cpp|cxx|hh|hpp|hxx)$/i,
    lexis: { strings: [double], hasCharacters: true, ...C_COMMENTS },
    read: (variable) => `std::getenv("${variable}")`,
    join: null,
    needs: { line: '#include <cstdlib>', present: /^\s*#\s*include\s*<cstdlib>/m, before: /^\s*#\s*include\b/m },
    refused: [
      { line: /\bconstexpr\b/, why: 'a constant of the compiler takes no call' },
      { line: /\bchar\s+\w+\s*\[/, why: 'an array cannot be set from a call: make it a std::string' },
    ],
    notes: ['getenv gives a null pointer when the variable is not set: check it where the program starts'],
  },
  {
    name: 'Swift',
    files: /\.swift$/i,
    lexis: { strings: [tripleDouble, double], ...C_COMMENTS },
    read: (variable) => `ProcessInfo.processInfo.environment["${variable}"]!`,
    join: ' + ',
    needs: { line: 'import Foundation', present: /^\s*import (?:Foundation|UIKit|AppKit|SwiftUI)\b/m, before: /^import \w/m },
    notes: ['an app on a device has no environment and keeps no secret: let a server make that call'],
  },
  {
    name: 'Scala',
    files: /\.(?:scala|sbt|sc)$/i,
    lexis: {
      strings: [
        { ...tripleDouble, escape: 'none', prefixes: ['s', 'f', 'raw'] },
        { ...double, prefixes: ['s', 'f', 'raw'] },
      ],
      hasCharacters: true,
      ...C_COMMENTS,
    },
    read: (variable) => `sys.env("${variable}")`,
    join: ' + ',
  },
  {
    name: 'Groovy',
    files: /\.(?:groovy|gradle)$|(?:^|\/)Jenkinsfile[^/]*$/i,
    lexis: { strings: [tripleDouble, tripleSingle, { ...double, hole: '${' }, single], ...C_COMMENTS },
    read: (variable) => `System.getenv('${variable}')`,
    join: ' + ',
  },
  {
    name: 'Perl',
    files: /\.(?:pl|pm|t)$/i,
    lexis: {
      strings: [
        { ...double, isMultiline: true },
        { ...single, isMultiline: true },
      ],
      lineComments: ['#'],
    },
    read: (variable) => `$ENV{${variable}}`,
    join: ' . ',
  },
  {
    name: 'Lua',
    files: /\.lua$/i,
    lexis: {
      strings: [{ open: '[[', close: ']]', escape: 'none', isMultiline: true }, double, single],
      lineComments: ['--'],
      blockComment: ['--[[', ']]'],
    },
    read: (variable) => `os.getenv("${variable}")`,
    join: ' .. ',
  },
  {
    name: 'Elixir',
    files: /\.exs?$/i,
    lexis: { strings: [tripleDouble, { ...double, isMultiline: true, hole: '#{' }], lineComments: ['#'] },
    read: (variable) => `System.fetch_env!("${variable}")`,
    join: ' <> ',
    inString: { '"': (variable) => `#{System.fetch_env!("${variable}")}` },
  },
  {
    name: 'R',
    files: /\.r$/i,
    lexis: {
      strings: [
        { ...double, isMultiline: true },
        { ...single, isMultiline: true },
      ],
      lineComments: ['#'],
    },
    read: (variable) => `Sys.getenv("${variable}")`,
    join: null,
  },
  {
    name: 'PowerShell',
    files: /\.(?:ps1|psm1|psd1)$/i,
    lexis: {
      strings: [
        { open: '"', close: '"', escape: 'backtick', isMultiline: true, hole: '$(' },
        { open: "'", close: "'", escape: 'doubled', isMultiline: true },
      ],
      lineComments: ['#'],
      blockComment: ['<#', '#>'],
    },
    read: (variable) => `$env:${variable}`,
    join: ' + ',
    inString: { '"': (variable) => `$($env:${variable})` },
  },
  {
    name: 'shell',
    files: /\.(?:sh|bash|zsh|ksh|bats|command)$|(?:^|\/)\.(?:bashrc|bash_profile|zshrc|profile|envrc)$/i,
    lexis: {
      strings: [
        { open: '"', close: '"', isMultiline: true, hole: '$(', ...BACKSLASH },
        { open: "'", close: "'", escape: 'none', isMultiline: true },
      ],
      lineComments: ['#'],
      commentNeedsBlank: true,
    },
    read: (variable) => `"\${${variable}:?}"`,
    // Pieces of a word stand side by side.
    join: null,
    inString: { '"': (variable) => `\${${variable}:?}`, "'": (variable) => `'"\${${variable}:?}"'` },
  },
];

/** Returns the language of a file by its name, or of a script by its first line; null: none of these. */
export function codeLanguageOf(path: string, text: string): CodeLanguage | null {
  const byName = CODE_LANGUAGES.find(({ files }) => files.test(path));
  if (byName !== undefined) return byName;
  const [, program] = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?([a-z]+)[\d.]*(?:\s|$)/.exec(text.slice(0, 200)) ?? [];
  const name = program === undefined ? undefined : INTERPRETERS[program];
  return CODE_LANGUAGES.find((language) => language.name === name) ?? null;
}

const INTERPRETERS: Readonly<Record<string, string>> = {
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  ksh: 'shell',
  dash: 'shell',
  python: 'Python',
  node: 'JavaScript',
  ruby: 'Ruby',
  perl: 'Perl',
  php: 'PHP',
  lua: 'Lua',
};
