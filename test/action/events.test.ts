/** Each event, through the bundled Action, over a real remote and a checkout that is one commit deep. */
import { describe, expect, it } from 'vitest';
import { createJob, type Job, type JobResult, secretOf } from './job.ts';

const NOTHING = '0'.repeat(40);

/** A remote with `main` of a few commits. */
async function open(): Promise<Job> {
  const job = await createJob();
  job.origin.write('README.md', 'words\n');
  job.origin.commit('first');
  job.origin.write('src/app.js', 'start();\n');
  job.origin.commit('second');
  return job;
}

const line = (secret: string): string => `const token = "${secret}";\n`;

function expectFound(result: JobResult, findings: number, secrets: readonly string[]): void {
  expect(result.log).not.toContain('this is a bug');
  expect([result.code, result.outputs['findings']], result.log).toEqual([findings === 0 ? 0 : 1, String(findings)]);
  for (const secret of secrets) {
    expect(result.everything).not.toContain(secret);
    expect(result.log).toContain(`::add-mask::${secret}`);
  }
}

describe('push', () => {
  it('scans what came between before and after, and no more', async () => {
    const job = await open();
    const old = secretOf('old');
    job.origin.write('old.txt', line(old));
    job.origin.commit('was there');
    const before = job.id('HEAD');
    const [one, two] = [secretOf('one'), secretOf('two')];
    job.origin.write('a.txt', line(one));
    job.origin.commit('adds');
    job.origin.write('a.txt', 'gone\n');
    job.origin.write('b.txt', line(two));
    job.origin.commit('takes out, adds another');
    job.checkout(job.id('HEAD'));
    const result = await job.run('push', { ref: 'refs/heads/main', before, after: job.id('HEAD') });
    expectFound(result, 2, [one, two]);
    expect(result.outputs['scanned-commits']).toBe('2');
    expect(result.outputs['range']).toBe(`${before}..${job.id('HEAD')}`);
    expect(result.everything).not.toContain(old);
  });

  it('is clean where nothing was found', async () => {
    const job = await open();
    job.checkout(job.id('HEAD'));
    const result = await job.run('push', { ref: 'refs/heads/main', before: job.id('HEAD~1'), after: job.id('HEAD') });
    expectFound(result, 0, []);
    expect(result.summary).toContain('no findings');
  });

  it('scans the commits of a new branch', async () => {
    const job = await open();
    const secret = secretOf('branch');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.write('a.txt', line(secret));
    job.origin.commit('adds');
    job.origin.write('b.txt', 'more\n');
    job.origin.commit('more');
    job.checkout(job.id('topic'));
    const result = await job.run('push', { ref: 'refs/heads/topic', before: NOTHING, after: job.id('topic'), created: true });
    expectFound(result, 1, [secret]);
    expect(result.outputs['scanned-commits']).toBe('2');
  });

  it('scans the whole of the first branch', async () => {
    const job = await open();
    const secret = secretOf('first');
    job.origin.write('a.txt', line(secret));
    job.origin.commit('adds');
    job.checkout(job.id('main'));
    const result = await job.run('push', { ref: 'refs/heads/main', before: NOTHING, after: job.id('main'), created: true });
    expectFound(result, 1, [secret]);
    expect(result.outputs['scanned-commits']).toBe('3');
  });

  it('scans what a forced push brings, also when the old commit is gone from the branch', async () => {
    const job = await open();
    const [old, fresh] = [secretOf('replaced'), secretOf('fresh')];
    job.origin.write('a.txt', line(old));
    job.origin.commit('replaced');
    const before = job.id('HEAD');
    job.origin.git('reset', '--quiet', '--hard', 'HEAD~1');
    job.origin.write('a.txt', line(fresh));
    job.origin.commit('instead');
    job.checkout(job.id('HEAD'));
    const forced = { ref: 'refs/heads/main', before, after: job.id('HEAD'), forced: true };
    expectFound(await job.run('push', forced), 1, [fresh]);
    // GitHub has forgotten the commit: more is scanned, never less.
    const forgotten = { ...forced, before: '1234567890123456789012345678901234567890' };
    expectFound(await job.run('push', forgotten), 1, [fresh]);
  });

  it('scans a tag, its message too', async () => {
    const job = await open();
    const secret = secretOf('tag');
    job.origin.git('tag', '--annotate', '--message', `release\n\ntoken: ${secret}`, 'v1');
    job.checkout(job.id('v1^{commit}'));
    const result = await job.run('push', { ref: 'refs/tags/v1', before: NOTHING, after: job.id('v1'), created: true });
    expectFound(result, 1, [secret]);
  });

  it('has nothing to do where a branch was deleted', async () => {
    const job = await open();
    job.checkout(job.id('main'));
    const result = await job.run('push', { ref: 'refs/heads/topic', before: job.id('main'), after: NOTHING, deleted: true });
    expectFound(result, 0, []);
    expect(result.log).toContain('nothing to scan');
  });

  it('finds a secret that only a merge commit brings', async () => {
    const job = await open();
    const secret = secretOf('merge');
    const before = job.id('HEAD');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.write('b.txt', 'b\n');
    job.origin.commit('topic');
    job.origin.git('checkout', '--quiet', 'main');
    job.origin.write('c.txt', 'c\n');
    job.origin.commit('main');
    job.origin.git('merge', '--quiet', '--no-commit', '--no-ff', 'topic');
    job.origin.write('b.txt', `b\n${line(secret)}`);
    job.origin.commit('merge');
    job.checkout(job.id('main'));
    expectFound(await job.run('push', { ref: 'refs/heads/main', before, after: job.id('main') }), 1, [secret]);
  });
});

describe('pull_request', () => {
  it('finds a secret that the first of 35 commits brought and a later one took out', async () => {
    const job = await open();
    const secret = secretOf('first of many');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    for (let count = 1; count <= 35; count++) {
      job.origin.write('a.txt', count === 1 ? line(secret) : `step ${count}\n`);
      job.origin.commit(`step ${count}`);
    }
    job.origin.git('checkout', '--quiet', 'main');
    job.origin.write('z.txt', 'meanwhile\n');
    job.origin.commit('meanwhile');
    // What the runner checks out is the merge of both.
    job.origin.git('checkout', '--quiet', '--detach', 'main');
    job.origin.git('merge', '--quiet', '--no-ff', '--no-edit', 'topic');
    job.checkout(job.id('HEAD'));
    const result = await job.run('pull_request', job.pullRequest('main', 'topic'));
    expectFound(result, 1, [secret]);
    expect(result.outputs['scanned-commits']).toBe('35');
    expect(result.summary).toContain('in commits only');
    expect(job.pull.reviews).toHaveLength(1);
    expect(job.pull.comments).toEqual([]);
  });

  it('reads a renamed file, and does not blame the pull request for what it held', async () => {
    const job = await open();
    const [old, fresh] = [secretOf('held'), secretOf('added')];
    job.origin.write('old name.txt', `${'words that stay\n'.repeat(20)}${line(old)}`);
    job.origin.commit('was there');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.git('mv', 'old name.txt', 'new name.txt');
    job.origin.write('new name.txt', `${'words that stay\n'.repeat(20)}${line(old)}${line(fresh)}`);
    job.origin.commit('rename and add');
    job.checkout(job.id('topic'));
    const result = await job.run('pull_request', job.pullRequest('main', 'topic'));
    expectFound(result, 1, [fresh]);
    expect(job.pull.comments.map(({ path, line: at }) => [path, at])).toEqual([['new name.txt', 22]]);
    expect(result.everything).not.toContain(old);
  });

  it('falls back to the summary where the token only reads, as that of a fork', async () => {
    const job = await open();
    const secret = secretOf('fork');
    job.pull.readsOnly = true;
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.write('a.txt', line(secret));
    job.origin.commit('adds');
    // The commits of a fork are on no branch; GitHub keeps a ref of the pull request.
    const payload = job.pullRequest('main', 'topic', { head: { sha: job.id('topic'), repo: { full_name: 'stranger/r' } } });
    job.origin.git('checkout', '--quiet', 'main');
    job.origin.git('branch', '--quiet', '-D', 'topic');
    job.checkout('main');
    const result = await job.run('pull_request', payload);
    expectFound(result, 1, [secret]);
    expect(result.summary).toContain('a.txt:1');
    expect(result.log).toContain('::error file=a.txt,line=1');
    expect(result.log).toContain('the review (a fork’s token reads only) was left out');
    expect([job.pull.reviews, job.pull.checkRuns]).toEqual([[], []]);
  });
});

describe('other events', () => {
  it('scans a merge group', async () => {
    const job = await open();
    const secret = secretOf('group');
    const base = job.id('main');
    job.origin.git('checkout', '--quiet', '-b', 'gh-readonly-queue/main/pr-7');
    job.origin.write('a.txt', line(secret));
    job.origin.commit('adds');
    const head = job.id('HEAD');
    job.checkout(head);
    const merge_group = { base_sha: base, head_sha: head, head_ref: 'refs/heads/gh-readonly-queue/main/pr-7', base_ref: 'refs/heads/main' };
    expectFound(await job.run('merge_group', { action: 'checks_requested', merge_group }), 1, [secret]);
  });

  it.each(['schedule', 'workflow_dispatch'])('scans the whole history, all branches, on %s', async (event) => {
    const job = await open();
    const [gone, branch] = [secretOf('long gone'), secretOf('other branch')];
    job.origin.write('a.txt', line(gone));
    job.origin.commit('adds');
    job.origin.write('a.txt', 'gone\n');
    job.origin.commit('takes out');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.write('b.txt', line(branch));
    job.origin.commit('topic');
    job.origin.git('checkout', '--quiet', 'main');
    job.checkout('main');
    const result = await job.run(event, {});
    expectFound(result, 2, [gone, branch]);
    expect(result.outputs['range']).toBe('history');
    expect(job.workspace.git('for-each-ref', 'refs/leakwarden/')).toBe('');
  });

  it('scans the files alone, where asked to', async () => {
    const job = await open();
    const [gone, here] = [secretOf('gone'), secretOf('here')];
    job.origin.write('a.txt', line(gone));
    job.origin.commit('adds');
    job.origin.write('a.txt', line(here));
    job.origin.commit('replaces');
    job.checkout('main');
    expectFound(await job.run('issues', {}, { mode: 'tree' }), 1, [here]);
  });

  it('scans a range that the inputs name', async () => {
    const job = await open();
    const secret = secretOf('named');
    job.origin.write('a.txt', line(secret));
    job.origin.commit('adds');
    job.checkout('main');
    expectFound(await job.run('issues', {}, { base: job.id('main~1'), head: 'main' }), 1, [secret]);
  });
});

describe('what cannot be scanned', () => {
  it('fails where the history cannot be completed', async () => {
    const job = await open();
    job.checkout('main');
    job.workspace.git('remote', 'set-url', 'origin', 'file:///nonexistent');
    const result = await job.run('schedule', {});
    expect([result.code, result.outputs['exit-code']]).toEqual([2, '2']);
    expect(result.log).toMatch(/::error title=leakwarden::git fetch failed/);
  });

  it.each([
    ['an event without commits', 'issues', {}, 'is about no commits'],
    ['an input that is none of the choices', 'schedule', { 'fail-on': 'sometimes' }, 'fail-on must be one of'],
    ['a mode that the event has no range for', 'schedule', { mode: 'diff' }, 'has no range'],
    ['no checkout', 'schedule', { path: '..' }, 'is no checkout'],
  ])('says so: %s', async (_name, event, inputs, words) => {
    const job = await open();
    job.checkout('main');
    const result = await job.run(event, {}, inputs);
    expect(result.code).toBe(2);
    expect(result.log).toContain(words);
    expect(result.log).toContain('::error title=leakwarden::');
  });
});
