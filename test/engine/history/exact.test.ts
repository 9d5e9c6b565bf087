/**
 * Audits of random histories against the slow truth: every commit's whole tree, read one by one. Renames, merges with own changes, reverts,
 * branches that are dropped, blobs at many paths, commits of one and the same second.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, type Repository } from '../../../fixtures/git-repository.ts';
import { audit, type Shown, token } from './audit-folder.ts';

/** Numbers below `below`, the same for the same seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const SEEDS = ['one', 'two', 'three'];

/** Makes a repository of some thirty commits on a few branches. */
function randomRepository(seed: number): Repository {
  const random = randomFrom(seed);
  const repository = createRepository();
  repository.write('README', 'start\n');
  repository.commit('start');
  for (let step = 0; step < 30; step++) {
    const action = random(10);
    const branches = repository.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').trim().split('\n');
    const other = branches[random(branches.length)] ?? 'main';
    if (action === 0) repository.git('checkout', '--quiet', '-b', `b${step}`);
    else if (action === 1) repository.git('checkout', '--quiet', other);
    else if (action === 2) merge(repository, other, random);
    else if (action === 3) repository.git('tag', `t${step}`);
    else if (action === 4 && other !== 'main' && branches.length > 2) dropBranch(repository, other);
    else change(repository, random, step);
  }
  return repository;
}

function change(repository: Repository, random: (below: number) => number, step: number): void {
  const files = repository.git('ls-files').trim().split('\n');
  const file = files[random(files.length)] ?? 'README';
  const secret = SEEDS[random(SEEDS.length)] ?? '';
  const fresh = `d${random(2)}/f${random(3)}.env`;
  switch (random(5)) {
    case 0:
      repository.git('rm', '--quiet', '-f', file);
      break;
    case 1:
      mkdirSync(path.join(repository.folder, path.dirname(fresh)), { recursive: true });
      repository.git('mv', '-f', '-k', file, fresh);
      break;
    case 2:
      repository.write(fresh, `TOKEN=${token(secret)}\n`);
      break;
    default:
      repository.write(fresh, `# ${random(4)}\n${'\n'.repeat(random(3))}TOKEN=${token(secret)}\n`);
  }
  repository.commit(`step ${step}`);
}

/** Conflicts are settled by what is in the work tree, with a file of the merge's own now and then. */
function merge(repository: Repository, branch: string, random: (below: number) => number): void {
  try {
    repository.git('merge', '--quiet', '--no-commit', '--no-ff', '-X', random(2) === 0 ? 'ours' : 'theirs', branch);
  } catch {
    repository.git('checkout', '--quiet', '--force', '--merge', '.');
  }
  if (random(2) === 0) repository.write('merged.env', `M=${token(SEEDS[random(SEEDS.length)] ?? '')}\n`);
  repository.commit('merge');
}

function dropBranch(repository: Repository, branch: string): void {
  repository.git('checkout', '--quiet', 'main');
  repository.git('branch', '--quiet', '-D', branch);
}

type Truth = {
  readonly paths: string[];
  readonly firsts: string[];
  readonly branches: string[][];
  readonly today: string[];
  readonly inHead: boolean;
  readonly removals: string[];
};

/** Which paths ever held a value, which commits could be its first, and which branches hold it today. */
function truthOf(repository: Repository, value: string): Truth | null {
  const lines = repository.git('log', '--all', '--date-order', '--format=%H %P').trim().split('\n');
  const parents = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).filter(Boolean)]));
  const filesOf = (commit: string): Set<string> => {
    try {
      const found = repository.git('grep', '-l', '--full-name', '-F', value, commit, '--').trim().split('\n');
      return new Set(found.map((line) => line.slice(commit.length + 1)));
    } catch {
      return new Set();
    }
  };
  const holding = new Map([...parents.keys()].map((commit) => [commit, filesOf(commit)]));
  const paths = [...new Set([...holding.values()].flatMap((files) => [...files]))].sort();
  if (paths.length === 0) return null;
  const isFirst = ([commit, files]: [string, Set<string>]): boolean =>
    files.size > 0 && (parents.get(commit) ?? []).every((parent) => holding.get(parent)?.size === 0);
  const firsts = [...holding].filter(isFirst).map(([commit]) => commit);
  const branchesOf = (commit: string): string[] =>
    repository.git('for-each-ref', '--format=%(refname:short)', '--contains', commit, 'refs/heads').trim().split('\n').filter(Boolean);
  const tips = repository.git('for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads').trim().split('\n');
  return {
    paths,
    firsts: firsts.map((commit) => commit.slice(0, 7)),
    branches: firsts.map(branchesOf),
    today: tips.filter((line) => (holding.get(line.split(' ')[1] ?? '')?.size ?? 0) > 0).map((line) => line.split(' ')[0] ?? ''),
    removals: [...holding]
      .filter(([commit, files]) => files.size === 0 && (parents.get(commit) ?? []).some((parent) => (holding.get(parent)?.size ?? 0) > 0))
      .map(([commit]) => commit.slice(0, 7)),
    inHead: (holding.get(repository.git('rev-parse', 'HEAD').trim())?.size ?? 0) > 0,
  };
}

function expectTruth(repository: Repository, finding: Shown, truth: Truth): void {
  expect([...finding.paths].sort()).toEqual(truth.paths);
  expect(truth.firsts).toContain(finding.first);
  expect(finding.branches).toEqual(truth.branches[truth.firsts.indexOf(finding.first ?? '')]);
  expect(finding.today).toEqual(truth.today);
  expect(finding.inHead).toBe(truth.inHead);
  // Every place is true: the commit has that value on that line of that path.
  for (const place of finding.places) {
    const [, file = '', line = '', commit = ''] = /^(.*):(\d+) (\w+)$/.exec(place) ?? [];
    const text = repository.git('show', `${commit}:${file}`).split('\n')[Number(line) - 1];
    expect(text).toMatch(/=ghp_/);
  }
  if (truth.today.length > 0 || truth.inHead) expect(finding.removedIn).toBeUndefined();
  else if (finding.removedIn !== undefined) expect(truth.removals).toContain(finding.removedIn);
}

describe('random histories', () => {
  it.each([1, 2, 3, 4])('%i', { timeout: 120_000 }, async (seed) => {
    const repository = randomRepository(seed);
    expect(readdirSync(repository.folder)).toContain('.git');
    const truths = SEEDS.map((one) => truthOf(repository, token(one))).filter((truth) => truth !== null);
    const found = await audit(repository.folder);
    expect(found).toHaveLength(truths.length);
    for (const truth of truths) {
      const finding = found.find(
        ({ first, paths }) => truth.firsts.includes(first ?? '') && [...paths].sort().join() === truth.paths.join(),
      );
      expect(finding, JSON.stringify({ truth, found })).toBeDefined();
      if (finding) expectTruth(repository, finding, truth);
    }
    // The same in one pack of deltas.
    repository.git('gc', '--quiet');
    expect(await audit(repository.folder)).toEqual(found);
    rmSync(path.join(repository.folder, '.git/logs'), { recursive: true, force: true });
  });
});
