/** Parts of a history: ranges, times, branches; and audits that go on from the last one. */
import { describe, expect, it } from 'vitest';
import { createRepository, type Repository } from '../../../fixtures/git-repository.ts';
import { readState, writeState } from '../../../src/engine/history/state.ts';
import { type AuditChanges, audit, auditFolders, token } from './audit-folder.ts';

function line(seed: string): string {
  return `TOKEN=${token(seed)}\n`;
}

function id(repository: Repository, revision: string): string {
  return repository.git('rev-parse', revision).slice(0, 7);
}

function commit(repository: Repository, name: string, content: string, message = name): void {
  repository.write(name, content);
  repository.commit(message);
}

const range = (from: string, to: string): AuditChanges => ({ range: { from, to } });

describe('--range', () => {
  it('reports added lines only, with the history that they have', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('old'));
    repository.git('tag', 'base');
    commit(repository, 'a.env', `${line('old')}${line('new')}`);
    expect(await audit(repository.folder, range('base', 'HEAD'))).toMatchObject([
      { places: [`a.env:2 ${id(repository, 'HEAD')}`], first: id(repository, 'HEAD'), inHead: true, branches: ['main'] },
    ]);
    expect(await audit(repository.folder)).toHaveLength(2);
  });

  it('finds what came and went within the range', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', 'a\n');
    commit(repository, 'a.env', line('a'));
    commit(repository, 'a.env', 'a\n');
    expect(await audit(repository.folder, range('HEAD~2', 'HEAD'))).toMatchObject([{ removedIn: id(repository, 'HEAD') }]);
    expect(await audit(repository.folder, range('HEAD~1', 'HEAD'))).toEqual([]);
  });

  it('follows renames', async () => {
    const repository = createRepository();
    const filler = Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join('');
    commit(repository, 'a.env', `${line('old')}${filler}`);
    repository.git('mv', 'a.env', 'b.env');
    repository.commit('renamed');
    expect(await audit(repository.folder, range('HEAD~1', 'HEAD'))).toEqual([]);
    repository.git('mv', 'b.env', 'c.env');
    commit(repository, 'c.env', `${line('old')}${filler}${line('new')}`);
    expect(await audit(repository.folder, range('HEAD~1', 'HEAD'))).toMatchObject([{ places: [`c.env:22 ${id(repository, 'HEAD')}`] }]);
  });

  it('reports the own lines of a merge, and not those that it brings together', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', 'one\ntwo\nthree\n');
    repository.git('checkout', '--quiet', '-b', 'dev');
    commit(repository, 'a.env', `one\ntwo\nthree\n${line('dev')}`);
    repository.git('checkout', '--quiet', 'main');
    commit(repository, 'a.env', `${line('main')}one\ntwo\nthree\n`);
    repository.git('merge', '--quiet', '--no-commit', 'dev');
    commit(repository, 'a.env', `${line('main')}one\n${line('merge')}three\n${line('dev')}`);
    const merge = id(repository, 'HEAD');
    const found = await audit(repository.folder, range('HEAD~1', 'HEAD'));
    expect(found.map(({ places }) => places).sort()).toEqual([[`a.env:3 ${merge}`], [`a.env:4 ${id(repository, 'dev')}`]]);
  });

  it('lets unchanged lines complete a credential of several parts', async () => {
    const repository = createRepository();
    const [key, secret] = ['AWS_ACCESS_KEY_ID=AKIA', 'AWS_SECRET_ACCESS_KEY='];
    const parts = (await import('../../../src/ruleset/examples.ts')).fillExample('{{base32:16}} {{base64:40}}', 'aws').split(' ');
    commit(repository, 'aws.env', `${key}${parts[0]}\n`);
    commit(repository, 'aws.env', `${key}${parts[0]}\n${secret}${parts[1]}\n`);
    const { report } = await auditFolders([repository.folder], range('HEAD~1', 'HEAD'));
    expect(report.findings).toMatchObject([{ rule: 'aws-secret-access-key', parts: { id: { place: { line: 1 } } } }]);
  });

  it('refuses revisions that are none', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', 'a\n');
    for (const from of ['nothing', '--all', '-x', '', 'HEAD:a.env', '$(touch x)']) {
      await expect(audit(repository.folder, range(from, 'HEAD')), from).rejects.toThrow('names no commit');
    }
  });

  it('holds in a shallow clone, if it does not reach the edge', async () => {
    const repository = createRepository();
    for (const name of ['a', 'b', 'c']) commit(repository, name, line(name));
    const clone = createRepository();
    clone.git('fetch', '--quiet', '--depth=2', `file://${repository.folder}`, 'main:copy');
    expect((await auditFolders([clone.folder], range('copy~1', 'copy'))).report.problems).toEqual([]);
    const { report } = await auditFolders([clone.folder], { since: 1 });
    expect(report.problems.map(({ code }) => code)).toEqual(['shallow-clone']);
  });
});

describe('--since and --branch', () => {
  it('takes commits by the time of their committer', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('old'), `message ${token('old message')}`);
    repository.write('b.env', line('new'));
    repository.git('add', '--all');
    repository.gitWith({ GIT_COMMITTER_DATE: '2024-06-01T00:00:00Z' }, 'commit', '--quiet', '-m', 'new');
    const since = Date.parse('2024-05-01T00:00:00Z') / 1000;
    expect(await audit(repository.folder, { since })).toMatchObject([{ places: [`b.env:1 ${id(repository, 'HEAD')}`] }]);
  });

  it('takes one branch and nothing of the others', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('main'));
    repository.git('checkout', '--quiet', '-b', 'dev');
    commit(repository, 'b.env', line('dev'), `message ${token('dev message')}`);
    const found = await audit(repository.folder, { branches: ['main'] });
    expect(found).toMatchObject([{ paths: ['a.env'], branches: ['dev', 'main'] }]);
    expect(await audit(repository.folder, { branches: ['dev', 'main'] })).toHaveLength(3);
    await expect(audit(repository.folder, { branches: ['none'] })).rejects.toThrow('names no commit');
  });
});

describe('an audit that goes on from the last one', () => {
  /** The findings of a full audit, which one that goes on must give too, and what the latter scanned. */
  async function both(repository: Repository, last: Awaited<ReturnType<typeof auditFolders>>, changes: AuditChanges = {}) {
    const full = await auditFolders([repository.folder], changes);
    // What is left goes through the file, as it does between two runs.
    const state = readState(writeState(last.state), 'state');
    const next = await auditFolders([repository.folder], { ...changes, state });
    expect(JSON.stringify(next.report.findings)).toBe(JSON.stringify(full.report.findings));
    expect(next.report.problems).toEqual(full.report.problems);
    expect(writeState(next.state)).toBe(writeState(full.state));
    return { next, scanned: next.report.stats.files, full: full.report.stats.files };
  }

  it('scans only what is new, and gives what a full one gives', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('a'), `first ${token('message')}`);
    for (let at = 0; at < 5; at++) commit(repository, `f${at}`, `${at}\n`);
    const first = await auditFolders([repository.folder]);
    const same = await both(repository, first);
    expect(same).toMatchObject({ scanned: 1, full: 6 });
    commit(repository, 'b.env', line('b'), `second ${token('message b')}`);
    commit(repository, 'a.env', 'TOKEN=\n');
    repository.git('tag', '-a', '-m', `tag ${token('tag')}`, 'v1');
    const more = await both(repository, same.next);
    expect(more).toMatchObject({ scanned: 3, full: 8 });
    expect(more.next.report.findings).toHaveLength(5);
  });

  it('after a force-push, and after what was lost is gone', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('a'));
    commit(repository, 'b.env', line('b'));
    const first = await auditFolders([repository.folder]);
    repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    commit(repository, 'c.env', line('c'), `m ${token('m')}`);
    const pushed = await both(repository, first);
    expect(pushed.next.report.findings).toHaveLength(3);
    repository.git('reflog', 'expire', '--expire=now', '--all');
    repository.git('gc', '--quiet', '--prune=now');
    await both(repository, first);
    await both(repository, pushed.next);
  });

  it('starts again for other rules', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', line('a'));
    commit(repository, 'b.txt', 'b\n');
    const first = await auditFolders([repository.folder], { rules: { only: ['slack-bot-token'] } });
    expect(first.report.findings).toEqual([]);
    const again = await both(repository, first);
    expect(again.next.report.findings).toHaveLength(1);
    expect(again.scanned).toBe(2);
  });

  it('keeps nothing but names of objects', async () => {
    const repository = createRepository();
    commit(repository, 'a.env', `password = "correct horse"\n${line('a')}`, `m ${token('m')}`);
    const { state } = await auditFolders([repository.folder]);
    expect(JSON.parse(writeState(state))).toEqual({
      schema: 'leakwarden/audit-state@1',
      engine: expect.stringMatching(/^[0-9a-f]{64}$/),
      tips: [repository.git('rev-parse', 'HEAD').trim()],
      blobs: [repository.git('rev-parse', 'HEAD:a.env').trim()],
      commits: [repository.git('rev-parse', 'HEAD').trim()],
    });
  });

  it('refuses a state that is none', () => {
    for (const text of ['', '{}', '{"schema":"leakwarden/audit-state@1"}', '[]', 'null'])
      expect(() => readState(text, 's')).toThrow('not the state');
    const good = JSON.parse(writeState({ engine: 'e', tips: ['1'.repeat(40)], blobs: [], commits: [] }));
    expect(readState(JSON.stringify(good), 's').tips).toHaveLength(1);
    expect(() => readState(JSON.stringify({ ...good, tips: ['--all'] }), 's')).toThrow('no id');
  });
});
