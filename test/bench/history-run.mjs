// One measured scan of a history, as a process of its own: `node history-run.mjs GIT_DIR delta|whole THREADS`. Prints what it cost and what it came to as JSON.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { ROOT } from './place.mjs';

const [gitDir, how, threads] = process.argv.slice(2);
const { scanHistoryByDeltas, scanHistoryWhole, builtInRuleset } = await loadFromSource();
const before = process.cpuUsage();
const started = performance.now();
const { blobs, problems, stats } = await (how === 'whole' ? scanHistoryWhole : scanHistoryByDeltas)({
  gitDir,
  wanted: null,
  setup: { ruleset: builtInRuleset(), off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 },
  threads: Number(threads),
  workerFile: join(ROOT, 'dist', 'worker.cjs'),
  signal: new AbortController().signal,
});
const wallMs = performance.now() - started;
const { user, system } = process.cpuUsage(before);
const peakMB = process.resourceUsage().maxRSS / 1000;
const digest = createHash('sha256');
for (const blob of blobs) digest.update(JSON.stringify(blob));
const matches = blobs.reduce((sum, { byRole }) => sum + Math.max(0, ...Object.values(byRole).map((one) => one.length)), 0);
const made = {
  wallMs,
  cpuMs: (user + system) / 1000,
  peakMB,
  blobsWithMatches: blobs.length,
  matches,
  digest: digest.digest('hex'),
  problems: problems.length,
  ...stats,
};
process.stdout.write(`${JSON.stringify(made)}\n`);
