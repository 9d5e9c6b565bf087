import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import {
  completeRange,
  countRange,
  fetchCommits,
  fetchEverything,
  fetchRefs,
  forgetFetched,
  hasCommit,
  isShallow,
  mergeBase,
  type Remote,
  resolveRef,
} from '../../src/git/complete-range.ts';

const signal = new AbortController().signal;

/** A bare repository with `main` of `commits` commits, and a clone that is one deep. */
function shallow(commits: number): { origin: Repository; checkout: Repository; where: Remote } {
  const origin = createRepository();
  for (let count = 0; count < commits; count++) origin.commit(`main ${count}`);
  const checkout = new Repository(`${temporaryFolder()}/checkout`);
  origin.git('clone', '--quiet', '--depth=1', `file://${origin.folder}`, checkout.folder);
  return { origin, checkout, where: { cwd: checkout.folder, env: GIT_TEST_ENV, signal, remote: 'origin' } };
}

const idOf = (repository: Repository, name: string): string => repository.git('rev-parse', name).trim();

describe('completeRange', () => {
  it('fetches what is missing, and no more history than the range needs', async () => {
    const { origin, where } = shallow(240);
    origin.git('checkout', '--quiet', '-b', 'topic', 'main~5');
    for (let count = 0; count < 8; count++) origin.commit(`topic ${count}`);
    const [base, head] = [idOf(origin, 'main'), idOf(origin, 'topic')];
    expect(await hasCommit(head, where)).toBe(false);
    expect(await fetchCommits([base, head], where)).toBe(true);
    // One deep, the range would be a single commit without parents.
    expect(await countRange([head], [base], where)).toBe(1);
    await completeRange([head], [base], where);
    expect(await countRange([head], [base], where)).toBe(8);
    expect(await mergeBase(base, head, where)).toBe(idOf(origin, 'main~5'));
    expect(await isShallow(where)).toBe(true);
  });

  it('goes as far back as it takes', async () => {
    const { origin, where } = shallow(1);
    origin.git('checkout', '--quiet', '-b', 'topic');
    for (let count = 0; count < 205; count++) origin.commit(`topic ${count}`);
    const [base, head] = [idOf(origin, 'main'), idOf(origin, 'topic')];
    await fetchCommits([head], where);
    await completeRange([head], [base], where);
    expect(await countRange([head], [base], where)).toBe(205);
  });

  it('fails where the rest cannot be had', async () => {
    const { origin, where } = shallow(5);
    const head = idOf(origin, 'main');
    const gone = { ...where, remote: `file://${origin.folder}-gone` };
    await expect(completeRange([head], [], gone)).rejects.toThrow(/fetch failed/);
  });

  it('asks nobody for a range that is whole', async () => {
    const { origin, where } = shallow(3);
    const head = idOf(origin, 'main');
    await completeRange([head], [head], { ...where, remote: 'file:///nonexistent' });
    expect(await countRange([head], [head], where)).toBe(0);
  });
});

describe('fetching', () => {
  it('gets a commit that no branch has any more, as after a forced push', async () => {
    const { origin, where } = shallow(2);
    origin.commit('lost');
    const lost = idOf(origin, 'main');
    origin.git('reset', '--quiet', '--hard', 'HEAD~1');
    expect(await fetchCommits([lost], where)).toBe(true);
    expect(await fetchCommits(['0123456789012345678901234567890123456789'], where)).toBe(false);
    expect(await fetchCommits(['--upload-pack=touch x'], where)).toBe(false);
  });

  it('gets refs by name, and leaves no names behind', async () => {
    const { origin, checkout, where } = shallow(2);
    origin.git('update-ref', 'refs/pull/7/head', 'main');
    const found = await fetchRefs(['refs/pull/7/head', 'refs/pull/8/head'], where);
    expect([...found]).toEqual([['refs/pull/7/head', idOf(origin, 'main')]]);
    expect(await resolveRef('refs/leakwarden/ref/pull/7/head', where)).toBe(idOf(origin, 'main'));
    await forgetFetched(where);
    expect(checkout.git('for-each-ref', 'refs/leakwarden/')).toBe('');
  });

  it('gets all branches and tags with their history', async () => {
    const { origin, checkout, where } = shallow(12);
    origin.git('branch', 'other', 'main~3');
    origin.git('tag', '--annotate', '--message', 'words', 'v1', 'main~4');
    await fetchEverything(where);
    expect(await isShallow(where)).toBe(false);
    expect(checkout.git('rev-list', '--count', '--all').trim()).toBe('12');
    expect(checkout.git('rev-parse', 'origin/other', 'v1^{commit}')).toBe(origin.git('rev-parse', 'other', 'v1^{commit}'));
  });

  it('does not run what an address asks for', async () => {
    const { where } = shallow(1);
    await expect(fetchEverything({ ...where, remote: 'ext::sh -c touch% x' })).rejects.toThrow(/fetch failed/);
  });
});
