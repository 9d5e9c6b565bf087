/** Our lines in a YAML file that people wrote: between two comments, so that they can be taken out again and the rest keeps its form. */

const OPEN = '# >>> leakwarden >>>';
const CLOSE = '# <<< leakwarden <<<';

/** Returns `lines`, indented, between the two comments, with a line end. */
export function marked(lines: readonly string[], indent: string): string {
  return [OPEN, ...lines, CLOSE].map((line) => `${indent}${line}\n`).join('');
}

/** Returns the text without what stands between the two comments, and without the comments. */
export function unmarked(text: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === OPEN);
  const end = lines.findIndex((line, at) => at > start && line.trim() === CLOSE);
  return start < 0 || end < 0 ? text : [...lines.slice(0, start), ...lines.slice(end + 1)].join('\n');
}

/** Returns the text with `block` behind the top-level line `key:`; with the key and the block at its end where there is no such line. `block` gets the indent of the list below the key. */
export function insertBelow(text: string, key: string, block: (indent: string) => string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.split('#', 1)[0]?.trimEnd() === `${key}:`);
  if (at < 0) return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${key}:\n${block('  ')}`;
  const item = lines.slice(at + 1).find((line) => /^\s*-\s/.test(line));
  const indent = /^\s*/.exec(item ?? '  ')?.[0] ?? '  ';
  return `${lines.slice(0, at + 1).join('\n')}\n${block(indent)}${lines.slice(at + 1).join('\n')}`;
}
