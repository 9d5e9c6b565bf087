// What it costs to start: the scan of one small file, less what Node itself takes for nothing (`node -e 0`). The steps on the way there
// are processes too, each doing a little more than the one before, so that differences say where the time goes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, runNode, summary } from './measure.mjs';
import { BIN, cachePath, ROOT } from './place.mjs';
import { formatTable } from './table.mjs';

const ROUNDS = 15;
const BUNDLE = join(ROOT, 'dist', 'leakwarden.cjs');
const SMALL_FILE = 'export function add(a, b) {\n  return a + b;\n}\n'.repeat(20);

export async function benchStart({ checks, print }) {
  const folder = cachePath('bench/start');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'small.js'), SMALL_FILE);
  const scan = ['scan', 'small.js', '--no-config', '--no-progress', '--format', 'json'];
  const runs = {
    'node -e 0': () => runNode(['-e', '0'], { cwd: folder }),
    'node, loading the bundle': () => runNode(['-e', `require(${JSON.stringify(BUNDLE)})`], { cwd: folder }),
    'leakwarden --version': () => runNode([BIN, '--version'], { cwd: folder }),
    'leakwarden scan small.js': () => runNode([BIN, ...scan], { cwd: folder }),
  };
  for (const run of Object.values(runs)) run();
  const rounds = await alternate(runs, ROUNDS);
  const reports = rounds['leakwarden scan small.js'].map(({ stdout }) => JSON.parse(stdout));
  checks.equal('files of each scan', [...new Set(reports.map(({ stats }) => stats.files))], [1]);
  checks.equal('bytes of each scan', [...new Set(reports.map(({ stats }) => stats.bytes))], [SMALL_FILE.length]);
  const nothing = summary(rounds['node -e 0'], 'wallMs');
  const figures = {
    rounds: ROUNDS,
    runs: Object.entries(rounds).map(([name, all]) => {
      const wallMs = summary(all, 'wallMs');
      return {
        name,
        wallMs,
        own: { median: wallMs.median - nothing.median, min: wallMs.min - nothing.min },
        ratio: wallMs.median / nothing.median,
      };
    }),
  };
  print(describe(figures));
  return figures;
}

function describe({ rounds, runs }) {
  const rows = runs.map(({ name, wallMs, own, ratio }) => [name, wallMs.median, wallMs.min, own.median, own.min, ratio]);
  const heading = ['', 'wall ms', 'min', 'less node', 'min', '× node'];
  return `start\n  medians and minima of ${rounds} rounds\n${formatTable([heading, ...rows])}`;
}
