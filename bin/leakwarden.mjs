#!/usr/bin/env node
// Starts the bundle. In a checkout whose install scripts were blocked there is none yet: it is built once.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const bundle = fileURLToPath(new URL('../dist/leakwarden.cjs', import.meta.url));
if (!existsSync(bundle)) {
  process.stderr.write('leakwarden: note: building once, since install scripts did not run\n');
  const cwd = process.cwd();
  await import('../src/build/build.mjs');
  process.chdir(cwd);
}
createRequire(import.meta.url)(bundle).main(fileURLToPath(new URL('../dist/worker.cjs', import.meta.url)));
