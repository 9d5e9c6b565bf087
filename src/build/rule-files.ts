/** Which files make up the built-in rule set: rules/<category>/<provider>.yml, a provider with kinds of several categories under its main one. */
import { readdirSync } from 'node:fs';

/** Returns the rule files of a folder and of the folders in it, as paths within it with `/`, sorted. */
export function listRuleFiles(folder: string | URL): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.yml'))
    .sort();
}
