#!/usr/bin/env node
// Starts the bundle. In a checkout whose install scripts were blocked there is none yet: it is built once.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = `${root}dist/leakwarden.cjs`;
if (!existsSync(bundle)) {
  process.stderr.write('leakwarden: note: building once, since install scripts did not run\n');
  const cwd = process.cwd();
  process.chdir(root); // esbuild takes its folder from where it is loaded
  await import('../src/build/build.mjs').catch((error) => {
    process.stderr.write(`leakwarden: error: the build failed: ${error.message}\nleakwarden: hint: run npm ci in ${root}\n`);
    process.exit(70);
  });
  process.chdir(cwd);
}
createRequire(import.meta.url)(bundle).main(`${root}dist/worker.cjs`);
