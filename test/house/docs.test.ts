/**
 * The documents against the project: every file, constant, command, option and rule that they name exists. Reads README.md and docs/, in the code spans and
 * blocks of which names count; blocks marked as a language (toml, yaml, json, js, console) are samples, whose paths are somebody else's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandSpec, GROUPS, optionsOf } from '../../src/cli/command-tree.ts';
import { ALL_COMMANDS as COMMANDS } from '../../src/cli/store-settings.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { listFiles, ROOT } from './source-text.ts';

type Span = { readonly text: string; readonly line: number; readonly kind: 'inline' | 'block' | 'sample' };

type Page = { readonly path: string; readonly text: string; readonly spans: readonly Span[] };

/** Made by the build, by tools or by the first run. */
const GENERATED = /^(?:dist|node_modules|\.cache)\//;

const ALL_FILES = ['src', 'rules', 'test', 'bin', 'fixtures', 'docs', '.ci'].flatMap((folder) => listFiles(folder, ['']));
const BASENAMES = new Set(ALL_FILES.map((path) => posix.basename(path)));
const SOURCES = new Map(listFiles('src', ['.ts', '.mjs']).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));

const pages = ['README.md', ...listFiles('docs', ['.md'])].map((path) => readPage(path, readFileSync(join(ROOT, path), 'utf8')));

/** Returns a page with its code: blocks line by line, and spans between backticks in the text. */
function readPage(path: string, text: string): Page {
  const spans: Span[] = [];
  let block: Span['kind'] | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence) block = block === null ? (fence[1] === '' || fence[1] === 'sh' ? 'block' : 'sample') : null;
    else if (block !== null) spans.push({ text: line, line: index + 1, kind: block });
    else for (const span of line.matchAll(/`([^`]+)`/g)) spans.push({ text: span[1] ?? '', line: index + 1, kind: 'inline' });
  }
  return { path, text, spans };
}

/** Returns `page:line: what` for everything that `faultsIn` finds in the spans of a page. */
function faultsOf(page: Page, faultsIn: (span: Span) => readonly string[], kinds: readonly Span['kind'][] = ['inline', 'block']): string[] {
  return page.spans
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap((span) => faultsIn(span).map((fault) => `${page.path}:${span.line}: ${fault}`));
}

function missingPaths({ text, kind }: Span): string[] {
  // Where a command stands, its operands are the reader's files.
  if (kind === 'block' && /\bleakwarden\s/.test(text)) return [];
  const named = text.match(/(?<![\w./~<-])(?:src|rules|test|bin|docs|fixtures|\.ci|dist)\/[\w./-]*\w/g) ?? [];
  return named.filter((path) => !GENERATED.test(path) && !text.includes('<') && !existsSync(join(ROOT, path)));
}

function missingFiles({ text }: Span): string[] {
  return (text.match(/(?<![\w./…-])[a-z0-9-]+\.(?:test\.)?(?:ts|mjs)\b/g) ?? []).filter(
    (name) => !BASENAMES.has(name) && name !== 'builtin.mjs',
  );
}

function missingConstants({ text, kind }: Span): string[] {
  if (kind !== 'inline' || !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(text)) return [];
  if (/^(?:LEAKWARDEN|GIT|NO|FORCE)_/.test(text)) return [];
  return [...SOURCES.values()].some((source) => new RegExp(`\\b${text}\\b`).test(source)) ? [] : [text];
}

/** Returns what is wrong with the leakwarden commands of a line. */
function wrongCommands({ text }: Span): string[] {
  return [...text.matchAll(/(?:^|[\s(|&])leakwarden +((?:[a-z]|-)[^`#|()]*)/g)].flatMap((found) => faultsOfCommand(found[1] ?? ''));
}

function faultsOfCommand(text: string): string[] {
  // Two spaces, or a semicolon, begin a remark.
  const words = (text.split(/ {2,}|;/)[0] ?? '').trim().split(/ +/);
  const [first = '', second = ''] = words;
  if (['--help', '--version', '-h', '-V', 'help'].includes(first)) return [];
  const command = COMMANDS.find(({ path }) => path.every((word, index) => words[index] === word));
  if (!command) return [`there is no command ${first in GROUPS ? `${first} ${second}` : first}`];
  return words.flatMap((word) => (word.startsWith('-') && word !== '-' ? faultsOfOption(command, word) : []));
}

function faultsOfOption(command: CommandSpec, word: string): string[] {
  const flag = word.replace(/[=\]].*$/, '');
  const isKnown = optionsOf(command).some(({ name, short }) => flag === `--${name}` || flag === `-${short}`);
  return isKnown || flag === '--help' ? [] : [`${command.path.join(' ')} has no option ${flag}`];
}

/** Options of npm, and of assignments in examples, that the documents speak of. */
const FOREIGN_OPTIONS = new Set(['--ignore-scripts', '--help', '--name']);

const OWN_OPTIONS = new Set(COMMANDS.flatMap(optionsOf).flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]));

function unknownOptions({ text, kind }: Span): string[] {
  if (kind !== 'inline' || !/^--?[a-z]/.test(text)) return [];
  return [...text.matchAll(/(?:^|\s)(--?[a-z][a-z-]*)/g)]
    .map((found) => found[1] ?? '')
    .filter((flag) => !OWN_OPTIONS.has(flag) && !FOREIGN_OPTIONS.has(flag));
}

const RULE_IDS = new Set(
  listFiles('rules', ['.yml']).flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^- id: (\S+)/gm)].map((found) => found[1] ?? ''),
  ),
);

function unknownRules({ text }: Span): string[] {
  const named = text.matchAll(/(?:rules show|--only|--disable|leakwarden:allow|(?:^|\s)rule =) "?([a-z0-9]+(?:-[a-z0-9]+)+)\b/g);
  return [...named].map((found) => found[1] ?? '').filter((id) => !RULE_IDS.has(id) && !/^(?:our|my|acme)-/.test(id));
}

function brokenLinks({ path, text }: Page): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => (found[1] ?? '').replace(/#.*$/, ''));
  return links
    .filter((link) => link !== '' && !/^https?:/.test(link) && !existsSync(join(ROOT, dirname(path), link)))
    .map((link) => `${path}: ${link}`);
}

describe('what the documents name', () => {
  it('are README.md and some pages', () => {
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.flatMap(({ spans }) => spans).length).toBeGreaterThan(300);
  });

  it('links lead somewhere', () => expect(pages.flatMap(brokenLinks)).toEqual([]));
  it('paths exist', () => expect(pages.flatMap((page) => faultsOf(page, missingPaths))).toEqual([]));
  it('files named without a folder exist', () => expect(pages.flatMap((page) => faultsOf(page, missingFiles))).toEqual([]));
  it('constants exist', () => expect(pages.flatMap((page) => faultsOf(page, missingConstants))).toEqual([]));
  it('commands and their options exist', () => {
    expect(pages.flatMap((page) => faultsOf(page, wrongCommands, ['inline', 'block', 'sample']))).toEqual([]);
  });
  it('options exist', () => expect(pages.flatMap((page) => faultsOf(page, unknownOptions))).toEqual([]));
  it('rules exist', () => expect(pages.flatMap((page) => faultsOf(page, unknownRules, ['inline', 'block', 'sample']))).toEqual([]));

  it('README.md names every option of scan', () => {
    const text = pages[0]?.text ?? '';
    const scan = COMMANDS.filter(({ path }) => path.join(' ') === 'scan').flatMap(optionsOf);
    expect(scan.length).toBeGreaterThan(10);
    expect(scan.map(({ name }) => `--${name}`).filter((flag) => !text.includes(`\`${flag}`))).toEqual([]);
  });
});

describe('the table of bounds', () => {
  const rows = [
    ...readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').matchAll(/^\| .* \| (.+) \| `([A-Z_]+)` \| `(src\/[\w./-]+)` \|$/gm),
  ];

  it('has rows', () => expect(rows.length).toBeGreaterThan(25));

  it.each(rows.map(([, said = '', constant = '', file = '']) => [constant, file, said] as const))(
    '%s stands in %s and is %s',
    (constant, file, said) => {
      const value = new RegExp(`\\b${constant}\\b[^=;\\n]*= ([^;]+);`).exec(SOURCES.get(file) ?? '')?.[1];
      expect(value, 'declared there').toBeDefined();
      expect(amountOf(said)).toBe(product(value ?? ''));
    },
  );
});

/** Returns the number that a cell says, in bytes or milliseconds where it has a unit. */
function amountOf(said: string): number {
  const found = /^([\d,.]+)(?: (KiB|MiB|min))?/.exec(said);
  const unit = { KiB: 1024, MiB: 1024 ** 2, min: 60_000 }[found?.[2] ?? ''] ?? 1;
  return Number((found?.[1] ?? '').replaceAll(',', '')) * unit;
}

/** Returns the value of a constant as written: `64 << 20`, `2 * 1024 * 1024`, `10_000`. */
function product(code: string): number {
  const [base = '', shift] = code.split('<<');
  const factors = base.split('*').map((factor) => Number(factor.replaceAll('_', '').trim()));
  return factors.reduce((a, b) => a * b, 1) * 2 ** Number(shift ?? 0);
}

describe('pages that the program and the sources name', () => {
  const pagesIn = (text: string): string[] => text.match(/\bdocs\/[\w/-]+\.md\b/g) ?? [];
  const isMissing = (page: string): boolean => !existsSync(join(ROOT, page));

  it('exist, in hints of errors', () => {
    const named = Object.values(ERRORS).flatMap(({ sentence, hint }) => pagesIn(`${sentence} ${hint}`));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(isMissing)).toEqual([]);
  });

  it('exist, in comments and messages', () => {
    // A page of the reader's own, in an example of a command.
    const samples = new Set(['docs/setup.md']);
    const missing = [...SOURCES].flatMap(([path, text]) =>
      pagesIn(text)
        .filter((page) => isMissing(page) && !samples.has(page))
        .map((page) => `${path}: ${page}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('these tests themselves', () => {
  const span = (text: string, kind: Span['kind'] = 'inline'): Span => ({ text, line: 1, kind });

  it('see what is wrong', () => {
    expect(missingPaths(span('src/engine/nothing.ts'))).toHaveLength(1);
    expect(missingFiles(span('nothing.ts'))).toHaveLength(1);
    expect(missingConstants(span('MAX_NOTHING_AT_ALL'))).toHaveLength(1);
    expect(wrongCommands(span('npx leakwarden sweep .'))).toEqual(['there is no command sweep']);
    expect(wrongCommands(span('leakwarden rules check x'))).toEqual(['there is no command rules check']);
    expect(wrongCommands(span('leakwarden scan --since x', 'block'))).toEqual(['scan has no option --since']);
    expect(unknownOptions(span('--until'))).toEqual(['--until']);
    expect(unknownRules(span('leakwarden rules show no-such-rule'))).toEqual(['no-such-rule']);
  });

  it('let what is right pass', () => {
    expect(wrongCommands(span('git diff | leakwarden scan -                whatever comes in', 'block'))).toEqual([]);
    expect(wrongCommands(span('leakwarden baseline explain [ID…]      what is in it', 'block'))).toEqual([]);
    expect(wrongCommands(span('leakwarden: note: 3 rules are switched off', 'block'))).toEqual([]);
    expect(product('64 << 20')).toBe(amountOf('64 MiB'));
    expect(product('2 * 1024 * 1024')).toBe(amountOf('2 MiB'));
    expect(amountOf('1,500 bytes each')).toBe(1500);
  });
});
