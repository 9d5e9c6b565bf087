/** `leakwarden store status`: what is indexed of each store, how old it is, what could not be read. Exit 0 when the index is whole and fresh, else 3. */
import { IndexFault, type IndexFile, type StoreState } from '../../check/index-file.ts';
import { describe, EXIT, printable, ToolError } from '../../core/errors.ts';
import { type Given, isSet } from '../given.ts';
import { indexFile, openIndex, readIndexKey } from '../index-files.ts';
import type { Io } from '../io.ts';
import { counted } from '../settings.ts';
import { readStores, storesFile } from '../stores-file.ts';
import { writeToStream } from '../write-output.ts';

const MOST_PROBLEMS_SHOWN = 10;

export async function run(given: Given, io: Io): Promise<number> {
  const named = await readStores(storesFile(io.env));
  const { index, fault } = open(io);
  const states = index?.stores() ?? [];
  const isExpired = index !== null && Date.parse(index.header.expiresAt) <= io.now().getTime();
  const unread = named.filter(({ name }) => !states.some((state) => state.name === name)).map(({ name }) => name);
  const isWhole =
    index !== null &&
    !isExpired &&
    unread.length === 0 &&
    states.every(({ failure, problems }) => failure === null && problems.length === 0);
  const text = isSet(given, 'json')
    ? `${JSON.stringify(fields(io, index, fault, isExpired, states, unread), null, 2)}\n`
    : lines(io, index, fault, isExpired, states, unread)
        .map((line) => `${printable(line)}\n`)
        .join('');
  await writeToStream(io.stdout, [text]);
  return isWhole ? EXIT.clean : EXIT.incomplete;
}

/** An index that cannot be used is what is asked about, not a mistake of who asks. */
function open(io: Io): { index: IndexFile | null; fault: string | null } {
  try {
    return { index: openIndex(io.env, () => readIndexKey(io.env, false)), fault: null };
  } catch (error) {
    if (!(error instanceof IndexFault) && !(error instanceof ToolError)) throw error;
    return { index: null, fault: error.message };
  }
}

function fields(
  io: Io,
  index: IndexFile | null,
  fault: string | null,
  isExpired: boolean,
  states: readonly StoreState[],
  unread: readonly string[],
): object {
  return {
    index: index === null ? null : { path: indexFile(io.env), ...shown(index), isExpired },
    fault,
    stores: states.map(({ id, name, kind, syncedAt, failure, problems, secrets }) => ({
      name,
      kind,
      id,
      syncedAt,
      failure,
      secrets: secrets.length,
      versions: secrets.reduce((sum, { read }) => sum + read.length, 0),
      problems: problems.map(({ code, where, data }) => ({ code, where, message: describe(code, data) })),
    })),
    unread,
  };
}

function shown({ header }: IndexFile): { writtenAt: string; expiresAt: string; records: number; guessable: number } {
  const { writtenAt, expiresAt, records, guessable } = header;
  return { writtenAt, expiresAt, records, guessable };
}

function lines(
  io: Io,
  index: IndexFile | null,
  fault: string | null,
  isExpired: boolean,
  states: readonly StoreState[],
  unread: readonly string[],
): string[] {
  const now = io.now().getTime();
  const head =
    index === null
      ? [fault === null ? 'there is no index yet: leakwarden store sync' : `the index cannot be used: ${fault}`]
      : [
          `index: ${counted(index.header.records, 'value', 'values')}, ${index.header.guessable} of them guessable; written ${age(index.header.writtenAt, now)} ago, ${isExpired ? 'EXPIRED' : 'expires'} ${index.header.expiresAt}`,
        ];
  const each = states.flatMap((state) => {
    const { name, kind, id, syncedAt, failure, problems, secrets } = state;
    const versions = secrets.reduce((sum, { read }) => sum + read.length, 0);
    return [
      `${name}  ${kind}  ${id}`,
      `  ${counted(secrets.length, 'secret', 'secrets')}, ${counted(versions, 'version', 'versions')} read; ${syncedAt === null ? 'never read to the end' : `read to the end ${age(syncedAt, now)} ago`}`,
      ...(failure === null ? [] : [`  not read: ${failure}`]),
      ...problems.slice(0, MOST_PROBLEMS_SHOWN).map(({ code, data }) => `  not read: ${describe(code, data)}`),
      ...(problems.length > MOST_PROBLEMS_SHOWN ? [`  and ${problems.length - MOST_PROBLEMS_SHOWN} more (--json lists them)`] : []),
    ];
  });
  return [...head, ...each, ...unread.map((name) => `${name}  not indexed yet: leakwarden store sync ${name}`)];
}

function age(time: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(time)) / 60_000));
  return minutes < 60 ? `${minutes} min` : minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
