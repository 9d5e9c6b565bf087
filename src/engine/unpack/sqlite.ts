/**
 * SQLite databases (sqlite.org/fileformat2.html): the text of each table, a line for each value with its column's name, and then the bytes that belong to
 * no table any more, where deleted rows still lie. A value that is continued on overflow pages is put together first, which the raw file would break.
 */
import type { Budget } from './bounds.ts';
import { broken, type Entry, type Fault, type Format, hasBytes, type Input } from './format.ts';
import { Pages } from './sqlite-pages.ts';
import { columnsOf, rowText } from './sqlite-record.ts';

export const sqlite: Format = {
  id: 'sqlite',
  kind: 'archive',
  recognises: (head) => head[0] === 0x53 && hasBytes(head, 0, [...Buffer.from('SQLite format 3\0')]),
  items: (input: Input, budget: Budget) => readDatabase(input, budget),
};

/** Lines that come out at a time. */
const PIECE_CHARACTERS = 64 * 1024;
const DELETED = '(deleted)';

type Table = { readonly name: string; readonly root: number; readonly columns: readonly string[] };

async function* readDatabase(input: Input, budget: Budget): AsyncGenerator<Entry | Fault> {
  const pages = new Pages(await input.random());
  const { tables, indexes } = schemaOf(pages);
  for (const table of tables) yield { name: table.name, pieces: () => tableText(pages, table) };
  // What tables and indexes use is known only when all have been walked, wherever the reader of an entry stopped.
  for (const root of [...tables.map((table) => table.root), ...indexes]) {
    budget.countEntry();
    pages.mark(root);
  }
  yield { name: DELETED, pieces: () => pages.unused() };
  if (pages.damaged > 0) yield broken(`${pages.damaged} of its pages are damaged`);
}

/** The first page is the root of the table of all tables: kind, name, name of the table, root, SQL. */
function schemaOf(pages: Pages): { tables: Table[]; indexes: number[] } {
  const tables: Table[] = [{ name: 'sqlite_schema', root: 1, columns: ['type', 'name', 'tbl_name', 'rootpage', 'sql'] }];
  const indexes: number[] = [];
  for (const record of pages.rows(1)) {
    const [kind, name, , root, sql] = record;
    if (typeof root !== 'number' || root < 1) continue;
    if (kind === 'index') indexes.push(root);
    else tables.push({ name: String(name ?? root), root, columns: columnsOf(String(sql ?? '')) });
  }
  return { tables, indexes };
}

function* tableText(pages: Pages, { root, columns }: Table): Iterable<Uint8Array> {
  let text = '';
  for (const record of pages.rows(root)) {
    text += rowText(record, columns);
    if (text.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}
