/**
 * Which of some blobs stand in the trees of many commits: what a branch holds today. In come commits or trees, out go the blobs and paths
 * of each. Trees are read level by level through git, each once however many commits share it, and only what leads to a blob is kept.
 */
import { readObjects } from './cat-file.ts';
import { pathText } from './path-text.ts';
import type { GitScope } from './run-git.ts';

export type TreeEntry = { readonly path: string; readonly id: string };

type Edge = { readonly name: Buffer; readonly id: string; readonly isTree: boolean };

/** Distinct trees that are read; beyond it the answer is incomplete, and says so. */
const MAX_TREES = 2_000_000;

/** Deeper than any path that a system takes. */
const MAX_DEPTH = 2048;

/** A tree of a million entries. */
const TREE_LIMIT_BYTES = 64 << 20;

/** Entries told of one tip. */
const MAX_ENTRIES = 10_000;

export type InTrees = {
  /** The wanted blobs in the tree of a commit or tree that was named, with their paths. */
  of(id: string): readonly TreeEntry[];
  /** Trees that could not be read. */
  readonly missing: readonly string[];
};

/** `wanted` null: every blob counts. Throws ToolError git-failed, interrupted. */
export async function findInTrees(roots: readonly string[], wanted: { has(id: string): boolean } | null, git: GitScope): Promise<InTrees> {
  const children = new Map<string, readonly Edge[]>();
  const missing: string[] = [];
  let level = [...new Set(roots)].map((id) => ({ id, ask: `${id}^{tree}` }));
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
    const asked = level.slice(0, Math.max(0, MAX_TREES - children.size));
    missing.push(...level.slice(asked.length).map(({ id }) => id));
    const next = new Map<string, { id: string; ask: string }>();
    let at = 0;
    for await (const object of readObjects(
      asked.map(({ ask }) => ask),
      { ...git, limitBytes: TREE_LIMIT_BYTES },
    )) {
      const tree = asked[at++];
      if (!tree) break;
      if (object.state !== 'read') {
        missing.push(tree.id);
        continue;
      }
      const edges = parseTree(object.bytes, tree.id.length / 2).filter(({ id, isTree }) => isTree || wanted === null || wanted.has(id));
      children.set(tree.id, edges);
      for (const { id, isTree } of edges) if (isTree && !children.has(id)) next.set(id, { id, ask: id });
    }
    level = [...next.values()].filter(({ id }) => !children.has(id));
  }
  const holds = holdersAmong(children);
  return { of: (id) => entriesBelow(id, children, holds), missing };
}

/** Returns the blobs and folders of a tree; gitlinks are of other repositories. Ends where the bytes make no sense. */
export function parseTree(bytes: Buffer, idBytes: number): Edge[] {
  const edges: Edge[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, at);
    if (space < 0 || nul < space || nul + idBytes >= bytes.length) break;
    const mode = bytes.toString('latin1', at, space);
    const id = bytes.toString('hex', nul + 1, nul + 1 + idBytes);
    if (mode !== '160000') edges.push({ name: bytes.subarray(space + 1, nul), id, isTree: mode === '40000' || mode === '040000' });
    at = nul + 1 + idBytes;
  }
  return edges;
}

/** Returns the trees with a wanted blob anywhere below them. Children's answers first, without recursion: depth is the repository's choice. */
function holdersAmong(children: ReadonlyMap<string, readonly Edge[]>): ReadonlySet<string> {
  const parents = new Map<string, string[]>();
  const holds = new Set<string>();
  for (const [id, edges] of children) {
    for (const edge of edges) {
      if (!edge.isTree) holds.add(id);
      else {
        const known = parents.get(edge.id);
        if (known) known.push(id);
        else parents.set(edge.id, [id]);
      }
    }
  }
  const queue = [...holds];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const parent of parents.get(id) ?? []) {
      if (holds.has(parent)) continue;
      holds.add(parent);
      queue.push(parent);
    }
  }
  return holds;
}

function entriesBelow(root: string, children: ReadonlyMap<string, readonly Edge[]>, holds: ReadonlySet<string>): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const stack: { readonly id: string; readonly prefix: string; readonly depth: number }[] = [{ id: root, prefix: '', depth: 0 }];
  for (let tree = stack.pop(); tree && entries.length < MAX_ENTRIES; tree = stack.pop()) {
    for (const { name, id, isTree } of children.get(tree.id) ?? []) {
      const path = tree.prefix + pathText(name);
      if (!isTree) entries.push({ path, id });
      else if (holds.has(id) && tree.depth < MAX_DEPTH) stack.push({ id, prefix: `${path}/`, depth: tree.depth + 1 });
    }
  }
  return entries;
}
