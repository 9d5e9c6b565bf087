#!/usr/bin/env node
// Starts the bundle; CommonJS, since Node starts that about 9 ms sooner. In a checkout whose install scripts were blocked there is none yet: it is built once.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');

async function build() {
  process.stderr.write('leakwarden: note: building once, since install scripts did not run\n');
  const cwd = process.cwd();
  process.chdir(join(__dirname, '..')); // esbuild takes its folder from where it is loaded
  await import('../src/build/build.mjs');
  process.chdir(cwd);
}

const bundles = new Map();

/** Returns what a bundle exports, from the code cache made for it (src/build/build.mjs) where there is one: a third of the time. */
function load(name) {
  if (bundles.has(name)) return bundles.get(name);
  const bundle = join(dist, `${name}.cjs`);
  const source = readFileSync(bundle, 'latin1'); // esbuild writes ASCII
  const cache = join(dist, `${name}-${/ ([0-9a-f]{16})\n$/.exec(source.slice(-20))?.[1]}.cache`);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const outside = createRequire(bundle);
  const made = { exports: {} };
  new Script(wrap(source), { filename: bundle, cachedData }).runInThisContext()(made.exports, ask, made, bundle, dist);
  bundles.set(name, made.exports);
  return made.exports;

  /** A module of the program's other bundle (src/build/bundle-in-two.mjs), or what Node has by this name. */
  function ask(id) {
    const [, other, module] = /^(leakwarden|rest):(.+)$/.exec(id) ?? [];
    return other ? load(other).modules[module]() : outside(id);
  }
}

const start = () => load('leakwarden').main(join(__dirname, 'worker.cjs'), __filename);
if (require.main !== module) module.exports = load;
else if (existsSync(join(dist, 'leakwarden.cjs'))) start();
else
  build().then(start, (error) => process.stderr.write(`leakwarden: error: the build failed: ${error.message}\n`, () => process.exit(70)));
