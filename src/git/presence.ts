/** Which objects the store has, and which of those that commits name it lacks: asked once for all, without looking at any object. */
import type { ObjectIds } from './object-ids.ts';
import { listObjectIds } from './object-lines.ts';
import type { GitScope } from './run-git.ts';

/** Returns those of the ids that the store has. Throws ToolError git-failed, interrupted. */
export async function presentAmong(ids: ReadonlySet<string>, git: GitScope): Promise<Set<string>> {
  const present = new Set<string>();
  if (ids.size === 0) return present;
  for await (const id of listObjectIds(git)) if (ids.has(id)) present.add(id);
  return present;
}

/** Returns those of the ids that the store lacks. Throws as presentAmong. */
export async function missingAmong(ids: ObjectIds, git: GitScope): Promise<string[]> {
  const isThere = new Uint8Array(ids.size);
  for await (const id of listObjectIds(git)) {
    const number = ids.numberOf(id);
    if (number >= 0) isThere[number] = 1;
  }
  const missing: string[] = [];
  for (let number = isThere.indexOf(0); number >= 0; number = isThere.indexOf(0, number + 1)) missing.push(ids.at(number));
  return missing;
}
