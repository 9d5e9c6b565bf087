#!/usr/bin/env node
// Starts the bundle, or in a thread of it that of the scanning thread; CommonJS, since Node starts that about 9 ms sooner. In a checkout whose install scripts were blocked
// there is none yet: it is built once.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const dist = join(__dirname, '..', 'dist');

async function build() {
  process.stderr.write('leakwarden: note: building once, since install scripts did not run\n');
  const cwd = process.cwd();
  process.chdir(join(__dirname, '..')); // esbuild takes its folder from where it is loaded
  await import('../src/build/build.mjs');
  process.chdir(cwd);
}

/** Returns what a bundle exports, from the code cache made for it (src/build/build.mjs) where there is one: a third of the time. */
function load(name) {
  const bundle = join(dist, `${name}.cjs`);
  const source = readFileSync(bundle, 'latin1'); // esbuild writes ASCII
  const cache = join(dist, `${name}-${/ ([0-9a-f]{16})\n$/.exec(source.slice(-20))?.[1]}.cache`);
  if (!existsSync(cache)) return require(bundle);
  const script = new Script(wrap(source), { filename: bundle, cachedData: readFileSync(cache) });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, createRequire(bundle), made, bundle, dist);
  return made.exports;
}

const start = () => load('leakwarden').main(__filename, __filename);
if (!isMainThread) load('worker');
else if (existsSync(join(dist, 'leakwarden.cjs'))) start();
else
  build().then(start, (error) => process.stderr.write(`leakwarden: error: the build failed: ${error.message}\n`, () => process.exit(70)));
