/**
 * Looks for hashes in the audit log of a Vault or OpenBao, which holds every value that ever passed through it, hashed (openbao.org/docs/audit). In: files, one JSON
 * object a line, and hashes; out: for each hash where and when that value was written, read or used as a token. Called by vault-audit-hash.ts. Files are read
 * once, in pieces; only lines that hold a wanted hash are parsed. A file over its bound is read from its end, where the newest is.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StoreError } from '../core/stores.ts';
import { isJson, type Json } from './store-http.ts';

type AuditUse = {
  /** `written`: it was in a request; `read`: in an answer; `presented`: it was the token of a request. */
  readonly how: 'written' | 'read' | 'presented';
  /** With the namespace before it. */
  readonly path: string;
  /** Of the first and the last time, ISO 8601 as the log has it. */
  readonly firstAt: string;
  readonly lastAt: string;
  readonly times: number;
  /** Who, by the names of their logins: at most MAX_READERS. */
  readonly by: readonly string[];
};

export type AuditSearch = {
  /** For each hash asked for, in that order. */
  readonly uses: readonly (readonly AuditUse[])[];
  readonly bytes: number;
  /** Lines that are no JSON, or too long to be looked at. */
  readonly oddLines: number;
  /** Nothing was left out: no file was over the bound, no list full. */
  readonly isWhole: boolean;
};

const MARK = 'hmac-sha256:';
const HASH_CHARACTERS = MARK.length + 64;
/** The audit device's own bound on what it logs is far lower. */
const MAX_LINE_BYTES = 4 << 20;
/** Of one file; some 30 s of reading. */
export const MAX_AUDIT_LOG_BYTES = 16_384 * 1024 * 1024;
/** Different paths and ways that one value was used in. */
const MAX_USES = 1000;
const MAX_READERS = 20;
const MAX_DEPTH = 32;
const MAX_CHARACTERS = 500;
const PIECE_BYTES = 1 << 20;
/** The check itself leaves the hash in the log: these lines prove nothing. */
const OWN_PATH = 'sys/audit-hash/';

type Use = { -readonly [K in keyof AuditUse]: AuditUse[K] } & { readonly readers: Set<string> };
type Finds = { readonly uses: ReadonlyMap<string, Map<string, Use>>; oddLines: number; isWhole: boolean };

/** Looks for these hashes (`hmac-sha256:…`) in the files. Throws StoreError misconfigured for a file that cannot be read. */
export async function searchAuditLogs(
  files: readonly string[],
  hashes: readonly string[],
  signal: AbortSignal,
  maxBytes = MAX_AUDIT_LOG_BYTES,
): Promise<AuditSearch> {
  const finds: Finds = { uses: new Map(hashes.map((hash) => [hash, new Map<string, Use>()])), oddLines: 0, isWhole: true };
  let bytes = 0;
  for (const file of files) {
    const size = await sizeOf(file);
    if (size > maxBytes) finds.isWhole = false;
    if (size === 0) continue;
    // Not beyond the size it has now: the log goes on growing.
    const pieces = createReadStream(file, { start: Math.max(0, size - maxBytes), end: size - 1, highWaterMark: PIECE_BYTES, signal });
    try {
      for await (const line of linesOf(pieces, finds)) lookAt(line, finds);
    } catch (error) {
      if (signal.aborted) throw new StoreError('timed-out', `${file}: the search was interrupted`, { cause: error });
      throw new StoreError('misconfigured', `${file}: the audit log cannot be read`, { cause: error });
    }
    bytes += Math.min(size, maxBytes);
  }
  const uses = hashes.map((hash) =>
    [...(finds.uses.get(hash)?.values() ?? [])].map(({ readers, ...use }) => ({ ...use, by: [...readers] })),
  );
  return { uses, bytes, oddLines: finds.oddLines, isWhole: finds.isWhole };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new StoreError('misconfigured', `${file}: the audit log cannot be read`, { cause: error });
  }
  throw new StoreError('misconfigured', `${file}: the audit log is no file`);
}

async function* linesOf(pieces: AsyncIterable<Buffer>, finds: Finds): AsyncIterable<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; start = end + 1, end = piece.indexOf(10, start)) {
      const line = piece.subarray(start, end);
      if (restBytes === 0) yield line;
      else if (restBytes + line.length > MAX_LINE_BYTES) finds.oddLines++;
      else yield Buffer.concat([...rest, line]);
      rest = [];
      restBytes = 0;
    }
    restBytes += piece.length - start;
    // Of a line that is too long nothing is kept; it is counted at its end.
    if (restBytes > MAX_LINE_BYTES) rest = [];
    else if (start < piece.length) rest.push(piece.subarray(start));
  }
  if (restBytes > MAX_LINE_BYTES) finds.oddLines++;
  else if (restBytes > 0) yield Buffer.concat(rest);
}

function lookAt(line: Buffer, finds: Finds): void {
  let isWanted = false;
  for (let at = line.indexOf(MARK); at >= 0 && !isWanted; at = line.indexOf(MARK, at + MARK.length))
    isWanted = finds.uses.has(line.toString('latin1', at, at + HASH_CHARACTERS));
  if (!isWanted) return;
  const entry = parse(line);
  const request = entry && isJson(entry['request']) ? entry['request'] : null;
  if (!entry || !request) {
    finds.oddLines++;
    return;
  }
  if (textOf(request['path']).startsWith(OWN_PATH)) return;
  // An answer's line repeats its request; that has a line of its own.
  const isAnswer = entry['type'] === 'response';
  const part = isAnswer ? entry['response'] : request['data'];
  for (const hash of new Set(textsIn(part, 0))) note(finds, hash, isAnswer ? 'read' : 'written', entry, request);
  const token = textOf(request['client_token']);
  if (!isAnswer) note(finds, token, 'presented', entry, request);
}

function note(finds: Finds, hash: string, how: AuditUse['how'], entry: Json, request: Json): void {
  const found = finds.uses.get(hash);
  if (!found) return;
  const namespace = isJson(request['namespace']) ? textOf(request['namespace']['path']) : '';
  const path = `${namespace}${textOf(request['path'])}`;
  const at = textOf(entry['time']);
  const by = isJson(entry['auth']) ? textOf(entry['auth']['display_name']) : '';
  const use = found.get(`${how} ${path}`);
  if (use) {
    use.times++;
    if (at < use.firstAt) use.firstAt = at;
    if (at > use.lastAt) use.lastAt = at;
    if (by !== '' && use.readers.size < MAX_READERS) use.readers.add(by);
  } else if (found.size < MAX_USES) {
    found.set(`${how} ${path}`, { how, path, firstAt: at, lastAt: at, times: 1, by: [], readers: new Set(by === '' ? [] : [by]) });
  } else finds.isWhole = false;
}

function* textsIn(value: unknown, depth: number): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
    for (const one of Object.values(value)) yield* textsIn(one, depth + 1);
}

function parse(line: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

/** Returns a text of the log, fit for print. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_CHARACTERS).replace(/\p{Cc}/gu, '') : '';
}
