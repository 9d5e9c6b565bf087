// Makes the repository whose history is audited when none is named: published versions of some npm packages, committed one after another, each package
// in a folder of its own, repacked with git's default settings. Asks the registry through npm; tarballs stay in .cache. `node test/bench/make-history.mjs`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachePath, plainEnvironment } from './place.mjs';

/** Package, and how many of its newest releases up to the one named (so that the same versions are taken at any time). */
const PACKAGES = [
  ['antd', '5.20.0', 70],
  ['webpack', '5.94.0', 120],
  ['eslint', '8.57.0', 120],
  ['aws-sdk', '2.1600.0', 80],
  ['three', '0.160.0', 50],
  ['sequelize', '6.37.0', 80],
  ['mongoose', '7.8.0', 120],
  ['typeorm', '0.3.20', 25],
  ['rxjs', '7.8.1', 30],
  ['ajv', '8.17.1', 60],
  ['core-js', '3.30.0', 2],
];

/** Returns the folder of the repository, made if it is not there. */
export function makeHistory(print) {
  const folder = cachePath('bench-history');
  if (existsSync(join(folder, 'complete'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  git(folder, ['init', '--quiet', '--initial-branch=main']);
  let step = 0;
  for (const [name, last, count] of PACKAGES) {
    for (const version of versionsOf(name, last, count)) {
      unpack(fetchTarball(name, version), join(folder, 'packages', name));
      git(folder, ['add', '--all', '--force', 'packages']);
      const date = `${1_600_000_000 + 3600 * step++} +0000`;
      git(folder, ['commit', '--quiet', '--no-verify', '--message', `${name} ${version}`], {
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
      });
      print(`${name} ${version}`);
    }
  }
  git(folder, ['-c', 'pack.threads=1', 'gc', '--quiet', '--prune=now']);
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

/** Full releases up to `last`, oldest first. */
function versionsOf(name, last, count) {
  const listed = JSON.parse(run('npm', ['view', name, 'versions', '--json'], cachePath('')));
  const releases = listed.filter((version) => /^\d+\.\d+\.\d+$/.test(version)).sort(compareVersions);
  return releases.filter((version) => compareVersions(version, last) <= 0).slice(-count);
}

function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

function fetchTarball(name, version) {
  const store = cachePath('tarballs');
  mkdirSync(store, { recursive: true });
  const file = join(store, `${name}-${version}.tgz`);
  if (existsSync(file)) return file;
  const fresh = join(store, `.${name}-${version}`);
  mkdirSync(fresh, { recursive: true });
  run('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', fresh], store);
  renameSync(join(fresh, readdirSync(fresh)[0]), file);
  rmSync(fresh, { recursive: true });
  return file;
}

function unpack(tarball, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', '--no-same-owner', '--no-same-permissions'], folder);
}

function git(folder, args, env = {}) {
  const who = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  run('git', args, folder, { ...plainEnvironment(), ...who, ...env });
}

function run(command, args, cwd, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout.toString();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(`${makeHistory((line) => process.stdout.write(`${line}\n`))}\n`);
