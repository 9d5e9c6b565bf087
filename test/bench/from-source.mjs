// Gives the benchmarks what they need of the TypeScript sources: bundled on the spot, beside the built rules.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cachePath, ROOT } from './place.mjs';

const WANTED = `
  export { encodeIndex, IndexFile } from './src/check/index-file.ts';
  export { IndexKeys } from './src/check/index-keys.ts';
  export { packPrints, printOf } from './src/check/prints.ts';
  export { PAGES } from './src/core/kernel-layout.ts';
  export { detectEncoding } from './src/engine/encoding.ts';
  export { roleOf } from './src/engine/file-role.ts';
  export { scanHistoryByDeltas, scanHistoryWhole } from './src/engine/history/delta-scan.ts';
  export { storedTables } from './src/engine/stored-tables.ts';
  export { builtInKernel } from './src/kernel/built-in.ts';
  export { Kernel } from './src/kernel/load.ts';
  export { findOpenBao, ROOT_TOKEN, startOpenBao } from './test/stores/real-openbao.ts';
  export { fillExample } from './src/ruleset/examples.ts';
  export { builtInRules, builtInRuleset } from './src/ruleset/load.ts';
`;

/** The built rules find their files beside themselves, so they stay where they are. */
const builtinApart = {
  name: 'builtin-apart',
  setup(bundler) {
    const path = pathToFileURL(join(ROOT, 'dist', 'builtin.mjs')).href;
    bundler.onResolve({ filter: /^#builtin$/ }, () => ({ path, external: true }));
  },
};

/** Returns what WANTED exports. */
export async function loadFromSource() {
  const outfile = cachePath('bench/from-source.mjs');
  await build({
    stdin: { contents: WANTED, resolveDir: ROOT },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['re2', 're2js', 'yaml'],
    plugins: [builtinApart],
    logLevel: 'error',
    outfile,
  });
  return await import(pathToFileURL(outfile).href);
}
