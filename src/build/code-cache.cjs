// Writes V8's code cache of the bundle after a scan that finds something, so that what a scan runs is in it, compiled. `node code-cache.cjs BUNDLE CACHE FINAL`, by
// build.mjs, with the text to scan on stdin; FINAL is what the bundle will be called, for stacks.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, resolve } = require('node:path');
const { Script } = require('node:vm');

const [, , bundle, cache, final] = process.argv;
const filename = resolve(final);
const script = new Script(wrap(readFileSync(bundle, 'latin1')), { filename });
const made = { exports: {} };
script.runInThisContext()(made.exports, createRequire(filename), made, filename, dirname(filename));
process.on('exit', () => {
  writeFileSync(cache, script.createCachedData());
  process.exitCode = 0;
});
process.argv.splice(2, Infinity, 'scan', '-', '--no-config');
made.exports.main(null, null);
