/**
 * Opens a repository's object store: all packs of all its folders as tables (src/git/pack), its loose objects, and which of all these objects are to be scanned: each id
 * once, wherever it lies. What cannot be opened is a problem, and its objects are left to git.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Problem } from '../../core/contracts.ts';
import { type LooseObject, listLooseObjects } from '../../git/pack/loose-objects.ts';
import { findObjectFolders } from '../../git/pack/object-folders.ts';
import { BLOB } from '../../git/pack/pack-header.ts';
import { findId, type PackIndex, readMultiPackIndex, readPackIndex } from '../../git/pack/pack-index.ts';
import { openPack, type PackTable } from '../../git/pack/pack-table.ts';
import { type Failure, reasonOf } from './walk.ts';
import { idOf } from './work.ts';

export type ObjectStore = {
  readonly packs: readonly PackTable[];
  /** By pack and rank: 1 where the object is a blob that is to be scanned, and no earlier pack has it. */
  readonly reported: readonly Uint8Array[];
  /** Those that no pack has, and that are wanted. */
  readonly loose: readonly LooseObject[];
  /** Objects without a readable header or base. */
  readonly failures: readonly Failure[];
  /** Ids of packs that could not be opened, for git. */
  readonly unopened: readonly { readonly id: string; readonly reason: string }[];
  readonly problems: readonly Problem[];
  /** Of all packs. */
  readonly packedBytes: number;
};

/** Opens what lies in the repository. Throws what no file of it can be blamed for. */
export function openStore(gitDir: string, wanted: ReadonlySet<string> | null): ObjectStore {
  const { folders, idBytes, faults } = findObjectFolders(gitDir);
  const problems: Problem[] = faults.map(({ folder, reason }) => ({
    code: 'alternate-unread',
    where: folder,
    data: { path: folder, reason },
  }));
  const packs: PackTable[] = [];
  const failures: Failure[] = [];
  const unopened: { id: string; reason: string }[] = [];
  const loose = new Map<string, LooseObject>();
  const blame = (file: string, reason: string): void => {
    problems.push({ code: 'pack-damaged', where: file, data: { path: file, reason } });
  };
  for (const folder of folders) {
    for (const { file, index } of readIndexes(path.join(folder, 'pack'), idBytes, blame)) {
      try {
        const opened = openPack(file, index);
        for (const reason of opened.packFaults) blame(file, reason);
        for (const fault of opened.faults) failures.push({ pack: packs.length, ...fault });
        packs.push(opened.table);
      } catch (error) {
        const reason = reasonOf(error);
        blame(file, reason);
        for (let i = 0; i < index.count; i++) unopened.push({ id: hexAt(index, i), reason });
      }
    }
    for (const object of listLooseObjects(folder, idBytes)) if (!loose.has(object.id)) loose.set(object.id, object);
  }
  const inPacks = (id: string): boolean => packs.some((pack) => findId(pack, Buffer.from(id, 'hex')) >= 0);
  return {
    packs,
    reported: packs.map((_, pack) => markReported(packs, pack, wanted)),
    loose: [...loose.values()].filter(({ id }) => (!wanted || wanted.has(id)) && !inPacks(id)),
    failures,
    unopened,
    problems,
    packedBytes: packs.reduce((sum, { offsets, count }) => sum + (offsets[count] ?? 0), 0),
  };
}

function* readIndexes(
  folder: string,
  idBytes: number,
  blame: (file: string, reason: string) => void,
): Generator<{ file: string; index: PackIndex }> {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).sort();
  let many: Map<string, PackIndex> | null = null;
  const readMany = (): Map<string, PackIndex> => {
    const file = path.join(folder, 'multi-pack-index');
    try {
      return existsSync(file) ? readMultiPackIndex(readFileSync(file), idBytes) : new Map<string, PackIndex>();
    } catch (error) {
      blame(file, reasonOf(error));
      return new Map<string, PackIndex>();
    }
  };
  for (const name of names) {
    if (!name.endsWith('.pack')) continue;
    const file = path.join(folder, name);
    const indexName = `${name.slice(0, -'.pack'.length)}.idx`;
    if (!names.includes(indexName)) {
      many ??= readMany();
      const index = many.get(indexName);
      // A pack that is being written has no index yet; git does not look into it either.
      if (index) yield { file, index };
      else blame(file, 'it has no index');
      continue;
    }
    try {
      yield { file, index: readPackIndex(readFileSync(path.join(folder, indexName)), idBytes) };
    } catch (error) {
      blame(file, reasonOf(error));
    }
  }
}

function markReported(packs: readonly PackTable[], pack: number, wanted: ReadonlySet<string> | null): Uint8Array {
  const table = packs[pack];
  const marks = new Uint8Array(new SharedArrayBuffer(table?.count ?? 0));
  if (!table) return marks;
  const { count, types, positions, ids, idBytes } = table;
  for (let rank = 0; rank < count; rank++) {
    if (types[rank] !== BLOB || (wanted && !wanted.has(idOf(table, rank)))) continue;
    const at = (positions[rank] ?? 0) * idBytes;
    const id = pack === 0 ? ids : ids.subarray(at, at + idBytes);
    if (pack === 0 || !packs.slice(0, pack).some((earlier) => findId(earlier, id) >= 0)) marks[rank] = 1;
  }
  return marks;
}

function hexAt({ ids, idBytes }: PackIndex, i: number): string {
  return Buffer.from(ids.subarray(i * idBytes, (i + 1) * idBytes)).toString('hex');
}
