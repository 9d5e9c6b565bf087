/** `leakwarden store sync [NAME…]`: reads the stores into the index. What cannot be read is named, what was known of it stays; exit 3 when that happened. */
import { randomBytes } from 'node:crypto';
import { encodeIndex, type IndexContent, IndexFault, type IndexFile } from '../../check/index-file.ts';
import { EPOCH_BYTES, IndexKeys } from '../../check/index-keys.ts';
import { type SyncOutcome, syncStore } from '../../check/index-sync.ts';
import { isOfStore, withoutStale, withStore } from '../../check/index-upkeep.ts';
import { MAX_PRINTED_VALUES, type Print, packPrints, printOf, printsByTag } from '../../check/prints.ts';
import type { Problem } from '../../core/contracts.ts';
import { describe, EXIT, hintOf, printable, ToolError } from '../../core/errors.ts';
import { StoreError } from '../../core/stores.ts';
import { estimatedBits, GUESSABLE_BELOW_BITS } from '../../engine/entropy.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import { indexFile, openIndex, readIndexKey } from '../index-files.ts';
import { type Io, note } from '../io.ts';
import { didYouMean } from '../nearest-word.ts';
import { wantsProgress } from '../run-scan.ts';
import { counted } from '../settings.ts';
import { type NamedStore, openStore, readStores, storesFile } from '../stores-file.ts';
import { writePrivateFile } from '../user-files.ts';
import { writeToStream } from '../write-output.ts';

/** An index that is older says of secrets that they are live which were rotated yesterday. */
const TTL_HOURS = 24;
const MAX_TTL_HOURS = 24 * 31;
const MOST_PROBLEMS_SHOWN = 10;

export async function run(given: Given, io: Io): Promise<number> {
  const ttlMs = 3_600_000 * ttlOf(optionOf(given, 'ttl'));
  const path = storesFile(io.env);
  const stores = await readStores(path);
  if (stores.length === 0) throw new ToolError('no-stores', { path });
  const chosen = choose(stores, given.operands);
  const key = readIndexKey(io.env, true);
  let content = isSet(given, 'full') && chosen.length === stores.length ? emptyContent() : knownContent(key, io);
  const keys = new IndexKeys(key, content.epoch, Buffer.alloc(EPOCH_BYTES));
  // What is no longer in the list of stores is not in the index either.
  content = { ...content, stores: content.stores.filter((state) => stores.some(({ name }) => name === state.name)) };
  content = { ...content, entries: content.entries.filter((entry) => content.stores.some((state) => isOfStore(entry, state))) };

  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  const problems: Problem[] = [];
  const prints = printsByTag(content.prints);
  try {
    for (const store of chosen) {
      if (interruption.signal.aborted) break;
      const synced = await syncOne(store, path, content, keys, { given, io, signal: interruption.signal, problems, prints });
      if (synced) content = withStore(content, synced);
    }
  } finally {
    stopListening();
  }
  const now = io.now();
  const { content: fresh, oldest } = withoutStale(content, now, ttlMs);
  const tags = new Set(fresh.entries.map(({ tag }) => tag.toString('hex')));
  const known = [...prints].filter(([tag]) => tags.has(tag)).map(([, print]) => print);
  if (known.length > MAX_PRINTED_VALUES)
    note(io, `of ${known.length} values ${MAX_PRINTED_VALUES} are found at any place, the others where a rule points at them`);
  const bytes = encodeIndex({ ...fresh, prints: packPrints(known) }, key, {
    writtenAt: now,
    expiresAt: new Date(oldest.getTime() + ttlMs),
  });
  writePrivateFile(indexFile(io.env), bytes);
  await sayProblems(problems, io);
  if (interruption.signal.aborted) return EXIT.interrupted;
  return problems.length > 0 ? EXIT.incomplete : EXIT.clean;
}

const isGuessable = (value: string): boolean => estimatedBits(value) < GUESSABLE_BELOW_BITS;

type Surroundings = {
  readonly given: Given;
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly problems: Problem[];
  readonly prints: Map<string, Print>;
};

/** Returns null where the store could not even be made. */
async function syncOne(
  named: NamedStore,
  path: string,
  content: IndexContent,
  keys: IndexKeys,
  { given, io, signal, problems, prints }: Surroundings,
): Promise<SyncOutcome | null> {
  const hasProgress = wantsProgress(given, io);
  const began = io.clockMs();
  const fail = (reason: string): void => {
    problems.push({ code: 'store-failed', where: named.name, data: { store: named.name, reason } });
  };
  try {
    const { store, requests } = await openStore(named, path, io);
    const known = content.stores.find(({ id, name }) => id === store.id && name === named.name);
    const previous = known ? { state: known, entries: content.entries.filter((entry) => isOfStore(entry, known)) } : null;
    const outcome = await syncStore({
      store,
      name: named.name,
      previous,
      keys,
      isGuessable,
      onValue: (value, tag) => {
        const print = printOf(value, tag, keys.filter(), isGuessable);
        if (print) prints.set(tag.toString('hex'), print);
      },
      now: io.now(),
      signal,
      onProgress: ({ secrets, read, values }) => {
        if (hasProgress)
          io.stderr.write(`\r\u001b[K${named.name}: ${counted(secrets, 'secret', 'secrets')}, ${read} read, ${values} values`);
      },
    });
    if (hasProgress) io.stderr.write('\r\u001b[K');
    for (const sentence of outcome.tooMuch) note(io, `${named.name}: the credential may do more than it needs: ${sentence}`);
    if (outcome.state.failure !== null) fail(outcome.state.failure);
    problems.push(...outcome.state.problems);
    const { secrets, read, values } = outcome.counts;
    const seconds = ((io.clockMs() - began) / 1000).toFixed(1);
    const cost = requests() > 0 ? `, ${counted(requests(), 'request', 'requests')}` : '';
    const line = `${named.name}: ${counted(secrets, 'secret', 'secrets')}, ${read} read anew, ${counted(values, 'value', 'values')} added${cost}, ${seconds} s`;
    await writeToStream(io.stdout, [`${printable(line)}\n`]);
    return outcome;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    fail(error.message);
    return null;
  }
}

async function sayProblems(problems: readonly Problem[], io: Io): Promise<void> {
  for (const { code, data } of problems.slice(0, MOST_PROBLEMS_SHOWN)) {
    io.stderr.write(`leakwarden: problem: ${describe(code, data)}\nleakwarden: hint: ${hintOf(code, data)}\n`);
  }
  if (problems.length > MOST_PROBLEMS_SHOWN)
    note(io, `and ${counted(problems.length - MOST_PROBLEMS_SHOWN, 'problem', 'problems')} more: leakwarden store status --json`);
}

function choose(stores: readonly NamedStore[], names: readonly string[]): readonly NamedStore[] {
  if (names.length === 0) return stores;
  return names.map((name) => {
    const store = stores.find((one) => one.name === name);
    if (store) return store;
    const known = stores.map((one) => one.name);
    throw new ToolError('bad-option', { message: `there is no store ${name}${didYouMean(name, known)}; stores: ${known.join(', ')}` });
  });
}

function emptyContent(): IndexContent {
  return { epoch: randomBytes(EPOCH_BYTES), stores: [], entries: [], prints: Buffer.alloc(0) };
}

/** Returns what is known already; an index that cannot be used is said, and all is read anew. */
function knownContent(key: Buffer, io: Io): IndexContent {
  try {
    const index: IndexFile | null = openIndex(io.env, () => key);
    return index ? index.content() : emptyContent();
  } catch (error) {
    if (!(error instanceof IndexFault)) throw error;
    note(io, `the index that is there cannot be used (${error.message}): all is read anew`);
    return emptyContent();
  }
}

function ttlOf(text: string | undefined): number {
  if (text === undefined) return TTL_HOURS;
  const hours = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (hours > 0 && hours <= MAX_TTL_HOURS) return hours;
  throw new ToolError('bad-option', { message: `--ttl must be a number of hours up to ${MAX_TTL_HOURS}, not ${text}` });
}
