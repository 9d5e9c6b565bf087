/** Makes the list of jobs that the threads share: trees of deltas that hold something to report, the heaviest first; checks of what is not unpacked; loose objects. */
import { BLOB } from '../../git/pack/pack-header.ts';
import { linkChildren } from '../../git/pack/pack-table.ts';
import type { ObjectStore } from './store.ts';
import { JOB_FIELDS, LOOSE } from './work.ts';

/** Objects that are checked, and loose ones that are read, at a time. */
const CHECKS_A_JOB = 4000;
const LOOSE_A_JOB = 200;

/** Returns JOB_FIELDS numbers a job, in shared memory. `isAll`: everything is audited, so what is not unpacked is checked as well. */
export function planJobs({ packs, reported, loose }: ObjectStore, isAll: boolean): { jobs: Int32Array; objects: number } {
  const trees: { readonly pack: number; readonly root: number; readonly weight: number }[] = [];
  const others: number[] = [];
  let objects = loose.length;
  for (const [pack, table] of packs.entries()) {
    const marks = reported[pack] ?? new Uint8Array(0);
    objects += marks.reduce((sum, mark) => sum + mark, 0);
    const weights = linkChildren(table, (rank) => marks[rank] === 1);
    for (let rank = 0; rank < table.count; rank++) {
      const weight = weights[rank] ?? 0;
      if (table.types[rank] === BLOB && table.bases[rank] === -1 && weight > 0) trees.push({ pack, root: rank, weight });
    }
    if (isAll) others.push(...checksOf(pack, table.types, weights));
  }
  trees.sort((a, b) => b.weight - a.weight || a.pack - b.pack || a.root - b.root);
  for (let first = 0; first < loose.length; first += LOOSE_A_JOB) others.push(LOOSE, first, Math.min(loose.length, first + LOOSE_A_JOB));
  const jobs = new Int32Array(new SharedArrayBuffer(4 * (JOB_FIELDS * trees.length + others.length)));
  jobs.set(trees.flatMap(({ pack, root }) => [pack, root, -1]));
  jobs.set(others, JOB_FIELDS * trees.length);
  return { jobs, objects };
}

/** Ranges of objects that no walk unpacks. */
function checksOf(pack: number, types: Uint8Array, weights: Float64Array): number[] {
  const jobs: number[] = [];
  const isUnread = (rank: number): boolean => types[rank] !== 0 && (types[rank] !== BLOB || weights[rank] === 0);
  for (let first = 0; first < types.length; ) {
    let end = first;
    while (end < types.length && end - first < CHECKS_A_JOB && isUnread(end)) end++;
    if (end > first) jobs.push(pack, first, end);
    first = Math.max(end, first + 1);
  }
  return jobs;
}
