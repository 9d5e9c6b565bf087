import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, type SettingOptions, type Settings } from '../../src/cli/settings.ts';
import { loadSuppressions } from '../../src/cli/suppress-settings.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leakwarden-settings-'));
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
  mkdirSync(join(root, 'repo/deep/down'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const load = (options: SettingOptions = {}, env: Record<string, string> = {}, cwd = 'repo'): Promise<Settings> =>
  loadSettings(options, env, join(root, cwd));

describe('where the configuration is found', () => {
  it('from the working directory up to the root of the repository', async () => {
    write('repo/leakwarden.toml', '[scan]\nthreads = 3\n');
    const settings = await load({}, {}, 'repo/deep/down');
    expect(settings.threads).toBe(3);
    expect(settings.root).toBe(join(root, 'repo'));
  });

  it('the nearest one, also .leakwarden.toml', async () => {
    write('repo/leakwarden.toml', '[scan]\nthreads = 3\n');
    write('repo/deep/.leakwarden.toml', '[scan]\nthreads = 5\n');
    const settings = await load({}, {}, 'repo/deep/down');
    expect([settings.threads, settings.root]).toEqual([5, join(root, 'repo/deep')]);
  });

  it('not above the repository, nor above a folder that is in none', async () => {
    write('leakwarden.toml', '[scan]\nthreads = 3\n');
    write('plain/x', '');
    expect((await load({}, {}, 'repo')).threads).not.toBe(3);
    rmSync(join(root, 'repo/.git'), { recursive: true });
    expect((await load({}, {}, 'plain')).root).toBe(join(root, 'plain'));
    expect((await load({}, {}, 'plain')).threads).not.toBe(3);
  });

  it('not two side by side', async () => {
    write('repo/leakwarden.toml', '');
    write('repo/.leakwarden.toml', '');
    await expect(load()).rejects.toThrow('there is .leakwarden.toml beside it');
  });

  it('not with --no-config; another with --config or LEAKWARDEN_CONFIG', async () => {
    write('repo/leakwarden.toml', '[scan]\nthreads = 3\n');
    write('other.toml', '[scan]\nthreads = 6\n');
    expect((await load({ noConfig: true })).threads).not.toBe(3);
    expect((await load({ config: '../other.toml' })).threads).toBe(6);
    expect((await load({}, { LEAKWARDEN_CONFIG: '../other.toml' })).threads).toBe(6);
    await expect(load({ config: 'none.toml' })).rejects.toThrow('cannot read the configuration none.toml: no such file');
  });

  it('not through a link out of the repository, unless the user names it', async () => {
    write('credentials', '[scan]\nthreads = 3\n');
    symlinkSync(join(root, 'credentials'), join(root, 'repo/leakwarden.toml'));
    await expect(load()).rejects.toThrow('it lies outside of the repository');
    expect((await load({ config: 'leakwarden.toml' })).threads).toBe(3);
  });
});

describe('precedence', () => {
  it('defaults, then the file, then the environment, then options', async () => {
    expect((await load()).failOn).toBe('any');
    write('repo/leakwarden.toml', '[report]\nfail-on = "live"\n[scan]\nmin-confidence = "high"\n');
    expect((await load()).failOn).toBe('live');
    expect((await load({}, { LEAKWARDEN_FAIL_ON: 'never' })).failOn).toBe('never');
    expect((await load({ failOn: 'any' }, { LEAKWARDEN_FAIL_ON: 'never' })).failOn).toBe('any');
    expect((await load()).minConfidence).toEqual({ level: 'high', from: 'leakwarden.toml:4' });
    expect((await load({ minConfidence: 'low' })).minConfidence).toEqual({ level: 'low', from: '--min-confidence' });
  });

  it('lists add up, `only` does not', async () => {
    write('repo/leakwarden.toml', '[rules]\ndisable = ["a"]\nonly = ["x"]\n');
    const settings = await load({ disable: ['c'], only: ['z'] }, { LEAKWARDEN_DISABLE: 'b, a', LEAKWARDEN_ONLY: 'y' });
    expect(settings.disable).toEqual(['a', 'b', 'c']);
    expect(settings.only).toEqual(['z']);
    expect((await load({}, { LEAKWARDEN_ONLY: 'y' })).only).toEqual(['y']);
    expect((await load()).only).toEqual(['x']);
  });

  it.each([
    [{ threads: '0' }, {}, '--threads must be a whole number from 1 to 256, not 0'],
    [{}, { LEAKWARDEN_THREADS: '1e3' }, 'LEAKWARDEN_THREADS must be a whole number from 1 to 256, not 1e3'],
    [{ failOn: 'nevr' }, {}, '--fail-on must be one of any, live, never, not nevr (did you mean never?)'],
    [{}, { LEAKWARDEN_BINARY: 'perhaps' }, 'LEAKWARDEN_BINARY must be true or false, not perhaps'],
  ])('%j %j: %s', async (options, env, message) => {
    await expect(load(options, env as Record<string, string>)).rejects.toThrow(message);
  });

  it('an empty variable is none; an unknown one is told', async () => {
    expect((await load({}, { LEAKWARDEN_THREADS: '' })).notices).toEqual([]);
    expect((await load({}, { LEAKWARDEN_TREADS: '2' })).notices).toEqual([
      'LEAKWARDEN_TREADS is not a setting (did you mean LEAKWARDEN_THREADS?)',
    ]);
  });
});

describe('a configuration that came with the repository', () => {
  const text = `[scan]
exclude = ["vendor"]
min-confidence = "high"
[rules]
disable = ["a", "b"]
[report]
fail-on = "never"
[[allow]]
path = "test"
`;

  it('tells what it takes away', async () => {
    write('repo/leakwarden.toml', text);
    expect((await load()).notices).toEqual([
      '2 rules are switched off by leakwarden.toml',
      '1 pattern of paths is excluded by leakwarden.toml',
      'findings below confidence high are left out by leakwarden.toml',
      '1 exception is made by leakwarden.toml',
      'findings never change the exit code, says leakwarden.toml',
    ]);
  });

  it('needs no telling when the user named it', async () => {
    write('repo/leakwarden.toml', text);
    expect((await load({ config: 'leakwarden.toml' })).notices).toEqual([]);
  });

  it('names files of its repository only', async () => {
    write('repo/leakwarden.toml', 'baseline = "../outside.jsonl"\n[rules]\nfiles = ["my.yml"]\n');
    write('outside.jsonl', '');
    const settings = await load();
    expect(settings.ruleFiles[0]).toEqual({ path: join(root, 'repo/my.yml'), shown: 'my.yml', within: join(root, 'repo') });
    expect(() => loadSuppressions(settings)).toThrow('it lies outside of the repository');
  });

  it('says on which line a glob is wrong', async () => {
    write('repo/leakwarden.toml', '[scan]\nexclude = [\n"a",\n"[z"]\n');
    await expect(load()).rejects.toThrow('leakwarden.toml:4: [z: a "[" is not closed');
  });
});

describe('the files that keep findings out', () => {
  const id = 'a'.repeat(32);

  it('are found at the root and told of', async () => {
    write('repo/.leakwarden/baseline.jsonl', `{"id":"${id}"}\n`);
    write('repo/.leakwardenignore', `${id}\n`);
    write('repo/.gitleaksignore', 'a:b:1\n');
    write('repo/.secrets.baseline', JSON.stringify({ results: { f: [{ hashed_secret: '0'.repeat(40), type: 'x' }] } }));
    const { suppressions, notices } = loadSuppressions(await load({}, {}, 'repo/deep'));
    expect(notices).toEqual([
      '2 findings are known by the baseline .leakwarden/baseline.jsonl and .secrets.baseline',
      '1 finding is ignored by .leakwardenignore',
      '1 finding is ignored by .gitleaksignore',
    ]);
    expect([suppressions.baseline.length, suppressions.hashedSecrets.length, suppressions.ignoredPlaces.length]).toEqual([1, 1, 1]);
  });

  it('are left alone with --no-config, the baselines with --no-baseline', async () => {
    write('repo/.leakwarden/baseline.jsonl', `{"id":"${id}"}\n`);
    write('repo/.leakwardenignore', `${id}\n`);
    expect(loadSuppressions(await load({ noConfig: true })).notices).toEqual([]);
    expect(loadSuppressions(await load({ noBaseline: true })).notices).toEqual(['1 finding is ignored by .leakwardenignore']);
  });

  it('a named baseline, whoever wrote it, needs no telling', async () => {
    write('old.json', JSON.stringify([{ RuleID: 'x', File: 'f', StartLine: 1 }]));
    const { suppressions, notices } = loadSuppressions(await load({ baseline: '../old.json' }));
    expect([suppressions.reportedSecrets.length, notices]).toEqual([1, []]);
    await expect(load({ baseline: 'none' }).then(loadSuppressions)).rejects.toThrow('none is not a baseline: there is no such file');
    write('odd', 'not json');
    await expect(load({ baseline: '../odd' }).then(loadSuppressions)).rejects.toThrow('../odd is not a baseline: it is not JSON');
  });

  it('a folder or a device is refused', async () => {
    mkdirSync(join(root, 'repo/.gitleaksignore'));
    const settings = await load();
    expect(() => loadSuppressions(settings)).toThrow('cannot read the configuration .gitleaksignore: it is a folder');
    await expect(load({ baseline: '/dev/null' }).then(loadSuppressions)).rejects.toThrow('it is not a regular file');
  });
});
