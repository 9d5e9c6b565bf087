// Writes V8's code caches of the bundles after a scan that finds something, so that what a scan runs is in them, compiled. `node code-cache.cjs MAIN REST WORKER FOLDER`, by
// build.mjs: the bundles, and what to scan, enough for a scanning thread. Beside each bundle it leaves the cache, with .cache at its end.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, resolve } = require('node:path');
const v8 = require('node:v8');
const { Script } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

/** Runs a bundle as what it will be called, for stacks; returns what it exports. */
function run(bundle, name) {
  const filename = resolve('dist', name);
  const script = new Script(wrap(readFileSync(bundle, 'latin1')), { filename });
  process.on('exit', () => writeFileSync(`${bundle}.cache`, script.createCachedData()));
  const made = { exports: {} };
  script.runInThisContext()(made.exports, createRequire(filename), made, filename, dirname(filename));
  return made.exports;
}

if (isMainThread) {
  const [, , main, rest, worker, folder] = process.argv;
  process.env.WORKER = worker;
  // Nothing of it runs in a scan: what its cache saves is looking through it for functions.
  writeFileSync(
    `${rest}.cache`,
    new Script(wrap(readFileSync(rest, 'latin1')), { filename: resolve('dist', 'rest.cjs') }).createCachedData(),
  );
  process.argv.splice(2, Infinity, 'scan', folder, '--no-config', '--threads', '2', '--fail-on', 'never');
  // The thread would be ended before its cache is written.
  process.exit = (code) => {
    process.exitCode = code;
  };
  run(main, 'leakwarden.cjs').main(__filename, null);
} else {
  // A cache that is made with other flags than it is read with is refused.
  v8.setFlagsFromString = () => undefined;
  run(process.env.WORKER, 'worker.cjs');
}
