// How much of the labelled corpora is found, and what is found wrongly: `npm run accuracy -- [CORPUS]… [--level LEVEL]… [--write] [--json FILE]`.
// Scans each corpus that lies beside the repository with the built command line at each level of confidence, lets their scorer (Python) judge, prints one
// table, and with --write puts it between the markers of docs/bench/accuracy.md. Exit code 2 where there are no corpora or no python3.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BIN, cachePath, plainEnvironment, ROOT } from '../bench/place.mjs';

const SHARED = join(ROOT, '..', 'shared');
const SCORER = join(SHARED, 'eval', 'score.py');
const PAGE = join(ROOT, 'docs', 'bench', 'accuracy.md');
const LEVELS = ['low', 'medium', 'high'];
const RULE_TESTS = ['--exclude-tag', 'checksum-bad'];

/** Corpora and what of them counts. */
const CORPORA = {
  gitleaks: RULE_TESTS,
  betterleaks: RULE_TESTS,
  noseyparker: RULE_TESTS,
  secretlint: RULE_TESTS,
  'detect-secrets': RULE_TESTS,
  'creddata-dev': ['--tag', 'core', '--exclude-gt', 'X'],
};
const MOST_WORST = 8;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { level: { type: 'string', multiple: true }, write: { type: 'boolean' }, json: { type: 'string' } },
  });
  const wrong = [...positionals.filter((one) => !(one in CORPORA)), ...(values.level ?? []).filter((one) => !LEVELS.includes(one))][0];
  if (wrong !== undefined)
    throw new Error(`neither a corpus (${Object.keys(CORPORA).join(', ')}) nor a level (${LEVELS.join(', ')}): ${wrong}`);
  const names = positionals.length > 0 ? positionals : Object.keys(CORPORA);
  const there = names.filter((name) => existsSync(join(SHARED, 'corpora', name, 'labels.jsonl')));
  if (there.length === 0 || !existsSync(SCORER))
    throw new Error('the labelled corpora do not lie beside this repository: nothing was measured');
  if (spawnSync('python3', ['--version']).status !== 0)
    throw new Error('python3 is not there, and the scorer needs it: nothing was measured');
  if (!existsSync(join(ROOT, 'dist', 'leakwarden.cjs'))) throw new Error('there is no built command line: run npm run build');
  const missing = names.filter((name) => !there.includes(name));
  return { names: there, missing, levels: values.level ?? LEVELS, isWritten: values.write === true, jsonFile: values.json };
}

/** Scans and scores one corpus at one level. */
function measure(corpus, level) {
  const folder = join(SHARED, 'corpora', corpus);
  const base = cachePath(`accuracy/${corpus}.${level}`);
  const options = [
    '--no-config',
    '--no-ignore',
    '--min-confidence',
    level,
    '--format',
    'json',
    '--reveal',
    '--output',
    `${base}.json`,
    '-q',
  ];
  const scan = spawnSync(process.execPath, [BIN, 'scan', '.', ...options], { cwd: folder, env: plainEnvironment() });
  if (scan.status !== 0 && scan.status !== 1 && scan.status !== 3) throw new Error(`the scan of ${corpus} ended with ${scan.status}`);
  const files = ['--misses', `${base}.misses`, '--fps', `${base}.wrong`];
  const score = spawnSync('python3', [SCORER, folder, `ours=${base}.json`, ...CORPORA[corpus], ...files, '--json'], { maxBuffer: 1 << 26 });
  if (score.status !== 0) throw new Error(`the scorer ended with ${score.status} on ${corpus}: ${score.stderr.toString().slice(0, 400)}`);
  const figures = JSON.parse(score.stdout.toString()).ours;
  return { corpus, level, ...figures, worst: worstKinds(`${base}.misses`), wrong: wrongOnes(folder, `${base}.wrong`) };
}

const readLines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** Kinds with the most misses. */
function worstKinds(file) {
  return mostOf(readLines(file).map(({ kind }) => kind));
}

/** Rules of the findings on negative cases. `sibling`: the value is a positive elsewhere in the corpus, so a real token, only of another kind. */
function wrongOnes(folder, file) {
  const positives = new Set(readLines(join(folder, 'labels.jsonl')).flatMap(({ label, secret }) => (label && secret ? [secret] : [])));
  const wrong = readLines(file).filter(({ unlabelled }) => unlabelled !== true);
  const others = wrong.filter(({ secret }) => !positives.has(secret));
  return { siblings: wrong.length - others.length, rules: mostOf(others.map(({ rule }) => rule)), others: others.length };
}

function mostOf(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_WORST);
}

const share = (value) => value.toFixed(3);
const listed = (pairs) => pairs.map(([name, count]) => (count > 1 ? `${name} ${count}` : name)).join(', ');

function tableOf(rows) {
  const head = [
    'corpus',
    'level',
    'recall',
    'macro',
    'strict precision',
    'strict F1',
    'negatives hit',
    'of them tokens of another kind',
    'wrong rules',
    'worst kinds',
  ];
  const cells = rows.map((row) => [
    row.corpus,
    row.level,
    `${share(row.recall)} (${row.found}/${row.positives})`,
    share(row.recall_macro_kinds),
    share(row.precision_strict),
    share(row.f1_strict),
    `${row.negatives_hit}/${row.negatives}`,
    String(row.wrong.siblings),
    listed(row.wrong.rules),
    listed(row.worst),
  ]);
  return [head, head.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function writePage(table) {
  const [start, end] = ['<!-- accuracy:start -->', '<!-- accuracy:end -->'];
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/bench/accuracy.md has no place for the table');
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n${table}\n${page.slice(to)}`);
}

try {
  const { names, missing, levels, isWritten, jsonFile } = readArguments();
  mkdirSync(cachePath('accuracy'), { recursive: true });
  if (missing.length > 0) process.stdout.write(`not there, and left out: ${missing.join(', ')}\n`);
  const rows = names.flatMap((name) => levels.map((level) => measure(name, level)));
  const table = tableOf(rows);
  process.stdout.write(`${table}\n`);
  if (isWritten) writePage(table);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(rows, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`accuracy: ${error.message}\n`);
  process.exitCode = 2;
}
