/** The life of a pull request's review: made once, brought up to date by each push, its comments resolved when fixed, never repeated. */
import { describe, expect, it } from 'vitest';
import { BOT } from '../../fixtures/github/pull-request.ts';
import { createJob, type Job, type JobResult, secretOf } from './job.ts';

const line = (secret: string): string => `const token = "${secret}";\n`;

type Push = (files: Readonly<Record<string, string>>, inputs?: Readonly<Record<string, string>>) => Promise<JobResult>;

async function open(prefix = ''): Promise<{ job: Job; push: Push }> {
  const job = await createJob(prefix);
  job.origin.write('README.md', 'words\n');
  job.origin.commit('first');
  job.origin.git('checkout', '--quiet', '-b', 'topic');
  const push: Push = async (files, inputs = {}) => {
    for (const [name, content] of Object.entries(files)) job.origin.write(name, content);
    job.origin.commit('push');
    const payload = job.pullRequest('main', 'topic');
    job.checkout(job.id('topic'));
    return job.run('pull_request', payload, { 'check-run': 'false', ...inputs });
  };
  return { job, push };
}

/** What was written at GitHub, as method and last part of the path. */
const writes = (job: Job): string[] =>
  job.fake.asked
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('graphql'))
    .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);

const bodyOf = (job: Job, path: string): string => job.pull.comments.find((comment) => comment.path === path)?.body ?? '';

describe('the review of a pull request', () => {
  it('is made once, kept up to date, and says nothing twice', { timeout: 120_000 }, async () => {
    const { job, push } = await open();
    const [one, two, three] = [secretOf('one'), secretOf('two'), secretOf('three')];
    // Others write too, more than a page of it, and somebody copies a mark.
    for (let id = 1; id <= 130; id++) {
      job.pull.reviews.push({
        id,
        body: '<!-- leakwarden:review -->\nlooks good',
        user: { login: 'mallory' },
        html_url: '',
        commit_id: '',
      });
      job.pull.comments.push({ id: 200 + id, body: 'nit', path: 'README.md', line: 1, user: { login: 'mallory' }, review: id });
    }
    const own = () => ({
      reviews: job.pull.reviews.filter(({ user }) => user.login === BOT),
      comments: job.pull.comments.filter(({ user }) => user.login === BOT),
    });

    const first = await push({ 'a.txt': line(one), 'b.txt': line(two) });
    expect(first.code, first.log).toBe(1);
    expect(own().reviews).toHaveLength(1);
    expect(own().comments.map(({ path, line: at }) => [path, at])).toEqual([
      ['a.txt', 1],
      ['b.txt', 1],
    ]);
    expect(own().reviews[0]?.body).toContain('2 findings');
    expect(bodyOf(job, 'a.txt')).toContain('GitHub personal access token');
    // Who has a comment needs no annotation.
    expect(first.log).not.toContain('::error file=');
    expect(writes(job)).toEqual(['POST reviews']);

    const forged = job.pull.comments[0];
    if (forged) forged.body = bodyOf(job, 'a.txt');
    const again = await push({});
    expect(again.code).toBe(1);
    // The links lead to the new head, so the texts change; nothing is added.
    expect(writes(job).filter((one) => one.startsWith('POST'))).toEqual(['POST reviews']);
    expect(own().comments).toHaveLength(2);

    const second = await push({ 'a.txt': 'fixed\n', 'b.txt': `moved\ndown\n${line(two)}`, 'c.txt': line(three) });
    expect([second.code, second.outputs['findings']]).toEqual([1, '3']);
    expect(own().comments.map(({ path }) => path)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(bodyOf(job, 'a.txt')).toContain('is gone as of');
    expect([...job.pull.resolved]).toEqual([own().comments[0]?.id]);
    expect(own().reviews).toHaveLength(2);
    expect(own().reviews[0]?.body).toContain('3 findings');
    expect(own().reviews[1]?.body).not.toContain('findings');

    await push({ 'a.txt': line(one) });
    expect(own().comments).toHaveLength(3);
    expect(bodyOf(job, 'a.txt')).not.toContain('is gone as of');
    expect([...job.pull.resolved]).toEqual([]);

    const last = await push({ 'a.txt': 'x\n', 'b.txt': 'x\n', 'c.txt': 'x\n' });
    expect([own().reviews.length, own().comments.length, job.pull.resolved.size]).toEqual([2, 3, 3]);
    // The commits still hold them.
    expect(last.code).toBe(1);
    expect(own().reviews[0]?.body).toContain('in commits only');
    expect(job.pull.reviews.filter(({ user, body }) => user.login === 'mallory' && !body.endsWith('looks good'))).toEqual([]);
    expect(job.pull.comments[0]?.body).toBe(forged?.body);
    for (const secret of [one, two, three]) expect(last.everything).not.toContain(secret);
  });

  it('goes on where threads may not be resolved', { timeout: 60_000 }, async () => {
    const { job, push } = await open();
    job.pull.resolves = false;
    await push({ 'a.txt': line(secretOf('one')) });
    const result = await push({ 'a.txt': 'fixed\n' });
    expect(bodyOf(job, 'a.txt')).toContain('is gone as of');
    expect(result.log).toContain('threads of the review were not resolved: ');
    expect(result.code).toBe(1);
  });

  it('is not there without findings', async () => {
    const { job, push } = await open();
    expect((await push({ 'a.txt': 'clean\n' })).code).toBe(0);
    expect(writes(job)).toEqual([]);
  });

  it('says in its text what GitHub takes no comment for', { timeout: 60_000 }, async () => {
    const { job } = await open();
    const [big, shown] = [secretOf('big'), secretOf('shown')];
    job.origin.write('big.txt', line(big));
    job.origin.write('a.txt', line(shown));
    job.origin.commit('adds');
    const payload = job.pullRequest('main', 'topic');
    // Large files have no patch.
    job.pull.files = job.pull.files.map((file) => (file.filename === 'big.txt' ? { filename: file.filename } : file));
    job.checkout(job.id('topic'));
    const result = await job.run('pull_request', payload, { 'check-run': 'false' });
    expect(job.pull.comments.map(({ path }) => path)).toEqual(['a.txt']);
    expect(job.pull.reviews[0]?.body).toContain('big.txt:1');
    expect(result.log).toContain('::error file=big.txt,line=1');
  });

  it('is made without comments on lines where GitHub refuses them', { timeout: 60_000 }, async () => {
    const { job } = await open();
    job.origin.write('a.txt', line(secretOf('raced')));
    job.origin.commit('adds');
    const payload = job.pullRequest('main', 'topic');
    job.checkout(job.id('topic'));
    job.fake.route('GET /repos/{owner}/{repo}/pulls/{number}/files', () => ({ data: [{ filename: 'a.txt', patch: '@@ -0,0 +1 @@\n+x' }] }));
    job.pull.files = [];
    const result = await job.run('pull_request', payload, { 'check-run': 'false' });
    expect([job.pull.reviews.length, job.pull.comments.length]).toEqual([1, 0]);
    expect(result.log).toContain('took no comments on lines');
    expect(result.log).toContain('::error file=a.txt,line=1');
  });

  it('waits where GitHub asks for a pause, and tries again what broke', { timeout: 60_000 }, async () => {
    const { job, push } = await open('/api/v3');
    job.fake.play('secondary-limit', 1, 'POST /repos/o/r/pulls/7/reviews');
    job.fake.play('bad-gateway', 1, 'GET /repos/o/r/pulls/7/comments');
    const result = await push({ 'a.txt': line(secretOf('one')) });
    expect(result.log).toContain('GitHub asks for a pause of 1 s');
    expect([job.pull.reviews.length, job.pull.comments.length]).toEqual([1, 1]);
    expect(job.fake.asked.some(({ path }) => path === '/api/graphql')).toBe(true);
  });

  it('is not made again when the answer was lost', { timeout: 60_000 }, async () => {
    const { job, push } = await open();
    job.fake.route('POST /repos/{owner}/{repo}/pulls/{number}/reviews', ({ body }) => {
      const commit = String(body?.['commit_id']);
      job.pull.reviews.push({ id: 1, body: String(body?.['body']), user: { login: BOT }, html_url: '', commit_id: commit });
      return { status: 502, data: { message: 'Bad Gateway' } };
    });
    const result = await push({ 'a.txt': line(secretOf('one')) });
    expect(job.pull.reviews).toHaveLength(1);
    expect(result.log).not.toContain('left out');
  });

  it('does not change the outcome when GitHub fails', { timeout: 60_000 }, async () => {
    const { job, push } = await open();
    job.fake.play('server-error', 99, '/pulls/');
    const result = await push({ 'a.txt': line(secretOf('one')) });
    expect([result.code, result.outputs['findings']]).toEqual([1, '1']);
    expect(result.log).toContain('::warning title=leakwarden::the review was left out');
    expect(result.log).toContain('::error file=a.txt,line=1');
  });
});
