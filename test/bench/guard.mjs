// What a pre-commit hook costs: `leakwarden guard pre-commit` in a repository with one small staged file, and with 2,000, less what Node
// takes for nothing and less the git calls that it makes, which are made again alone in the same round. Not on Windows (git-shim.cjs).
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { recordGitCalls, replayGitCalls } from './git-calls.mjs';
import { alternate, runNode, summary } from './measure.mjs';
import { BIN, plainEnvironment } from './place.mjs';
import { createRandom } from './random.mjs';
import { formatTable } from './table.mjs';

const CASES = [
  { name: '1 staged file', files: 1, rounds: 15 },
  { name: '2,000 staged files', files: 2000, rounds: 7 },
];
const GUARD = [BIN, 'guard', 'pre-commit', '--no-config'];
/** Lines of a staged file: some 3 KB. */
const LINES = 80;

export async function benchGuard({ checks, print }) {
  const { builtInRules, fillExample } = await loadFromSource();
  const rule = builtInRules().find(({ id }) => id === 'github-pat-classic');
  const secret = fillExample(rule.examples[0], 'guard');
  const figures = [];
  for (const one of CASES) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'leakwarden-bench-')));
    try {
      stageFiles(folder, one.files, secret);
      figures.push(await measureCase(one, folder, checks));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  print(describe(figures));
  return figures;
}

/** A repository with a commit, and so many new files staged, a credential in the last. */
function stageFiles(folder, count, secret) {
  const random = createRandom(count);
  git(folder, 'init', '--quiet');
  git(folder, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '--allow-empty', '--message=start');
  for (let i = 0; i < count; i++) {
    const file = join(folder, `src/part-${i % 40}/file-${i}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, sourceText(random) + (i === count - 1 ? `${secret}\n` : ''));
  }
  git(folder, 'add', '.');
}

function sourceText(random) {
  const words = ['value', 'count', 'index', 'name', 'order', 'token', 'result', 'key', 'next', 'limit'];
  const word = () => words[random(words.length)];
  return Array.from({ length: LINES }, () => `const ${word()}${random(1000)} = ${word()}(${word()}, ${random(100)});\n`).join('');
}

async function measureCase({ name, files, rounds }, cwd, checks) {
  const gitCalls = recordGitCalls(GUARD, { cwd, accept: [1] });
  const runs = {
    'node -e 0': () => runNode(['-e', '0'], { cwd }),
    'its git calls': () => replayGitCalls(gitCalls),
    'leakwarden guard': () => runNode(GUARD, { cwd, accept: [1] }),
  };
  const taken = await alternate(runs, rounds);
  const said = taken['leakwarden guard'].map(({ stderr }) => stderr);
  checks.equal(
    `secrets that each guard names (${name})`,
    [...new Set(said.map((text) => /commit blocked: (.*)/.exec(text)?.[1]))],
    ['1 secret'],
  );
  const [node, calls, scan] = Object.values(taken).map((all) => summary(all, 'wallMs'));
  const own = { median: scan.median - node.median - calls.median, min: scan.min - node.min - calls.min };
  return {
    name,
    files,
    rounds,
    gitCalls: gitCalls.map((group) => group.map(({ args }) => args.filter((arg) => !arg.startsWith('-')).at(0) ?? '')),
    node,
    calls,
    scan,
    own,
  };
}

function git(cwd, ...args) {
  const { status, stderr } = spawnSync('git', args, { cwd, env: plainEnvironment() });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
}

function describe(cases) {
  const rows = cases.flatMap(({ name, node, calls, scan, own, rounds, gitCalls }) => [
    [`${name} (${rounds} rounds)`, '', ''],
    ['  leakwarden guard pre-commit', scan.median, scan.min],
    ['  node -e 0', node.median, node.min],
    [`  its git calls (${gitCalls.map((group) => group.length).join(' then ')})`, calls.median, calls.min],
    ['  what is left', own.median, own.min],
  ]);
  return `guard\n${formatTable([['', 'wall ms', 'min'], ...rows])}`;
}
