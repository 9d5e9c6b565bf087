// An esbuild plugin: modules of Node that our sources import are loaded with their first use, since most starts need none of them (node:zlib, node:crypto and
// node:worker_threads take about a millisecond each). Used by build.mjs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LATE = /^node:(?:child_process|crypto|fs\/promises|os|stream|stream\/\w+|timers\/promises|worker_threads|zlib)$/;

/** Returns the plugin. `root`: the project's folder; libraries load what they import as they always do. */
export function lateModules(root) {
  return {
    name: 'late-modules',
    setup(bundler) {
      const names = importedNames(join(root, 'src'));
      bundler.onResolve({ filter: LATE }, ({ path, kind, importer }) =>
        kind === 'import-statement' && importer.startsWith(join(root, 'src')) ? { path, namespace: 'late' } : undefined,
      );
      bundler.onLoad({ filter: LATE, namespace: 'late' }, ({ path }) => {
        const getters = [...(names.get(path) ?? [])]
          .sort()
          .map((name) => `get ${name}() { return (made ??= require('${path}')).${name}; },\n`);
        return { contents: `let made;\nmodule.exports = {\n${getters.join('')}};\n` };
      });
    },
  };
}

/** Returns module → the names that any source imports from it: what esbuild makes of a module costs a start something for each. Throws where one is imported whole. */
function importedNames(folder) {
  const names = new Map();
  for (const file of readdirSync(folder, { recursive: true }).filter((one) => one.endsWith('.ts'))) {
    for (const [, list, module] of readFileSync(join(folder, file), 'utf8').matchAll(
      /^import (?!type)([^'"]*) from '(node:[a-z/_]+)';$/gm,
    )) {
      if (!LATE.test(module)) continue;
      const inBraces = /^\{([^}]*)\}$/.exec(list)?.[1];
      if (inBraces === undefined) throw new Error(`${file}: import what it needs of ${module} by name`);
      for (const name of inBraces.split(',').map((one) => one.trim().replace(/^type | as .*/g, '')))
        if (name !== '') names.set(module, (names.get(module) ?? new Set()).add(name));
    }
  }
  return names;
}
