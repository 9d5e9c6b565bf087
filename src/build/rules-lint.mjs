// Lints rule files with the sources as they stand: node src/build/rules-lint.mjs [FILE…]. For those who write rules; needs a built kernel.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { build } from 'esbuild';

mkdirSync('.cache', { recursive: true });
const outfile = `.cache/lint-rules-${process.pid}.mjs`;
await build({
  entryPoints: ['src/build/lint-rules.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile,
  external: ['re2'],
  logLevel: 'error',
  banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
});
const { status } = spawnSync(process.execPath, [outfile, 'dist/kernel.wasm', ...process.argv.slice(2)], { stdio: 'inherit' });
(await import('node:fs')).rmSync(outfile);
process.exitCode = status ?? 1;
