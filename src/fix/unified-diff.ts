/**
 * Edits of a text as a unified diff, as `git apply` takes it. Since the edits are known, nothing is compared: a change is the lines that edits touch. Called by
 * `leakwarden fix`. Text is Latin-1, a character a byte.
 */
import { lineEnd, lineStart } from './lexical.ts';
import type { Edit } from './rewrite.ts';
import { applyEdits } from './rewrite.ts';

/** Unchanged lines around a change, as git shows them. */
const CONTEXT = 3;

/** Whole lines [start, end) of the old text and what stands there afterwards. */
type Change = { readonly start: number; readonly end: number; readonly text: string };

/** Returns the diff of one file; '' without edits. `path` is relative, with `/`, and holds no control characters. */
export function unifiedDiff(path: string, text: string, edits: readonly Edit[]): string {
  const changes = changesOf(text, edits);
  if (changes.length === 0) return '';
  const lines = linesOf(text);
  const lineAt = lineCounter(text);
  let shift = 0;
  let out = `--- a/${path}\n+++ b/${path}\n`;
  for (const group of groupsOf(changes, lineAt)) {
    const first = Math.max(0, lineAt(group[0]?.start ?? 0) - CONTEXT);
    const last = Math.min(lines.length, lineAt(group.at(-1)?.end ?? 0) + CONTEXT);
    const body: string[] = [];
    let [at, added, removed] = [first, 0, 0];
    for (const { start, end, text: now } of group) {
      const [from, to] = [lineAt(start), lineAt(end)];
      body.push(...lines.slice(at, from).map((line) => ` ${line}`), ...lines.slice(from, to).map((line) => `-${line}`));
      const fresh = linesOf(now);
      body.push(...fresh.map((line) => `+${line}`));
      added += fresh.length;
      removed += to - from;
      at = to;
    }
    body.push(...lines.slice(at, last).map((line) => ` ${line}`));
    const count = last - first;
    out += `@@ -${rangeOf(first, count)} +${rangeOf(first + shift, count - removed + added)} @@\n`;
    out += body.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('');
    shift += added - removed;
  }
  return out;
}

function rangeOf(first: number, count: number): string {
  return `${count === 0 ? first : first + 1},${count}`;
}

/** Lines that edits touch, widened to whole lines and put together where they share one. */
function changesOf(text: string, edits: readonly Edit[]): Change[] {
  const spans: { start: number; end: number; edits: Edit[] }[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const start = lineStart(text, edit.start);
    // Whole lines that go in before a line leave that line alone.
    const isBetween =
      edit.start === edit.end &&
      edit.start === start &&
      (edit.text.endsWith('\n') || start === text.length) &&
      (start === 0 || text[start - 1] === '\n');
    const end = isBetween ? start : Math.min(text.length, lineEnd(text, edit.end) + 1);
    const last = spans.at(-1);
    if (last !== undefined && (start < last.end || (start === last.end && start === last.start))) {
      last.end = Math.max(last.end, end);
      last.edits.push(edit);
    } else spans.push({ start, end, edits: [edit] });
  }
  return spans.map((span) => ({
    start: span.start,
    end: span.end,
    text: applyEdits(
      text.slice(span.start, span.end),
      span.edits.map((edit) => ({ ...edit, start: edit.start - span.start, end: edit.end - span.start })),
    ),
  }));
}

/** Changes whose contexts would touch are one hunk. */
function groupsOf(changes: readonly Change[], lineAt: (offset: number) => number): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && lineAt(change.start) - lineAt(before.end) <= 2 * CONTEXT) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

/** Lines with their breaks. */
function linesOf(text: string): string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

/** Returns the number of line breaks before an offset that is a line's start or the end. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
