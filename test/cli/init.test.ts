/** `leakwarden init` in real repositories: what it writes, what it leaves alone, and that the guard then works. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { git, leak, leakwarden, run } from '../hooks/guarded.ts';

const TIMEOUT = { timeout: 60_000 };

describe('init', TIMEOUT, () => {
  it('shows and writes a configuration and hooks, which then block a leak', () => {
    const repository = createRepository();
    const { status, output } = leakwarden(repository.folder, 'init');
    expect(status).toBe(0);
    for (const line of ['create  leakwarden.toml', 'create  .git/hooks/pre-commit', 'create  .git/hooks/pre-push', 'next: leakwarden scan'])
      expect(output).toContain(line);
    repository.write('a.env', leak(1));
    repository.git('add', '.');
    expect(git(repository, 'commit', '-m', 'leak').output).toContain('commit blocked');
    // The configuration changes nothing: no notice of exceptions, the finding is there.
    const scanned = leakwarden(repository.folder, 'scan');
    expect(scanned.status).toBe(1);
    expect(scanned.output).not.toContain('note:');
  });

  it('shows what it would write and writes nothing with --dry-run', () => {
    const { folder } = createRepository();
    const { status, output } = leakwarden(folder, 'init', '--dry-run');
    expect([status, output]).toEqual([0, expect.stringContaining('create  leakwarden.toml')]);
    expect(output).toContain('nothing was changed');
    expect(existsSync(join(folder, 'leakwarden.toml')) || existsSync(join(folder, '.git/hooks/pre-commit'))).toBe(false);
  });

  it.each(['leakwarden.toml', '.leakwarden.toml'])('leaves %s as it is, and does nothing the second time', (name) => {
    const { folder } = createRepository();
    writeFileSync(join(folder, name), '[scan]\nthreads = 1\n');
    expect(leakwarden(folder, 'init').output).not.toContain('leakwarden.toml\n');
    expect(leakwarden(folder, 'init').output).toContain('nothing to do');
    expect(readFileSync(join(folder, name), 'utf8')).toBe('[scan]\nthreads = 1\n');
  });

  it('writes the configuration at the root from a folder below, without hooks where none are wanted', () => {
    const { folder } = createRepository();
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    expect(leakwarden(join(folder, 'deep/er'), 'init', '--no-hooks').status).toBe(0);
    expect(existsSync(join(folder, 'leakwarden.toml'))).toBe(true);
    expect(existsSync(join(folder, '.git/hooks/pre-commit'))).toBe(false);
  });

  it('names settings that hold once they are no comments', () => {
    const { folder } = createRepository();
    leakwarden(folder, 'init', '--no-hooks');
    const path = join(folder, 'leakwarden.toml');
    const settings = readFileSync(path, 'utf8').replace(/^# (?=[a-z-]+ = |\[\[)/gm, '');
    expect(settings).not.toMatch(/^# \S+ = /m);
    writeFileSync(path, settings);
    const rule = { id: 'ours', name: 'Ours', provider: 'Us', category: 'generic', description: 'Ours.', severity: 'low' };
    writeFileSync(
      join(folder, 'leakwarden-rules.yml'),
      JSON.stringify([{ ...rule, pattern: '(?P<secret>ours_[0-9]{9})', keywords: ['ours_'] }]),
    );
    const { status, output } = leakwarden(folder, 'scan');
    expect(output).toContain('no findings');
    expect(status).toBe(0);
  });

  it('gives a bare repository its hook and no file', () => {
    const folder = temporaryFolder();
    run('git', ['init', '-q', '--bare', '.'], folder);
    expect(leakwarden(folder, 'init').output).toContain('create  hooks/pre-receive');
    expect(existsSync(join(folder, 'leakwarden.toml'))).toBe(false);
  });

  it('says outside of a repository what is missing', () => {
    const { status, output } = leakwarden(temporaryFolder(), 'init');
    expect(status).toBe(2);
    expect(output).toContain('leakwarden: error: ');
    expect(output).toContain('leakwarden: hint: ');
  });
});
