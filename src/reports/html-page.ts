/**
 * What is the same in every html report: the page round it, its style and script, the policy that allows these two alone, and how text gets into it. Used by html.ts
 * and html-timeline.ts. The policy is of CSP level 2 (w3.org/TR/CSP2), whose digests every browser of today knows; styles of single elements are not allowed by it.
 */
import { createHash } from 'node:crypto';
import { printable } from '../core/errors.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --dim: #8889; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { margin: 0; }
h2 { margin: 0 0 .5rem; font-size: 1.1rem; }
h3 { margin: .75rem 0 0; font-size: .9rem; }
h4 { margin: 0; font-weight: 600; }
small, .id, .inputs, .commit { opacity: .7; }
.id { margin: 0; font: .75rem monospace; }
code { font-size: .9em; }
ul, ol { padding-left: 1.25rem; margin: .25rem 0; }
.totals, .inputs { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.rule, details, #problems, #timeline { border-top: 1px solid var(--line); padding: 1rem 0; }
article { border-left: 3px solid var(--line); padding: .25rem 0 .25rem .75rem; margin: .75rem 0; }
.badge, .totals li { padding: 0 .4rem; border-radius: .25rem; border: 1px solid var(--line); }
.critical, .live { background: #b3001b; color: #fff; }
.high { background: #d9480f; color: #fff; }
.medium { background: #f2c037; color: #000; }
.low { background: #4c7bd9; color: #fff; }
.incomplete { background: #f2c037; color: #000; }
.incomplete a { color: inherit; }
.verdict { margin: .25rem 0; padding: 0 .4rem; border-radius: .25rem; width: fit-content; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: .25rem 0; }
dt { opacity: .7; }
dd { margin: 0; }
#filters { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; position: sticky; top: 0; background: Canvas; padding: .5rem 0; }
#filters[hidden] { display: none; }
fieldset { border: 0; padding: 0; margin: 0; display: flex; gap: .75rem; }
legend { float: left; margin-right: .5rem; opacity: .7; }
svg { width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: CanvasText; }
svg .axis { stroke: var(--line); }
svg .open { fill: #b3001b; }
svg .closed { fill: #8889; }
@media print { #filters { display: none; } }
`;

const SCRIPT = `
(() => {
  const form = document.getElementById('filters');
  if (!form) return;
  const find = document.getElementById('find');
  const all = [...document.querySelectorAll('article')];
  const texts = new Map(all.map((one) => [one, (one.closest('section').querySelector('h2').textContent + ' ' + one.textContent).toLowerCase()]));
  const chosen = (kind) => new Set([...form.querySelectorAll('input[data-' + kind + ']')].filter((box) => box.checked).map((box) => box.dataset[kind]));
  const show = () => {
    const severities = chosen('severity');
    const states = chosen('state');
    const words = find.value.toLowerCase().split(' ').filter((word) => word !== '');
    let count = 0;
    for (const one of all) {
      const text = texts.get(one);
      const isShown = severities.has(one.dataset.severity) && states.has(one.dataset.state) && words.every((word) => text.includes(word));
      one.hidden = !isShown;
      if (isShown) count += 1;
    }
    for (const section of document.querySelectorAll('section.rule')) section.hidden = !section.querySelector('article:not([hidden])');
    document.getElementById('shown').textContent = count + ' of ' + all.length;
  };
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
`;

/** Returns the page up to its content. */
export function pageStart(title: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${digestOf(STYLE)}'; script-src 'sha256-${digestOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n',
    `<title>${escaped(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`,
  ].join('');
}

export const PAGE_END = `<script>${SCRIPT}</script>\n</body>\n</html>\n`;

/** Returns text for an element, or for an attribute in double quotes. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"'`=]/g, (character) => `&#${character.codePointAt(0)};`);
}

export function attribute(name: string, value: string): string {
  return ` ${name}="${escaped(value)}"`;
}

/** Returns a link round `content`, which is markup; only to pages of the web. A name that a page gives to another cannot reach back. */
export function link(url: string, content: string): string {
  return /^https?:\/\/[!-~]+$/.test(url) ? `<a${attribute('href', url)} rel="noopener noreferrer">${content}</a>` : content;
}

/** Returns prose in which addresses are links. */
export function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, index) => (index % 2 === 1 ? link(piece, escaped(piece)) : escaped(piece)))
    .join('');
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('base64');
}
