/**
 * Runs the scripts of test/cli/scripts against the built program, in the manner of age's testdata. A script is lines of commands, then files:
 *
 * ```
 * # comment
 * env NAME=value                 for the programs below
 * cd FOLDER                      below the script's own folder
 * git init -q .                  any git command
 * stdin FILE                     of the next run
 * leakwarden scan a.env          must exit 0 unless the next line says otherwise
 * exit 1
 * stdout 'text'                  the output holds it;  ! stdout 'text': it does not;  stdout empty
 * stderr 'text'
 * same stdout FILE               byte for byte, as `same A B`;  ! same
 * stdout-to FILE                 keeps the output
 * exists FILE · ! exists FILE · mode FILE 600 · chmod 000 FILE · rm FILE · mv A B · link TARGET NAME · append FILE 'text'
 * -- a.env --
 * TOKEN={{crc32-base62-body:ghp_:30}}
 * ```
 * Placeholders `{{…}}` in files are filled from a fixed seed, so that equal placeholders are equal values and no token lies in the tree.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';

const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/leakwarden.cjs', import.meta.url));

type Line = { readonly number: number; readonly isNegated: boolean; readonly words: readonly string[] };

type Script = { readonly lines: readonly Line[]; readonly files: ReadonlyMap<string, string> };

type State = {
  readonly folder: string;
  cwd: string;
  env: Record<string, string>;
  stdin: string | Buffer;
  stdout: string;
  stderr: string;
  exit: number | null;
};

/** Runs a script in an empty folder; throws at the first line that is not as it says. */
export function runScript(text: string, folder: string): void {
  const { lines, files } = parseScript(text);
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const state: State = { folder, cwd: folder, env: {}, stdin: '', stdout: '', stderr: '', exit: null };
  for (const [index, line] of lines.entries()) {
    const where = `line ${line.number}: ${line.isNegated ? '! ' : ''}${line.words.join(' ')}`;
    const verb = VERBS[line.words[0] ?? ''];
    if (verb === undefined) throw new Error(`${where}: no such command in a script`);
    verb(state, line.words.slice(1), line.isNegated, where);
    const isRun = line.words[0] === 'leakwarden' || line.words[0] === 'git';
    if (isRun && lines[index + 1]?.words[0] !== 'exit') expect(state.exit, `${where}\n${state.stdout}${state.stderr}`).toBe(0);
  }
}

type Verb = (state: State, words: readonly string[], isNegated: boolean, where: string) => void;

const VERBS: Readonly<Record<string, Verb>> = {
  'leakwarden': (state, words) => run([process.execPath, PROGRAM, ...words], state),
  'git': (state, words) => run(['git', ...words], state),
  'exit': (state, [code], _, where) => expect(state.exit, `${where}\n${state.stdout}${state.stderr}`).toBe(Number(code)),
  'stdout': (state, [text = ''], isNegated, where) => expectText(state.stdout, text, isNegated, where),
  'stderr': (state, [text = ''], isNegated, where) => expectText(state.stderr, text, isNegated, where),
  'same': (state, [a = '', b = ''], isNegated, where) => expect(textOf(state, a) === textOf(state, b), where).toBe(!isNegated),
  'exists': (state, [file = ''], isNegated, where) => expect(existsSync(join(state.cwd, file)), where).toBe(!isNegated),
  'mode': (state, [file = '', mode], _, where) => expect((statSync(join(state.cwd, file)).mode & 0o777).toString(8), where).toBe(mode),
  'env': (state, [setting = '']) =>
    Object.assign(state.env, { [setting.slice(0, setting.indexOf('='))]: setting.slice(setting.indexOf('=') + 1) }),
  'cd': (state, [name = '']) => Object.assign(state, { cwd: join(state.folder, name) }),
  'stdin': (state, [file = '']) => Object.assign(state, { stdin: readFileSync(join(state.cwd, file)) }),
  'stdout-to': (state, [file = '']) => writeFileSync(join(state.cwd, file), state.stdout),
  'chmod': (state, [mode = '', file = '']) => chmodSync(join(state.cwd, file), Number.parseInt(mode, 8)),
  'rm': (state, [file = '']) => rmSync(join(state.cwd, file)),
  'mv': (state, [from = '', to = '']) => renameSync(join(state.cwd, from), join(state.cwd, to)),
  'link': (state, [target = '', name = '']) => symlinkSync(target, join(state.cwd, name)),
  'append': (state, [file = '', text = '']) => appendFileSync(join(state.cwd, file), `${fill(text)}\n`),
};

function expectText(output: string, text: string, isNegated: boolean, where: string): void {
  if (text === 'empty') expect(output, where).toBe('');
  else if (isNegated) expect(output, where).not.toContain(text);
  else expect(output, where).toContain(text);
}

function textOf(state: State, name: string): string {
  return name === 'stdout' ? state.stdout : readFileSync(join(state.cwd, name), 'utf8');
}

/** Nothing of the environment but the path gets through: a developer's own settings must not change what is tested. */
function run([program = '', ...args]: readonly string[], state: State): void {
  const env = {
    PATH: process.env['PATH'],
    HOME: state.folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
    ...state.env,
  };
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: state.cwd,
    env,
    input: state.stdin,
    encoding: 'utf8',
    timeout: 60_000,
  });
  Object.assign(state, { stdout, stderr, exit: status, stdin: '' });
}

export function parseScript(text: string): Script {
  const [head = '', ...parts] = text.split(/^-- (.+) --\n/m);
  const lines = head.split('\n').flatMap((line, index): Line[] => {
    const isNegated = line.startsWith('! ');
    const words = Array.from((isNegated ? line.slice(2) : line).matchAll(/'([^']*)'|(\S+)/g), (word) => word[1] ?? word[2] ?? '');
    return words.length === 0 || line.startsWith('#') ? [] : [{ number: index + 1, isNegated, words }];
  });
  const files = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2) files.set(parts[index] ?? '', fill(parts[index + 1] ?? ''));
  return { lines, files };
}

/** Each placeholder by itself, so that equal ones are filled equally wherever they stand; the innermost first. */
function fill(content: string): string {
  const filled = content.replace(/\{\{[^{}]+\}\}/g, (placeholder) => fillExample(placeholder, 'script'));
  return filled === content ? content : fill(filled);
}
