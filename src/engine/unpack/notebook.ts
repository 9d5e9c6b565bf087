/**
 * Jupyter notebooks: JSON in which every line of code is a string. Gives each cell's source as the text it is, each cell's text outputs, and what is left
 * without them (metadata), but no images. nbformat 4 and 3. What is no such JSON is given as it stands.
 */
import { MAX_ENTRY_BYTES } from './bounds.ts';
import { type Entry, Fault, type Format, type Input } from './format.ts';

export const notebook: Format = {
  id: 'notebook',
  kind: 'text',
  recognises: (head, name) =>
    name.endsWith('.ipynb') && /^(?:\xef\xbb\xbf)?\s*\{/.test(Buffer.from(head.subarray(0, 64)).toString('latin1')),
  items: (input) => readNotebook(input),
};

type Tree = { readonly [key: string]: unknown };

async function* readNotebook(input: Input): AsyncGenerator<Entry> {
  const bytes = await input.random();
  if (bytes.size > MAX_ENTRY_BYTES) throw new Fault('archive-limit', 'the size of an entry in bytes', { limit: MAX_ENTRY_BYTES });
  const whole = bytes.read(0, bytes.size);
  const entries = entriesOf(whole.toString('utf8'));
  yield* entries ?? [{ name: 'text', pieces: () => [whole] }];
}

/** Null where the text is no notebook. */
function entriesOf(text: string): Entry[] | null {
  try {
    const tree: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    const cells = isTree(tree) ? cellsOf(tree) : null;
    if (!isTree(tree) || !cells) return null;
    const ending = codeEnding(tree);
    const shown = cells.flatMap((cell, index) => cellEntries(cell, index + 1, ending));
    return [...shown, entry('metadata.json', JSON.stringify(tree, withoutContent, 1))];
  } catch {
    // No JSON, or nested deeper than the stack: then it is text like any other.
    return null;
  }
}

function cellsOf(tree: Tree): Tree[] | null {
  const worksheets = Array.isArray(tree['worksheets']) ? tree['worksheets'].filter(isTree).map(({ cells }) => cells) : [];
  const lists = [tree['cells'], ...worksheets].filter((list) => Array.isArray(list));
  return lists.length === 0 ? null : lists.flat().filter(isTree);
}

/** Code is judged by its language, which the ending of a file tells. */
function codeEnding(tree: Tree): string {
  const metadata = isTree(tree['metadata']) ? tree['metadata'] : {};
  const language = isTree(metadata['language_info']) ? metadata['language_info'] : {};
  const ending = language['file_extension'];
  return typeof ending === 'string' && /^\.[A-Za-z0-9]{1,8}$/.test(ending) ? ending : '.py';
}

function cellEntries(cell: Tree, number: number, ending: string): Entry[] {
  const source = textOf(cell['source'] ?? cell['input']);
  const outputs = Array.isArray(cell['outputs']) ? cell['outputs'].filter(isTree).map(outputText).join('\n') : '';
  const kind = cell['cell_type'] === 'code' ? ending : cell['cell_type'] === 'markdown' ? '.md' : '.txt';
  return [
    ...(source === '' ? [] : [entry(`cell-${number}${kind}`, source)]),
    ...(outputs.trim() === '' ? [] : [entry(`cell-${number}.output.txt`, outputs)]),
  ];
}

/** Streams, tracebacks and data that are text. */
function outputText(output: Tree): string {
  const data = isTree(output['data']) ? output['data'] : {};
  const texts = Object.entries(data).flatMap(([kind, value]) => {
    if (/^image\/(?!svg)|^application\/(?:pdf|octet-stream)/.test(kind)) return [];
    return [typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value, null, 1) : textOf(value)];
  });
  const colours = /\u001b\[[0-9;]{0,20}m/g;
  return [textOf(output['text']), textOf(output['traceback'], '\n').replace(colours, ''), ...texts]
    .filter((text) => text !== '')
    .join('\n');
}

/** Source and outputs stand by themselves; attachments are images. */
function withoutContent(key: string, value: unknown): unknown {
  const isContent = ['source', 'input', 'outputs', 'attachments'].includes(key) && (Array.isArray(value) || typeof value !== 'number');
  return isContent ? undefined : value;
}

function textOf(value: unknown, between = ''): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(between) : '';
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entry(name: string, text: string): Entry {
  return { name, pieces: () => [Buffer.from(text)] };
}
