/**
 * Reads the text of a `.env` file: `NAME=value`, `export NAME=value`, `NAME: value`, values in single, double or back quotes also over several lines, comments.
 * Where the loaders of these files differ (dotenv, the shell, docker) the reading that keeps more of a value is taken. One pass, no backtracking.
 */

export type EnvVariable = { readonly name: string; readonly value: string };

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$', '`': '`' };

/** Returns the variables, each once with its last value, and never more than `limit`; null when there are more. */
export function parseEnv(text: string, limit: number): readonly EnvVariable[] | null {
  const found = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const end = lineEnd(text, at);
    const opening = /^[ \t]*(?:export[ \t]+)?([\w.-]{1,256})[ \t]*(?:=|:(?=[ \t]))[ \t]*/.exec(text.slice(at, end));
    if (opening === null) {
      at = end + 1;
      continue;
    }
    const start = at + opening[0].length;
    const { value, next } = readQuoted(text, start) ?? { value: bareValue(text.slice(start, end)), next: end };
    found.set(opening[1] ?? '', value);
    if (found.size > limit) return null;
    at = lineEnd(text, next) + 1;
  }
  return Array.from(found, ([name, value]) => ({ name, value }));
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Returns null where no quote opens, or none closes it. */
function readQuoted(text: string, start: number): { readonly value: string; readonly next: number } | null {
  const quote = text.charAt(start);
  if (quote !== '"' && quote !== "'" && quote !== '`') return null;
  if (quote !== '"') {
    const end = text.indexOf(quote, start + 1);
    return end < 0 ? null : { value: text.slice(start + 1, end), next: end + 1 };
  }
  const pieces: string[] = [];
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return { value: pieces.join(''), next: at + 1 };
    const escaped = character === '\\' ? ESCAPES[text.charAt(at + 1)] : undefined;
    pieces.push(escaped ?? character);
    if (escaped !== undefined) at += 1;
  }
  return null;
}

/** Up to a comment: `#` counts as one after a space only, since passwords hold `#`. */
function bareValue(rest: string): string {
  const line = rest.trim();
  if (line.startsWith('#')) return '';
  const comment = /[ \t]#/.exec(line);
  return (comment === null ? line : line.slice(0, comment.index)).trimEnd();
}
