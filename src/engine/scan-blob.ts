/** Scans one blob: windows → candidates → confirmed matches → resolved for each role → located. One BlobScanner a thread; scan-blobs.ts and worker.ts use it. */
import type { StoredPrints } from '../core/stored-prints.ts';
import type { Kernel } from '../kernel/load.ts';
import type { CompiledRuleset, Program } from '../ruleset/compiled.ts';
import type { Engine } from '../ruleset/regex-engine.ts';
import { RuleView } from '../ruleset/rule-view.ts';
import { groupRoles, matchesInRole, spanKey } from './by-role.ts';
import { type ByteText, Confirmer } from './confirm.ts';
import { newDecodeBudget, unpackedBytesOf } from './decoded-text.ts';
import { type DecodedRaw, type EncodedSpans, EncodedText, resolveDecoded } from './encoded-text.ts';
import { type FileRole, roleOf } from './file-role.ts';
import { type FoundMatch, inPlace, locateMatch, toText } from './found-match.ts';
import { FIRST_LINE, Locator } from './locate.ts';
import { assignedValue, type RawMatch } from './raw-match.ts';
import { resolveMatches } from './resolve.ts';
import { settleDecoded } from './settle-decoded.ts';
import { confirmStored, type StoredPlace } from './stored-confirm.ts';
import { recognise } from './unpack/index.ts';
import { isWhole, kindOfFirst, type LoadedWindow, loadFirst, type ReadAt, windowsOf } from './windows.ts';

/** What every scanner of one scan shares. Crosses threads. */
export type ScanSetup = {
  readonly ruleset: CompiledRuleset;
  /** Indices of rules that are switched off. */
  readonly off: ReadonlySet<number>;
  readonly includeBinary: boolean;
  /** How often text is decoded that was found in decoded text; 0: none is. */
  readonly maxDecodeDepth: number;
  /** Values behind a credential's name that look like samples are wanted too. They cost time, and most scans don't report them. */
  readonly isAudit?: boolean;
  /** Levels of archives in archives that are opened; 0: archives are binary files as others. */
  readonly archiveDepth: number;
  /** What becomes of values that are assigned where passwords are, matches or not: somebody has stores to compare them with. Absent: nothing. */
  readonly assigned?: WantedValues;
  /** Stored values to look for at every place, and the kernel's tables of them. */
  readonly stored?: { readonly prints: StoredPrints; readonly image: Uint8Array } | null;
};

/** `all`: where each stands; `texts`: only what they are, since a history has too many; a set: where these stand. */
export type WantedValues = 'all' | 'texts' | ReadonlySet<string>;

export type BlobResult = {
  readonly matches: readonly FoundMatch[];
  /** Stored values, and what stands in the place of a password, where that is wanted (ScanSetup.assigned). `rule` says nothing. */
  readonly values?: readonly FoundMatch[];
  /** Texts in the places of passwords, where those are wanted. */
  readonly texts?: readonly string[];
  readonly bytes: number;
  readonly candidates: number;
  readonly isBinary: boolean;
  /** Nothing was scanned: it is to be unpacked (scan-archive.ts). */
  readonly isArchive: boolean;
  /** There were more matches than are looked at in one blob. */
  readonly isOverfull: boolean;
  /** There was more encoded text than is decoded in one blob. */
  readonly isUndecoded: boolean;
  /** Bytes that came out of what was packed in the text; absent where nothing was. */
  readonly unpackedBytes?: number;
};

/** The kernel's pairs of a window. */
type Scanned = ReturnType<Kernel['scan']>;

export type MatchesByRole = Readonly<Partial<Record<FileRole, readonly FoundMatch[]>>>;

/** A blob's result for files of several roles; a role without matches may be left out. */
export type RolesResult = Omit<BlobResult, 'matches'> & { readonly byRole: MatchesByRole };

/** Candidates of one blob that are confirmed, and matches that are kept: a hostile file ends there, and is reported as incomplete. */
export const MAX_CANDIDATES = 200_000;
export const MAX_MATCHES = 10_000;
/** Stored values, and values in the places of passwords, that are kept of a blob; with more it is reported as incomplete. */
export const MAX_VALUES = 10_000;

export class BlobScanner {
  readonly #kernel: Kernel;
  readonly #rules: RuleView;
  readonly #confirmer: Confirmer;
  readonly encoded: EncodedText;
  readonly setup: ScanSetup;

  constructor(kernel: Kernel, setup: ScanSetup, foreign: Engine, builtIn?: Engine) {
    this.#kernel = kernel;
    this.#rules = new RuleView(setup.ruleset);
    this.#confirmer = new Confirmer(this.#rules, foreign, builtIn, setup.isAudit);
    this.encoded = new EncodedText(kernel, this.#rules, this.#confirmer, setup);
    this.setup = setup;
  }

  /**
   * Scans what `readAt` gives; archives are only recognised. `path` tells the file's role to the generic rules. `lines`: the lines of a document that is text
   * count (a notebook); `content`: it is scanned as it is, even if it looks like an archive. Throws what `readAt` throws.
   */
  scan(readAt: ReadAt, path: string, as: 'file' | 'lines' | 'content' = 'file'): BlobResult {
    const isArchive = (head: Uint8Array): boolean => {
      const format = as === 'content' ? null : recognise(head, path);
      // A store of keys is a finding by itself, whether archives are opened or not.
      if (format === null || format.kind === 'key') return format !== null;
      return this.setup.archiveDepth > 0 && !(as === 'lines' && format.kind === 'text');
    };
    const found = this.#scanIn(readAt, () => [roleOf(path)], isArchive);
    if ('matches' in found) return found;
    const { byRole, ...rest } = found;
    const [matches = []] = Object.values(byRole);
    return { ...rest, matches };
  }

  /** Scans what `readAt` gives once, and says what it comes to in files of each of these roles. */
  scanInRoles(readAt: ReadAt, roles: readonly FileRole[]): RolesResult {
    const found = this.#scanIn(
      readAt,
      () => roles,
      () => false,
    );
    if (!('matches' in found)) return found;
    const { matches: _none, ...rest } = found;
    return { ...rest, byRole: {} };
  }

  /**
   * `roles` is asked where something was found only, and `isArchive` once. A BlobResult says that nothing was found: a text in one window without a candidate, as most
   * files are, costs one pass of the kernel and hardly more.
   */
  #scanIn(readAt: ReadAt, roles: () => readonly FileRole[], isArchive: (head: Uint8Array) => boolean): RolesResult | BlobResult {
    const length = loadFirst(this.#kernel, readAt);
    const kind = kindOfFirst(this.#kernel, length, isArchive);
    if (kind === 'archive' || (kind === 'binary' && !this.setup.includeBinary)) return nothingIn(0, kind);
    if (length === 0) return nothingIn(0);
    // Stored values are looked for first, since they take the place of the kernel's pairs.
    const isPlain = isWhole(kind, length) && !(this.#kernel.hasStored && this.#kernel.scanStored(length).pairs.length > 0);
    const scanned = isPlain ? this.#kernel.scan(length) : null;
    const listed = scanned?.pairs.length === 0 ? this.encoded.list(length) : null;
    if (listed?.spans.length === 0) return nothingIn(length);
    return this.#scanWindows(windowsOf(this.#kernel, readAt, kind, length), roles, scanned, listed);
  }

  /** `scanned`, `listed`: what the kernel said of the first window, which is then the only one, with no stored value in it; null: it was not asked yet. */
  #scanWindows(
    windows: Iterable<LoadedWindow>,
    roles: () => readonly FileRole[],
    scanned: Scanned | null,
    listed: EncodedSpans | null,
  ): RolesResult {
    const byRole: Partial<Record<FileRole, FoundMatch[]>> = {};
    const budget = { candidates: 0, isOverfull: false };
    const decoding = newDecodeBudget();
    const values = new Map<string, FoundMatch>();
    const texts = new Set<string>();
    let bytes = 0;
    let lines = FIRST_LINE;
    for (const window of windows) {
      const locator = new Locator(this.#kernel, window.length, lines);
      const stored = scanned ? [] : this.#scanStored(window, budget);
      const { found: raw, assigned } = this.#scanWindow(window, budget, scanned ?? this.#kernel.scan(window.length));
      if (this.setup.assigned === 'texts') for (const { secret } of assigned) texts.add(toText(secret));
      if (this.locateValues(stored, assigned, window, locator, values)) budget.isOverfull = true;
      const encoded = this.encoded.scan(window, decoding, listed ?? this.encoded.list(window.length));
      if ((raw.length > 0 || encoded.length > 0) && this.settle(raw, roles(), window, locator, byRole, encoded)) budget.isOverfull = true;
      bytes = window.toBlob(window.length);
      if (window.nextStart >= 0) lines = locator.stateAt(window.nextStart);
    }
    const { candidates, isOverfull } = budget;
    const unpackedBytes = unpackedBytesOf(decoding);
    const result = { byRole, bytes, candidates, isBinary: false, isArchive: false, isOverfull, isUndecoded: decoding.isExhausted };
    return {
      ...result,
      ...(values.size === 0 ? {} : { values: [...values.values()] }),
      ...(texts.size === 0 ? {} : { texts: [...texts] }),
      ...(unpackedBytes === 0 ? {} : { unpackedBytes }),
    };
  }

  /** Adds to `values`, by span, where stored values stand, and assigned ones of which that is wanted. Returns whether there were more than are kept. */
  locateValues(
    stored: readonly RawMatch[],
    assigned: readonly RawMatch[],
    window: LoadedWindow,
    locator: Locator,
    values: Map<string, FoundMatch>,
  ): boolean {
    const wanted = this.setup.assigned;
    if (stored.length === 0 && (assigned.length === 0 || wanted === 'texts')) return false;
    const others = assigned.filter(({ secret }) => wanted === 'all' || (typeof wanted === 'object' && wanted.has(toText(secret))));
    for (const match of [...stored, ...others]) {
      if (match.secretStart < window.coreStart || match.secretStart >= window.coreEnd) continue;
      const span = { start: match.secretStart, end: match.secretEnd };
      const key = `${window.toBlob(span.start)}:${window.toBlob(span.end)}`;
      if (values.has(key)) continue;
      if (values.size >= MAX_VALUES) return true;
      values.set(key, locateMatch({ match, parts: {}, text: null, span }, window, locator));
    }
    return false;
  }

  /**
   * Adds to `byRole` what a window's confirmed matches come to. Returns whether there were more than are kept. The second half of a scan: who has confirmed
   * the matches in another way (src/engine/history) begins here.
   */
  settle(
    raw: readonly RawMatch[],
    roles: readonly FileRole[],
    window: LoadedWindow,
    locator: Locator,
    byRole: Partial<Record<FileRole, FoundMatch[]>>,
    encoded: readonly DecodedRaw[] = [],
  ): boolean {
    let isOverfull = false;
    const all = encoded.length === 0 ? raw : [...raw, ...encoded.flatMap((one) => one.raw)];
    for (const group of groupRoles(all, roles)) {
      const [role] = group;
      if (role === undefined) continue;
      const inClear = resolveMatches(matchesInRole(raw, role), this.#rules, (at) => locator.lineAt(at), this.setup.isAudit);
      // Settled with the neighbours of the overlap, so that the edge of a core decides nothing; then each window keeps what begins in its own core.
      const own = inClear.filter(({ match }) => match.secretStart >= window.coreStart && match.secretStart < window.coreEnd);
      const { plain, decoded } = settleDecoded(own, resolveDecoded(encoded, role, this.#rules, window), this.#rules);
      const found = inPlace(plain, decoded).map((placed) => locateMatch(placed, window, locator));
      for (const each of group) {
        const matches = byRole[each] ? [...byRole[each], ...found] : found;
        if (matches.length > MAX_MATCHES) isOverfull = true;
        byRole[each] = matches.length > MAX_MATCHES ? matches.slice(0, MAX_MATCHES) : matches;
      }
    }
    return isOverfull;
  }

  /** Returns the program of that number, or null where its rule is switched off. */
  programOf(index: number): Program | null {
    const program = this.#rules.program(index);
    return program && !this.setup.off.has(program.rule) ? program : null;
  }

  /** Returns the match of a candidate in a text, or null: a function of the bytes that it reads there and of whether the text begins or ends among them. */
  confirm(text: ByteText, at: number, program: Program): RawMatch | null {
    return this.#confirmer.confirm(text, at, program);
  }

  /** Returns what is assigned at a candidate, where a password stands, or null; wherever it is wanted at all. A function of the bytes as confirm() is. */
  valueAt(text: ByteText, at: number, program: Program): RawMatch | null {
    return this.setup.assigned === undefined ? null : this.#confirmer.valueAt(text, at, program);
  }

  #scanStored(window: LoadedWindow, budget: { isOverfull: boolean }): RawMatch[] {
    const { stored } = this.setup;
    if (!stored || !this.#kernel.hasStored) return [];
    const { pairs, isOverfull } = this.#kernel.scanStored(window.length);
    if (pairs.length === 0) return [];
    const confirmed = confirmStored(this.#kernel.window, window.length, pairs, stored.prints);
    if (isOverfull || confirmed.isOverfull) budget.isOverfull = true;
    return confirmed.places.map(storedMatch);
  }

  #scanWindow(
    window: LoadedWindow,
    budget: { candidates: number; isOverfull: boolean },
    { pairs, isOverfull }: Scanned,
  ): { found: RawMatch[]; assigned: RawMatch[] } {
    if (isOverfull) budget.isOverfull = true;
    const found: RawMatch[] = [];
    const assigned: RawMatch[] = [];
    if (pairs.length === 0) return { found, assigned };
    const text: ByteText = {
      length: window.length,
      slice: (start, end) => this.#kernel.window.toString('latin1', Math.max(0, start), Math.min(window.length, Math.max(0, end))),
    };
    const spans = new Set<string>();
    for (const { at, program: index } of inOrder(pairs)) {
      const program = this.programOf(index);
      if (!program) continue;
      if (++budget.candidates > MAX_CANDIDATES || spans.size > MAX_MATCHES) {
        budget.isOverfull = true;
        break;
      }
      const value = this.valueAt(text, at, program);
      if (value) assigned.push(value);
      const match = this.#confirmer.confirm(text, at, program);
      if (!match) continue;
      spans.add(spanKey(match));
      found.push(match);
    }
    return { found, assigned };
  }
}

const NO_MATCHES: readonly FoundMatch[] = [];

/** Returns the result of a blob in which nothing was found, or that was not read: what it is instead of text. */
function nothingIn(bytes: number, unread?: 'binary' | 'archive'): BlobResult {
  const [isBinary, isArchive] = [unread === 'binary', unread === 'archive'];
  return { matches: NO_MATCHES, bytes, candidates: 0, isBinary, isArchive, isOverfull: false, isUndecoded: false };
}

/** Programs are numbered by u16 (src/core/kernel-layout.ts). */
const PROGRAMS = 65536;

/** Gives the kernel's candidates by place and program, each once: its own order and its repeats hang on where a window begins. */
export function* inOrder(pairs: Uint32Array): Generator<{ at: number; program: number }> {
  const keys = new Float64Array(pairs.length / 2);
  for (let i = 0; i < keys.length; i++) keys[i] = (pairs[2 * i] ?? 0) * PROGRAMS + (pairs[2 * i + 1] ?? 0);
  if (keys.length > 1) keys.sort();
  let last = -1;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? 0;
    if (key !== last) yield { at: Math.floor(key / PROGRAMS), program: key % PROGRAMS };
    last = key;
  }
}

/** A stored value as a match of no rule. */
export function storedMatch({ start, end, value }: StoredPlace): RawMatch {
  return assignedValue(-1, start, end, value.toString('latin1'));
}
