// Bundles the command line as two files that are one program: what a scan and a hook load at their start, and all the rest, since what stands in a bundle is read at every
// start, whether it runs or not. Each module is in one of them, once, so that a class is the same class everywhere; the other asks for it by `leakwarden:PATH` or
// `rest:PATH`, which bin/leakwarden.cjs answers. Called by build.mjs.
import { relative } from 'node:path';
import { build } from 'esbuild';

/** Loaded by dynamic imports, and in the quick bundle nevertheless. What these import as usual comes with them. */
const QUICK = [
  'src/cli/commands/scan.ts',
  'src/cli/commands/guard.ts',
  'src/cli/check-schema.ts',
  'src/cli/config-schema.json',
  'src/cli/toml-lines.ts',
  'src/cli/read-text.ts',
  'src/fix/replacements.ts',
  'src/fix/rewrite.ts',
  'src/hooks/repository.ts',
  'src/pipeline.ts',
  'src/reports/blocked.ts',
  'src/ruleset/load.ts',
  'src/sources/index.ts',
  'src/suppress/index.ts',
];

/** Writes `quick` and `rest`, the bundles of the program that begins at `entry`; `shared` is what esbuild is told for either, with plugins that go first. */
export async function bundleInTwo({ entry, quick, rest, shared, plugins }) {
  const isQuick = new Set(
    await modulesOf({
      ...shared,
      entryPoints: [entry],
      plugins: [...plugins, keepOut((path, kind) => kind === 'dynamic-import' && !QUICK.includes(path))],
    }),
  );
  for (const path of QUICK)
    if (!isQuick.has(path)) throw new Error(`no dynamic import of ${path} is left: take it off the list in bundle-in-two.mjs`);
  const wantedOfRest = new Set();
  await modulesOf({
    ...shared,
    entryPoints: [entry],
    plugins: [
      ...plugins,
      keepOut(
        (path) => !isQuick.has(path),
        (path) => wantedOfRest.add(path),
      ),
    ],
  });
  const wantedOfQuick = new Set();
  await build({
    ...shared,
    stdin: { contents: doorsTo(wantedOfRest), resolveDir: '.' },
    plugins: [
      ...plugins,
      keepOut(
        (path) => isQuick.has(path),
        (path) => wantedOfQuick.add(path),
        'leakwarden',
      ),
    ],
    outfile: rest,
  });
  await build({
    ...shared,
    stdin: { contents: `export { main } from './${entry}';\n${doorsTo(wantedOfQuick)}`, resolveDir: '.' },
    plugins: [...plugins, keepOut((path) => !isQuick.has(path))],
    outfile: quick,
  });
}

/** Returns the paths of all modules of a bundle, from the project's root. */
async function modulesOf(options) {
  const { metafile } = await build({ ...options, write: false, metafile: true, outdir: 'dist' });
  return Object.keys(metafile.inputs);
}

/** `modules`: path → function that returns what the module exports, and runs it when it has not been run. */
function doorsTo(paths) {
  const doors = [...paths].sort().map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`./${path}`)}),\n`);
  return `export const modules = {\n${doors.join('')}};\n`;
}

/** Leaves the project's modules out of a bundle for which `isOut` says so; they are asked of `other`. */
function keepOut(isOut, onOut = () => undefined, other = 'rest') {
  return {
    name: 'keep-out',
    setup(bundler) {
      bundler.onResolve({ filter: /^[.#]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === 'resolving' || importer === '<stdin>' || kind === 'entry-point') return undefined;
        const found = await bundler.resolve(path, { kind, importer, resolveDir, pluginData: 'resolving' });
        const module = relative('.', found.path);
        if (found.external || !isOut(module, kind)) return found;
        onOut(module);
        return { path: `${other}:${module}`, external: true };
      });
    },
  };
}
