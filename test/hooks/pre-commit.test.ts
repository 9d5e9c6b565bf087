/** The pre-commit guard under real git: what each kind of commit puts into the hook's hands, and that nothing else counts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { git, guardedRepository, leak, leakwarden, run, secretOf } from './guarded.ts';

const TIMEOUT = { timeout: 60_000 };

function expectBlocked(ran: { status: number | null; output: string }, ...numbers: number[]): void {
  expect(ran.output).toContain('commit blocked');
  expect(ran.status).not.toBe(0);
  for (const number of numbers) expect(ran.output).not.toContain(secretOf(number));
}

describe('git commit', TIMEOUT, () => {
  it('of an added line with a secret is blocked, and says where and what to do', () => {
    const repository = guardedRepository();
    repository.write('src/a.env', `x=1\n${leak(1)}`);
    repository.git('add', '.');
    const ran = git(repository, 'commit', '-m', 'leak');
    expectBlocked(ran, 1);
    expect(ran.output).toContain('src/a.env:2:9');
    expect(ran.output).toContain('leakwarden:allow');
    expect(ran.output).toContain('LEAKWARDEN_SKIP=');
    expect(repository.git('log', '--oneline').split('\n')).toHaveLength(2);
  });

  it('of a clean change goes through without a word', () => {
    const repository = guardedRepository();
    repository.write('a.txt', 'clean\n');
    repository.git('add', '.');
    expect(git(repository, 'commit', '-qm', 'clean')).toEqual({ status: 0, output: '' });
  });

  it('first of a repository, and an empty one', () => {
    const repository = createRepository();
    leakwarden(repository.folder, 'hooks', 'install');
    expect(git(repository, 'commit', '-q', '--allow-empty', '-m', 'nothing').status).toBe(0);
    const other = createRepository();
    leakwarden(other.folder, 'hooks', 'install');
    other.write('a.env', leak(1));
    other.git('add', '.');
    expectBlocked(git(other, 'commit', '-m', 'first'), 1);
  });

  it('-a sees what is added on the way', () => {
    const repository = guardedRepository();
    repository.write('readme.txt', leak(1));
    expectBlocked(git(repository, 'commit', '-am', 'all'), 1);
    expect(git(repository, 'diff', '--cached', '--name-only').output).toBe('');
  });

  it('-- path sees that path and nothing else', () => {
    const repository = guardedRepository();
    repository.write('b.txt', 'b\n');
    repository.commit('-b');
    repository.write('readme.txt', leak(1));
    repository.write('b.txt', 'clean\n');
    repository.git('add', 'readme.txt');
    expect(git(repository, 'commit', '-qm', 'only b', '--', 'b.txt').status).toBe(0);
    expectBlocked(git(repository, 'commit', '-m', 'only readme', '--', 'readme.txt'), 1);
  });

  it('of a partially staged file counts what is staged', () => {
    const repository = guardedRepository();
    repository.write('readme.txt', 'hello\nmore\n');
    repository.git('add', '.');
    repository.write('readme.txt', `hello\nmore\n${leak(1)}`);
    expect(git(repository, 'commit', '-qm', 'staged is clean').status).toBe(0);
    repository.git('add', '.');
    repository.write('readme.txt', 'hello\nmore\n');
    expectBlocked(git(repository, 'commit', '-m', 'staged is not'), 1);
  });

  it('of a renamed file counts its new lines only', () => {
    const repository = guardedRepository();
    const body = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');
    repository.write('old.txt', `${body}${leak(1)}`);
    repository.git('add', '.');
    repository.git('commit', '-q', '--no-verify', '-m', 'old leak');
    repository.git('mv', 'old.txt', 'new.txt');
    expect(git(repository, 'commit', '-qm', 'renamed').status).toBe(0);
    repository.git('mv', 'new.txt', 'newer.txt');
    repository.write('newer.txt', `${body}${leak(1)}${leak(2)}`);
    repository.git('add', '.');
    const ran = git(repository, 'commit', '-m', 'renamed and changed');
    expectBlocked(ran, 1, 2);
    expect(ran.output).toContain('newer.txt:42');
    expect(ran.output).not.toContain('newer.txt:41');
  });

  it('of a merge counts what the merge itself wrote', () => {
    const repository = guardedRepository();
    repository.git('checkout', '-qb', 'side');
    repository.write('readme.txt', 'side\n');
    repository.commit('side');
    repository.git('checkout', '-q', 'main');
    repository.write('readme.txt', 'main\n');
    repository.commit('main');
    expect(git(repository, 'merge', 'side').status).not.toBe(0);
    repository.write('readme.txt', `both\n${leak(1)}`);
    repository.git('add', '.');
    expectBlocked(git(repository, 'commit', '-m', 'merged'), 1);
    repository.write('readme.txt', 'both\n');
    repository.git('add', '.');
    expect(git(repository, 'commit', '-qm', 'merged').status).toBe(0);
  });

  it('--amend sees what is staged on top', () => {
    const repository = guardedRepository();
    repository.write('a.env', leak(1));
    repository.git('add', '.');
    expectBlocked(git(repository, 'commit', '--amend', '-m', 'again'), 1);
    repository.git('reset', '-q', '--hard');
    expect(git(repository, 'commit', '-q', '--amend', '-m', 'again').status).toBe(0);
  });

  it('within a rebase', () => {
    const repository = guardedRepository();
    repository.write('a.txt', 'one\n');
    repository.commit('one');
    repository.gitWith({ GIT_SEQUENCE_EDITOR: "sed -i 's/^pick/edit/'" }, 'rebase', '-i', 'HEAD~1');
    repository.write('a.txt', leak(1));
    repository.git('add', '.');
    expectBlocked(git(repository, 'commit', '-m', 'in between'), 1);
    expect(git(repository, 'rebase', '--abort').status).toBe(0);
  });

  it('in a linked worktree, from a folder below, and with GIT_DIR set', () => {
    const repository = guardedRepository();
    const tree = join(temporaryFolder(), 'tree');
    repository.git('worktree', 'add', '-q', tree);
    const linked = new Repository(tree);
    linked.write('deep/er/a.env', leak(1));
    linked.git('add', '.');
    expectBlocked(run('git', ['commit', '-m', 'x'], join(tree, 'deep')), 1);
    repository.write('b.env', leak(2));
    repository.git('add', '.');
    const env = { GIT_DIR: join(repository.folder, '.git'), GIT_WORK_TREE: repository.folder };
    expectBlocked(run('git', ['commit', '-m', 'x'], temporaryFolder(), env), 2);
  });

  it('of a submodule, and of one that moved on', () => {
    const inner = guardedRepository();
    const outer = guardedRepository();
    outer.git('submodule', '--quiet', 'add', inner.folder, 'inner');
    expect(git(outer, 'commit', '-qm', 'with a submodule').status).toBe(0);
    const sub = new Repository(join(outer.folder, 'inner'));
    leakwarden(sub.folder, 'hooks', 'install');
    sub.write('a.env', leak(1));
    sub.git('add', '.');
    expectBlocked(git(sub, 'commit', '-m', 'inside'), 1);
  });

  it('with a sparse index', () => {
    const repository = guardedRepository();
    for (const folder of ['a', 'b']) repository.write(`${folder}/x.txt`, 'x\n');
    repository.commit('folders');
    repository.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'a');
    repository.write('a/x.txt', leak(1));
    repository.git('add', 'a');
    expectBlocked(git(repository, 'commit', '-m', 'sparse'), 1);
    repository.git('reset', '-q', '--hard');
    repository.write('a/x.txt', 'clean\n');
    repository.git('add', 'a');
    expect(git(repository, 'commit', '-qm', 'sparse').status).toBe(0);
  });

  it('with parts of one credential on old and new lines', () => {
    const repository = guardedRepository();
    const [id = '', secret = ''] = fillExample(
      '[x]\naws_access_key_id = AKIA{{base32:16}}\n|aws_secret_access_key = {{base64:40}}\n',
      'aws',
    ).split('|');
    repository.write('aws.ini', id);
    repository.git('add', '.');
    repository.git('commit', '-q', '--no-verify', '-m', 'the id');
    repository.write('aws.ini', id + secret);
    repository.git('add', '.');
    const ran = git(repository, 'commit', '-m', 'x');
    expectBlocked(ran);
    expect(ran.output).toContain('aws.ini:3');
    expect(ran.output).toContain('AWS account');
    expect(ran.output).not.toContain(secret.split(' = ')[1]);
  });
});

describe('the ways out', TIMEOUT, () => {
  it('an allow comment with a reason', () => {
    const repository = guardedRepository();
    repository.write('a.env', leak(1).replace('\n', ' # leakwarden:allow -- key of the demo\n'));
    repository.git('add', '.');
    expect(git(repository, 'commit', '-qm', 'allowed').status).toBe(0);
  });

  it('LEAKWARDEN_SKIP with a reason, once, on the record', () => {
    const repository = guardedRepository();
    repository.write('a.env', leak(1));
    repository.git('add', '.');
    const ran = run('git', ['commit', '-qm', 'x'], repository.folder, { LEAKWARDEN_SKIP: 'the demo needs it' });
    expect(ran).toMatchObject({ status: 0, output: expect.stringContaining('the demo needs it') });
    const log = readFileSync(join(repository.folder, '.git/leakwarden/skips.jsonl'), 'utf8');
    expect(JSON.parse(log)).toMatchObject({ stage: 'pre-commit', reason: 'the demo needs it' });
    expect(log).not.toContain(secretOf(1));
    expect(leakwarden(repository.folder, 'hooks', 'status').output).toContain('1 check was skipped');
  });
});

describe('a guard that cannot guard', TIMEOUT, () => {
  it('blocks when leakwarden is gone', () => {
    const repository = guardedRepository();
    const hook = join(repository.folder, '.git/hooks/pre-commit');
    writeFileSync(hook, readFileSync(hook, 'utf8').replace(/if \[ -f .*\n/, '\n'), { mode: 0o755 });
    repository.write('a.txt', 'clean\n');
    repository.git('add', '.');
    const ran = git(repository, 'commit', '-m', 'x');
    expect(ran.status).not.toBe(0);
    expect(ran.output).toContain('leakwarden is not installed, so nothing was checked');
  });

  it('blocks when the configuration is broken', () => {
    const repository = guardedRepository();
    repository.write('leakwarden.toml', 'not toml');
    repository.git('add', '.');
    const ran = git(repository, 'commit', '-m', 'x');
    expect(ran.status).not.toBe(0);
    expect(ran.output).toContain('leakwarden: error:');
  });

  it('blocks when its time is spent, and says so', () => {
    const repository = guardedRepository();
    mkdirSync(join(repository.folder, 'big'));
    for (let at = 0; at < 20; at++) repository.write(`big/${at}.txt`, `${'lorem ipsum dolor '.repeat(200_000)}${at}\n`);
    repository.git('add', '.');
    const ran = run('git', ['commit', '-m', 'x'], repository.folder, { LEAKWARDEN_TIME_BUDGET: '0.05' });
    expect(ran.status).not.toBe(0);
    expect(ran.output).toContain('took longer than 0.05 s');
  });

  it('knows no other stages', () => {
    const repository = guardedRepository();
    expect(leakwarden(repository.folder, 'guard', 'pre-comit')).toMatchObject({ status: 2, output: expect.stringContaining('pre-commit') });
  });
});

describe('commit-msg', TIMEOUT, () => {
  it('reads the message, but not the diff below the scissors', () => {
    const repository = guardedRepository('commit-msg');
    expectBlocked(git(repository, 'commit', '--allow-empty', '-m', `use ${leak(1)}`), 1);
    expect(git(repository, 'commit', '-q', '--allow-empty', '-m', 'clean').status).toBe(0);
    repository.write('a.env', leak(2));
    repository.git('add', '.');
    const editor = join(temporaryFolder(), 'editor.sh');
    writeFileSync(editor, `#!/bin/sh\nprintf 'clean\\n' | cat - "$1" > "$1.new" && mv "$1.new" "$1"\n`, { mode: 0o755 });
    expect(run('git', ['commit', '-v'], repository.folder, { GIT_EDITOR: editor }).status).toBe(0);
  });
});
