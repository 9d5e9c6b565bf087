// Builds dist/: the kernel (asc), the compiled rules, the command line, the thread's entry and the Action (esbuild). Run by npm's prepare, and by bin/ when install
// scripts were blocked. Everything is written beside and renamed, so that two builds at once do no harm. About 3 s; no network.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { bundleInTwo } from './bundle-in-two.mjs';
import { lateModules } from './late-modules.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
process.chdir(root);
mkdirSync('dist', { recursive: true });
const mine = (file) => `dist/.${process.pid}-${file}`;
const node = (args) => execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
/** Big libraries that most runs don't need, as files of their own: what stands in the bundle is parsed at every start. They share no state with it. */
const libraries = {
  '@octokit/plugin-retry': "export { retry } from '@octokit/plugin-retry';",
  '@octokit/plugin-throttling': "export { throttling } from '@octokit/plugin-throttling';",
  '@octokit/rest': "export { Octokit } from '@octokit/rest';",
  '@redis/client': "export { createClient, ErrorReply } from '@redis/client';",
  'age-encryption': "export { armor, Decrypter, identityToRecipient } from 'age-encryption';",
  'commander': "export { Command, CommanderError, Option } from 'commander';",
  'fast-glob': "export { default } from 'fast-glob';",
  'fzstd': "export { Decompress } from 'fzstd';",
  'mysql2/promise': "export { createConnection } from 'mysql2/promise';",
  'pg': "export { Client } from 'pg';",
  're2js': "export { RE2JS } from 're2js';",
  'simple-git': "export { simpleGit } from 'simple-git';",
  'smol-toml': "export { parse, TomlError } from 'smol-toml';",
  'undici': "export { Agent, EnvHttpProxyAgent, request } from 'undici';",
  'yaml': "export { parseDocument } from 'yaml';",
};
const fileOf = (library) => `lib-${library.replace('@', '').replace('/', '-')}.cjs`;
const apart = {
  name: 'libraries-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
      (kind === 'dynamic-import' || path === 'commander') && libraries[path] ? { path: `./${fileOf(path)}`, external: true } : undefined,
    );
  },
};
const shared = { bundle: true, platform: 'node', target: 'node20', external: ['re2'], logLevel: 'error', legalComments: 'none' };
/** Without dynamic imports, which become calls of require: Node's loader of ES modules would be started for them, some 5 ms. */
const small = { ...shared, format: 'cjs', minifySyntax: true, minifyWhitespace: true, supported: { 'dynamic-import': false } };

// The kernel. Memory is mapped by hand (src/core/kernel-layout.ts); asc's own data, if ever there is any, goes to the end of it.
const asc = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin', 'asc.js');
node([
  asc,
  'src/kernel/assembly/scan.ts',
  'src/kernel/assembly/inflate.ts',
  'src/kernel/assembly/delta.ts',
  'src/kernel/assembly/stored.ts',
  '-O3',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--importMemory',
  '--initialMemory',
  '166',
  // A history's instance has more (src/core/kernel-layout.ts).
  '--maximumMemory',
  '8192',
  '--memoryBase',
  '10800000',
  '-o',
  mine('kernel.wasm'),
]);

// The rules.
await build({
  ...shared,
  entryPoints: ['src/build/compile-built-in.ts'],
  format: 'esm',
  outfile: mine('compile.mjs'),
  banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
});
node([mine('compile.mjs'), mine('kernel.wasm'), 'dist']);
rmSync(mine('compile.mjs'));

// The programs. CommonJS starts about 9 ms sooner than ESM (docs/bench); re2 stays outside, since it may be missing.
for (const [library, contents] of Object.entries(libraries)) {
  const out = fileOf(library);
  await build({ ...shared, stdin: { contents, resolveDir: root }, format: 'cjs', minify: true, outfile: mine(out) });
  renameSync(mine(out), join('dist', out));
}
await bundleInTwo({
  entry: 'src/cli/main.ts',
  quick: mine('leakwarden.cjs'),
  rest: mine('rest.cjs'),
  shared: small,
  plugins: [apart, lateModules(root)],
});
await build({ ...small, entryPoints: ['src/engine/worker.ts'], plugins: [apart, lateModules(root)], outfile: mine('worker.cjs') });
const bundles = ['leakwarden.cjs', 'rest.cjs', 'worker.cjs'];
for (const bundle of bundles) {
  // It is read as Latin-1 by bin/leakwarden.cjs. esbuild escapes what is in strings, but leaves regular expressions as they are.
  const odd = /.{0,40}[^\x00-\x7f]/.exec(readFileSync(mine(bundle), 'utf8'));
  if (odd) throw new Error(`write \\u… in this regular expression, since the bundle must be ASCII: ${odd[0]}`);
}
makeCodeCaches(bundles);
for (const bundle of bundles) renameSync(mine(bundle), join('dist', bundle));
renameSync(mine('kernel.wasm'), 'dist/kernel.wasm');

// The Action: one file that has everything in it, libraries and rules too, since nothing else of a release is sure to lie beside it.
const packed = (name) => brotliCompressSync(readFileSync(join('dist', name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
const inside = {
  name: 'rules-inside',
  setup(bundler) {
    bundler.onResolve({ filter: /^#builtin$/ }, () => ({ path: 'builtin', namespace: 'inside' }));
    bundler.onLoad({ filter: /^builtin$/, namespace: 'inside' }, () => {
      const files = Object.fromEntries(['rules.compiled', 'rules.json'].map((name) => [name, packed(name).toString('base64')]));
      const { code } = /(?<code>export const build = .*\nexport const kernel = .*\n)/.exec(readFileSync('dist/builtin.mjs', 'utf8')).groups;
      const read = "export const readBuilt = (name) => brotliDecompressSync(Buffer.from(files[name], 'base64'));";
      return {
        contents: `import { brotliDecompressSync } from 'node:zlib';\n${code}const files = ${JSON.stringify(files)};\n${read}\n`,
        loader: 'js',
      };
    });
  },
};
await build({ ...small, entryPoints: ['bin/action.cjs'], plugins: [inside], outfile: mine('action.cjs') });
renameSync(mine('action.cjs'), 'dist/action.cjs');

/**
 * What V8 compiled of the bundles for a scan, so that a start need not compile it again (bin/leakwarden.cjs). V8 checks its own version, its flags and the length of
 * the source; that it is this very bundle is told by its digest, in the bundle's last line and in the cache's name. The scanned text is made of digests.
 */
function makeCodeCaches(bundles) {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-build-'));
  for (let i = 0; i < 1000; i++)
    writeFileSync(join(folder, `${i}.py`), `password_${i} = "${createHash('sha256').update(`${i}`).digest('base64')}" # some ${i}\n`);
  const ids = bundles.map((bundle) =>
    createHash('sha256')
      .update(readFileSync(mine(bundle)))
      .digest('hex')
      .slice(0, 16),
  );
  for (const [i, bundle] of bundles.entries()) appendFileSync(mine(bundle), `// ${ids[i]}\n`);
  for (const old of readdirSync('dist'))
    if (/^(leakwarden|rest|worker)-[0-9a-f]{16}\.cache$/.test(old)) rmSync(join('dist', old), { force: true });
  node(['src/build/code-cache.cjs', ...bundles.map(mine), folder]);
  rmSync(folder, { recursive: true });
  for (const [i, bundle] of bundles.entries()) renameSync(`${mine(bundle)}.cache`, `dist/${bundle.replace('.cjs', '')}-${ids[i]}.cache`);
}
