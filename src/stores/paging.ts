/** Pages of a store's list, with an end: a server that repeats a cursor, or never stops, is an odd reply and no endless loop. Called by connectors. */
import { StoreError } from '../core/stores.ts';

/** Pages of one list: 10 million secrets of Kubernetes' 500 a page, and a day of requests for the slowest. */
export const MAX_LIST_PAGES = 20_000;

export type Page<Item, Cursor> = { readonly items: readonly Item[] /** null at the end. */; readonly next: Cursor | null };

/** Yields the items of all pages. Throws StoreError odd-reply when a cursor comes again, or there are too many pages. */
export async function* allPages<Item, Cursor extends string | number>(
  first: Cursor,
  what: string,
  read: (cursor: Cursor) => Promise<Page<Item, Cursor>>,
): AsyncIterable<Item> {
  const seen = new Set<Cursor>([first]);
  for (let cursor: Cursor | null = first; cursor !== null; ) {
    const { items, next }: Page<Item, Cursor> = await read(cursor);
    yield* items;
    if (next !== null && seen.has(next)) throw new StoreError('odd-reply', `${what} gives the same page again`);
    if (seen.size >= MAX_LIST_PAGES) throw new StoreError('odd-reply', `${what} has more than ${MAX_LIST_PAGES} pages`);
    if (next !== null) seen.add(next);
    cursor = next;
  }
}

/** Returns `id` of each item that was not given before; an item that comes twice, because the list moved while it was read, is passed over. Throws odd-reply when a page has none that is new. */
export function createFreshness<Item>(what: string, idOf: (item: Item) => string): (items: readonly Item[]) => Item[] {
  const seen = new Set<string>();
  return (items) => {
    const fresh = items.filter((item) => !seen.has(idOf(item)));
    if (items.length > 0 && fresh.length === 0) throw new StoreError('odd-reply', `${what} gives the same page again`);
    for (const item of fresh) seen.add(idOf(item));
    return fresh;
  };
}
