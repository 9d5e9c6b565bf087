// Makes the source tree that is scanned when no folder is named: real source text, the same on every machine.
//
// The text is that of the packages the lock file pins (those apart that only some platforms install), copied until there is enough, each
// copy with seeded edits: lines swapped, doubled, left out, words changed. Into some files one example of a rule is written, its credential
// made from the seed: the plants, which a scan must find all (so none of a rule for audits only). The tree is a git work tree whose index holds all files.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { cachePath, plainEnvironment, ROOT } from './place.mjs';
import { createRandom } from './random.mjs';

const SEED = 20;
const MIN_BYTES = 200e6;
const MIN_FILES = 10_000;
/** Larger ones are bundles: nine copies of them would be half of the tree. */
const MAX_FILE_BYTES = 1e6;
const EXTENSIONS = new Set('.js .mjs .cjs .ts .mts .cts .json .md .yml .yaml .css .html .c .h .cc .py .sh'.split(' '));
/** Packages that are about keys and passwords and little else: a share of them that no project has would be measured instead of ordinary source. */
const ABOUT_CREDENTIALS = /^node_modules\/(?:@noble\/|@octokit\/|age-encryption$|mysql2$|pg(?:-[a-z]+)?$)/;
/** One line in so many is edited. */
const LINES_AN_EDIT = 50;

/** Returns `{ folder, plants, files, bytes, digest }`; made anew when the lock file, the rules or this file changed since. */
export async function makeTree() {
  const folder = cachePath('bench-tree');
  const listFile = cachePath('bench-tree.json');
  const { builtInRules, fillExample, roleOf } = await loadFromSource();
  // Nor of one whose values must be built in some way, if random ones are less sure for not being so.
  const rules = builtInRules().filter((rule) => rule.alone && !rule.generic && rule.confidence !== 'low' && rule.structure === null);
  const madeOf = digestOf([readFileSync(join(ROOT, 'package-lock.json')), readFileSync(new URL(import.meta.url)), JSON.stringify(rules)]);
  if (existsSync(listFile)) {
    const known = JSON.parse(readFileSync(listFile, 'utf8'));
    if (known.madeOf === madeOf && existsSync(folder)) return known;
  }
  rmSync(listFile, { force: true });
  rmSync(folder, { recursive: true, force: true });
  const files = planFiles(readSourceText());
  const plants = addPlants(files, rules, fillExample, (path) => roleOf(path) !== 'generated');
  const made = { madeOf, folder, plants, ...writeFiles(folder, files) };
  addToIndex(folder);
  writeFileSync(listFile, JSON.stringify(made));
  return made;
}

/** Returns path and text (a character a byte) of the packages' source files, sorted by path. */
function readSourceText() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const names = Object.keys(packages).filter((name) => name !== '' && !packages[name].optional && !ABOUT_CREDENTIALS.test(name));
  const missing = names.find((name) => !existsSync(join(ROOT, name, 'package.json')));
  if (missing !== undefined) throw new Error(`${missing} is not installed as package-lock.json says: run npm ci`);
  const files = names.flatMap((name) => filesBelow(name));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesBelow(path) {
  const entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(inner);
    if (!entry.isFile() || !EXTENSIONS.has(extname(entry.name))) return [];
    const text = readFileSync(join(ROOT, inner), 'latin1');
    return text.length > MAX_FILE_BYTES || text.includes('\0') ? [] : [{ path: inner.replaceAll('node_modules/', ''), text }];
  });
}

/** Returns as many edited copies as make a tree of the wanted size. */
function planFiles(sources) {
  const random = createRandom(SEED);
  const files = [];
  let bytes = 0;
  for (let copy = 1; bytes < MIN_BYTES || files.length < MIN_FILES; copy++) {
    for (const { path, text } of sources) {
      const edited = edit(text, random);
      files.push({ path: `copy-${copy}/${path}`, text: edited });
      bytes += edited.length;
    }
  }
  return files;
}

function edit(text, random) {
  const lines = text.split('\n');
  for (let edits = Math.ceil(lines.length / LINES_AN_EDIT); edits > 0; edits--) {
    const at = random(lines.length);
    const other = random(lines.length);
    const kind = random(4);
    if (kind === 0) [lines[at], lines[other]] = [lines[other], lines[at]];
    else if (kind === 1) lines.splice(other, 0, lines[at]);
    else if (kind === 2 && lines.length > 1) lines.splice(at, 1);
    else lines[at] = lines[at].replace(/[a-z]{4,20}/, (word) => word + random(100));
  }
  return lines.join('\n');
}

/**
 * Every so many rules have an example in the tree. All of them would be some 900 leaks in 200 MB, and the slow ids of those that can be guessed
 * (docs/decisions/0003-finding-ids.md) would be most of what is measured.
 */
const PLANT_EVERY = 9;

/** Writes an example of every few rules at the end of a file of its own. Returns where they stand and which rules may report them. */
/** Not in generated files: values without a form of their own count for nothing there. */
function addPlants(files, rules, fillExample, isPlace) {
  const random = createRandom(SEED + 1);
  const free = new Set([...files.keys()].filter((index) => isPlace(files[index].path)));
  return rules
    .filter((_, i) => i % PLANT_EVERY === 0)
    .map((rule, i) => {
      const example = fillExample(rule.examples[i % rule.examples.length], `plant ${SEED}`);
      const file = files[takeFree(free, files.length, random)];
      const before = `${file.text}${file.text.endsWith('\n') ? '' : '\n'}\n`;
      file.text = `${before}${Buffer.from(example).toString('latin1')}\n`;
      const line = before.split('\n').length;
      return { path: file.path, line, endLine: line + example.split('\n').length - 1, rules: relatedTo(rule, rules) };
    });
}

function takeFree(free, limit, random) {
  for (;;) {
    const index = random(limit);
    if (free.delete(index)) return index;
  }
}

/** An example of a rule may be reported by one that it overlaps, or as a part of a credential of several parts. */
function relatedTo(rule, rules) {
  const wholes = rules.filter((other) => other.with.some((part) => part.rule === rule.id));
  return [rule.id, ...rule.overlaps, ...rule.with.map((part) => part.rule), ...wholes.map(({ id }) => id)];
}

function writeFiles(folder, files) {
  const digest = createHash('sha256');
  let bytes = 0;
  for (const { path, text } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, 'latin1');
    digest.update(`${path}\0${text.length}\0`).update(text, 'latin1');
    bytes += text.length;
  }
  return { files: files.length, bytes, digest: digest.digest('hex').slice(0, 16) };
}

/** The index alone: nothing reads the objects, and they would take as much room again. */
function addToIndex(folder) {
  git(folder, ['init', '--quiet']);
  git(folder, ['update-index', '--add', '--info-only', '-z', '--stdin'], git(folder, ['ls-files', '-z', '--others']));
}

function git(cwd, args, input = '') {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, input, env: plainEnvironment(), maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  return stdout;
}

function digestOf(parts) {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part).update('\0');
  return digest.digest('hex');
}
