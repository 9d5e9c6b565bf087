/** An index from one sync to the next: whose entries are whose, what is still to be believed, what a store's new reading replaces. Called by `store sync`. */
import type { IndexContent, IndexEntry, StoreState } from './index-file.ts';
import type { SyncOutcome } from './index-sync.ts';

export function isOfStore({ record }: IndexEntry, { id }: StoreState): boolean {
  return record.store === id;
}

/**
 * Returns what a store said within `ttlMs`, and how old the oldest of it is; the rest may be wrong by now. A secret whose entries go is forgotten with
 * its change token, so that it is read again.
 */
export function withoutStale(content: IndexContent, now: Date, ttlMs: number): { content: IndexContent; oldest: Date } {
  const isStale = ({ record }: IndexEntry): boolean => Date.parse(record.seenAt) + ttlMs <= now.getTime();
  const gone = new Set(content.entries.filter(isStale).map(({ record }) => `${record.store}\0${record.ref}`));
  const entries = content.entries.filter(({ record }) => !gone.has(`${record.store}\0${record.ref}`));
  const stores = content.stores.map((state) => ({
    ...state,
    secrets: state.secrets.filter(({ ref }) => !gone.has(`${state.id}\0${ref}`)),
  }));
  const oldest = entries.reduce((least, { record }) => Math.min(least, Date.parse(record.seenAt)), now.getTime());
  return { content: { ...content, entries, stores }, oldest: new Date(oldest) };
}

/** Returns the content with a store's entries and state replaced. */
export function withStore(content: IndexContent, { state, entries }: SyncOutcome): IndexContent {
  const others = content.stores.filter(({ id, name }) => id !== state.id && name !== state.name);
  return {
    ...content,
    stores: [...others, state],
    entries: [...content.entries.filter((entry) => others.some((other) => isOfStore(entry, other))), ...entries],
  };
}
