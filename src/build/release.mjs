// Makes a release: a commit on top of the current one that differs from it by the Action's bundle alone, and the tags vX.Y.Z and vX on it. Nothing is pushed, and
// neither the branch, the index nor the files are touched (docs/release.md).
//   node src/build/release.mjs X.Y.Z [--sign] [--bundle FILE]    builds (or takes FILE), commits, tags
//   node src/build/release.mjs --verify TAG                      builds what is checked out and compares it with the tag's bundle
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const BUNDLE = 'dist/action.cjs';
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

class Refusal extends Error {}

function git(args, options = {}) {
  return execFileSync('git', args, { stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1 << 28, ...options });
}
const line = (args, options) => git(args, options).toString().trim();

function build() {
  execFileSync(process.execPath, [fileURLToPath(new URL('./build.mjs', import.meta.url))], { stdio: 'inherit' });
  return BUNDLE;
}

/** Returns the id of HEAD's tree with the bundle in it, made in an index of its own. */
function treeWith(bundle) {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-release-'));
  try {
    const env = { ...process.env, GIT_INDEX_FILE: join(folder, `index-${randomUUID()}`) };
    git(['read-tree', 'HEAD'], { env });
    const blob = line(['hash-object', '-w', '--no-filters', bundle]);
    git(['update-index', '--add', '--cacheinfo', `100644,${blob},${BUNDLE}`], { env });
    return line(['write-tree'], { env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function release(version, { sign, bundle }) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new Refusal('say which version: X.Y.Z');
  const stated = JSON.parse(readFileSync('package.json', 'utf8')).version;
  if (stated !== version) throw new Refusal(`package.json says ${stated}, not ${version}`);
  if (line(['status', '--porcelain', '--untracked-files=no']) !== '') throw new Refusal('there are changes that are not committed');
  const tag = `v${version}`;
  const floating = `v${version.split('.')[0]}`;
  if (line(['tag', '--list', tag]) !== '') throw new Refusal(`there is a tag ${tag} already: a release does not change`);
  const tree = treeWith(bundle ?? build());
  const message = `release: ${version}, with the Action's bundle\n\nsha256 of ${BUNDLE}: ${digest(git(['cat-file', 'blob', `${tree}:${BUNDLE}`]))}\n`;
  const commit = line(['commit-tree', ...(sign ? ['-S'] : []), '-p', 'HEAD', '-F', '-', tree], { input: message });
  const kind = sign ? '--sign' : '--annotate';
  git(['tag', kind, '--message', `leakwarden ${version}`, tag, commit]);
  git(['tag', kind, '--force', '--message', `leakwarden ${version}`, floating, commit]);
  console.log(`${tag} and ${floating} are ${commit}`);
  console.log(`push them when the checks of that commit are green:\n  git push origin ${tag}\n  git push --force origin ${floating}`);
}

function verify(tag) {
  const released = digest(git(['cat-file', 'blob', `${tag}^{commit}:${BUNDLE}`]));
  const parent = line(['rev-parse', `${tag}^{commit}^`]);
  const changed = line(['diff', '--name-only', parent, `${tag}^{commit}`]);
  if (changed !== BUNDLE) throw new Refusal(`${tag} differs from its parent by more than ${BUNDLE}: ${changed.replaceAll('\n', ', ')}`);
  if (line(['rev-parse', 'HEAD^{tree}']) !== line(['rev-parse', `${parent}^{tree}`]))
    throw new Refusal(`check out what it is made of first: git checkout ${parent}`);
  const built = digest(readFileSync(build()));
  if (built !== released) throw new Refusal(`the bundle of ${tag} is ${released}, what was built here ${built}`);
  console.log(`${BUNDLE} of ${tag} is what its sources build: sha256 ${released}`);
}

try {
  const { values, positionals } = parseArgs({
    options: { sign: { type: 'boolean', default: false }, bundle: { type: 'string' }, verify: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.verify === undefined) release(positionals[0], values);
  else verify(values.verify);
} catch (error) {
  if (!(error instanceof Refusal) && error.code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 2;
}
