/**
 * Which of some blobs stand in the trees of many commits: what a branch holds today. In come commits or trees, out go the blobs and paths
 * of each. One git process tells how each tree differs from the one before it, the first from nothing, so that a thousand branches of one
 * project cost little more than one. Kept are the wanted blobs only.
 */
import { ToolError } from '../core/errors.ts';
import { NulFields } from './nul-fields.ts';
import { linesOf } from './object-lines.ts';
import { pathText } from './path-text.ts';
import { type GitScope, streamGit } from './run-git.ts';

export type TreeEntry = { readonly path: string; readonly id: string };

/** git knows the tree without entries, whether the store has it or not. */
const EMPTY_TREE: Readonly<Record<number, string>> = {
  40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** Changed paths of all trees together. A tree that contains itself many times has more. */
const MAX_PATHS = 50_000_000;

/** Entries told of one tip, and of all together. */
const MAX_ENTRIES = 10_000;
const MAX_KEPT = 2_000_000;

const SUBMODULE = '160000';

const NO_ENTRIES: readonly TreeEntry[] = [];

export type InTrees = {
  /** The wanted blobs in the tree of a commit or tree that was named, with their paths. */
  of(id: string): readonly TreeEntry[];
  /** The same without paths. */
  blobsOf(id: string): ReadonlySet<string>;
};

/** `wanted` null: every blob counts. Throws ToolError git-failed (a tree is missing, or there are too many), interrupted. */
export async function findInTrees(roots: readonly string[], wanted: { has(id: string): boolean } | null, git: GitScope): Promise<InTrees> {
  const trees = await treesOf([...new Set(roots)], git);
  const distinct = [...new Set(trees.values())];
  const differences = new Differences(wanted);
  const pairs = distinct.map((tree, index) => `${distinct[index - 1] ?? EMPTY_TREE[tree.length]} ${tree}\n`);
  const args = ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--ignore-submodules=none'];
  if (pairs.length > 0) for await (const chunk of streamGit(args, { ...git, stdin: pairs.join('') })) differences.push(chunk);
  const entries = differences.end();
  const of = (id: string): readonly TreeEntry[] => entries.get(trees.get(id) ?? '') ?? NO_ENTRIES;
  const sets = new Map<readonly TreeEntry[], ReadonlySet<string>>();
  const blobsOf = (id: string): ReadonlySet<string> => {
    const list = of(id);
    const set = sets.get(list) ?? new Set(list.map((entry) => entry.id));
    sets.set(list, set);
    return set;
  };
  return { of, blobsOf };
}

/** Returns the tree of each commit or tree that is there. */
async function treesOf(ids: readonly string[], git: GitScope): Promise<Map<string, string>> {
  const trees = new Map<string, string>();
  if (ids.length === 0) return trees;
  const stdin = ids.map((id) => `${id}^{tree}\n`).join('');
  let at = 0;
  for await (const line of linesOf(streamGit(['cat-file', '--batch-check=%(objectname)'], { ...git, stdin }))) {
    const id = ids[at++];
    if (id !== undefined && /^[0-9a-f]+$/.test(line)) trees.set(id, line);
  }
  return trees;
}

/** Reads `git diff-tree --stdin -z`: for each pair a line of both ids, then changes; keeps what stands in the second of each. */
class Differences {
  readonly #wanted: { has(id: string): boolean } | null;
  readonly #fields = new NulFields((field) => this.#field(field));
  /** Paths as Latin-1, so that they are the bytes that they are. */
  readonly #current = new Map<string, string>();
  readonly #entries = new Map<string, readonly TreeEntry[]>();
  #tree = '';
  #after: string | null = null;
  #paths = 0;
  #kept = 0;
  #last: readonly TreeEntry[] | null = null;
  #isChanged = true;

  constructor(wanted: { has(id: string): boolean } | null) {
    this.#wanted = wanted;
  }

  push(chunk: Buffer): void {
    this.#fields.push(chunk);
  }

  end(): ReadonlyMap<string, readonly TreeEntry[]> {
    this.#fields.end();
    this.#keep();
    return this.#entries;
  }

  #field(field: Buffer): void {
    if (this.#after !== null) {
      this.#change(field.toString('latin1'), this.#after);
      this.#after = null;
      return;
    }
    for (const line of field.toString('latin1').split('\n')) {
      if (line.startsWith(':')) this.#readChange(line.split(' '));
      else if (line !== '') {
        this.#keep();
        this.#tree = line.slice(line.indexOf(' ') + 1);
      }
    }
  }

  #readChange([, mode = '', , after = '']: readonly string[]): void {
    if (++this.#paths > MAX_PATHS)
      throw new ToolError('git-failed', { command: 'diff-tree', reason: `there are more than ${MAX_PATHS} paths` });
    this.#after = mode === SUBMODULE ? '' : after;
  }

  #change(path: string, after: string): void {
    const isWanted = after !== '' && !/^0+$/.test(after) && (this.#wanted?.has(after) ?? true);
    if (isWanted) this.#current.set(path, after);
    if (isWanted || this.#current.delete(path)) this.#isChanged = true;
  }

  /** A tree without a difference that counts shares the list of the one before it. */
  #keep(): void {
    if (this.#tree === '') return;
    const last = this.#last;
    const list = this.#isChanged || !last ? this.#list() : last;
    this.#entries.set(this.#tree, list);
    this.#last = list;
    this.#isChanged = false;
    this.#tree = '';
  }

  #list(): readonly TreeEntry[] {
    const list = [...this.#current].slice(0, MAX_ENTRIES).map(toEntry);
    this.#kept += list.length;
    if (this.#kept > MAX_KEPT)
      throw new ToolError('git-failed', { command: 'diff-tree', reason: `branches hold more than ${MAX_KEPT} findings` });
    return list;
  }
}

function toEntry([path, id]: readonly [string, string]): TreeEntry {
  return { path: pathText(Buffer.from(path, 'latin1')), id };
}
