/**
 * Our lines in a shell script that may hold others' too: put right after the first line, so that no `exit` or `exec` of theirs comes before them; taken out
 * again without a trace. Pure text to text; install.ts reads and writes.
 *
 * The lines run guard in a subshell and end the hook with its exit code when that is not 0. A leakwarden that is not there ends it too: a guard
 * that is gone must not look like one that found nothing.
 */
import { readsStdin, type Stage } from './stages.ts';

const OPEN = '# >>> leakwarden >>>';
const CLOSE = '# <<< leakwarden <<<';
const SHEBANG = '#!/bin/sh';

/** How a script finds leakwarden. `file`: the program that installed it, by its path, for scripts that stay on this machine; null for those that are committed. */
export type Program = { readonly file: string | null };

/** Returns the text with our lines; `null` is no script yet. The same text again when they are there already. */
export function addBlock(text: string | null, stage: Stage, program: Program): string {
  const rest = text === null ? `${SHEBANG}\n` : removeLines(text);
  const block = blockOf(stage, program);
  if (!rest.startsWith('#!')) return `${block}${rest}`;
  const end = rest.indexOf('\n') + 1;
  return end === 0 ? `${rest}\n${block}` : `${rest.slice(0, end)}${block}${rest.slice(end)}`;
}

/** Returns the text without our lines, or null where nothing else was in the script. */
export function removeBlock(text: string): string | null {
  const rest = removeLines(text);
  return rest.trim() === '' || rest.trim() === SHEBANG ? null : rest;
}

export function hasBlock(text: string): boolean {
  return text.includes(OPEN);
}

/** Whether a shell runs the script, so that lines of ours may stand in it. */
export function isShellScript(text: string): boolean {
  return !text.startsWith('#!') || /^#![^\n]*\b(?:sh|bash|dash|ash|zsh|ksh)\b/.test(text);
}

/** Returns a script that runs leakwarden and then another hook that was moved out of the way. */
export function chainedScript(stage: Stage, program: Program, moved: string): string {
  return `${addBlock(null, stage, program)}exec "$(dirname -- "$0")/${moved}" "$@"\n`;
}

function removeLines(text: string): string {
  const start = text.indexOf(OPEN);
  if (start < 0) return text;
  const close = text.indexOf(CLOSE, start);
  const end = close < 0 ? text.length : text.indexOf('\n', close) + 1 || text.length;
  return text.slice(0, start) + text.slice(end);
}

function blockOf(stage: Stage, program: Program): string {
  const guard = `leakwarden_guard ${stage} "$@"`;
  const refs = [
    'leakwarden_refs=$(cat)',
    `printf '%s\\n' "$leakwarden_refs" | ${guard} || exit $?`,
    'if [ -n "$leakwarden_refs" ]; then exec <<leakwarden_end',
    '$leakwarden_refs',
    'leakwarden_end',
    'else exec </dev/null; fi',
  ];
  return [
    `${OPEN} (leakwarden hooks uninstall takes these lines out)`,
    'leakwarden_guard() (',
    // Reading extra certificates takes Node 20 some 90 ms, and the guard never uses the network (facts/ecosystem.md §7).
    '  unset NODE_EXTRA_CA_CERTS',
    ...finding(program.file),
    "  echo 'leakwarden: error: leakwarden is not installed, so nothing was checked' >&2",
    "  echo 'leakwarden: hint: install it (npm install), or take this hook out: leakwarden hooks uninstall' >&2",
    '  return 1',
    ')',
    ...(readsStdin(stage) ? refs : [`${guard} || exit $?`]),
    CLOSE,
    '',
  ].join('\n');
}

function finding(file: string | null): string[] {
  const byPath = file === null ? [] : [`  if [ -f ${quoted(file)} ]; then node ${quoted(file)} guard "$@"; return $?; fi`];
  return [...byPath, '  if command -v leakwarden >/dev/null 2>&1; then leakwarden guard "$@"; return $?; fi'];
}

/** Returns text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
