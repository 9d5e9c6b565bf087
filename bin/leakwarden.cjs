#!/usr/bin/env node
// Starts the bundle; CommonJS, since Node starts that about 9 ms sooner. In a checkout whose install scripts were blocked there is none yet: it is built once.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const dist = join(__dirname, '..', 'dist');

async function build() {
  process.stderr.write('leakwarden: note: building once, since install scripts did not run\n');
  const cwd = process.cwd();
  process.chdir(join(__dirname, '..')); // esbuild takes its folder from where it is loaded
  await import('../src/build/build.mjs');
  process.chdir(cwd);
}

const start = () => require(join(dist, 'leakwarden.cjs')).main(join(dist, 'worker.cjs'), __filename);
if (existsSync(join(dist, 'leakwarden.cjs'))) start();
else
  build().then(start, (error) => process.stderr.write(`leakwarden: error: the build failed: ${error.message}\n`, () => process.exit(70)));
