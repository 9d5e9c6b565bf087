/**
 * Text in Markdown (github.github.com/gfm, and what GitHub and GitLab do after it: mentions, references, emoji) of which nothing may become markup. Names, paths and all
 * else from the scanned side stand as code, where none of that happens. Text in, text of one line out, made printable. Used by the markdown and gitlab reports.
 */
import { printable } from '../core/errors.ts';

/** Returns text of the scanned side as code. */
export function code(text: string): string {
  const shown = printable(text);
  if (shown === '') return '';
  // In a code span nothing counts but the back-tick, and in a table the bar; a backslash may stand before one.
  if (/^[^\s`|\\](?:[^`|\\]*[^\s`|\\])?$/.test(shown)) return `\`${shown}\``;
  return `<code>${shown.replace(/[^0-9A-Za-z/ -]/gu, reference)}</code>`;
}

/** Returns prose; what is in it may come from the scanned side too, so nothing becomes a link. */
export function prose(text: string): string {
  return printable(text)
    .replace(/[&<>"'`*_{}[\]+!|~$\\]|:(?! )|(?<=www)\./gi, reference)
    .replace(/(?<!&)[@#]/g, (character) => `<code>${character}</code>`);
}

/** Returns prose of the rules, in which addresses are links. */
export function advice(text: string): string {
  return printable(text)
    .split(/(https?:\/\/[^\s<>"|]+)/)
    .map((piece, index) => (index % 2 === 1 && webPage(piece) ? `<${piece}>` : prose(piece)))
    .join('');
}

/** Returns an address that can end neither a link nor a cell, or undefined. */
export function webPage(address: string | undefined): string | undefined {
  return address !== undefined && /^https?:\/\/[\w./:?=&%#~+,;@!-]+$/.test(address) ? address : undefined;
}

function reference(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
