/** leakwarden in other tools' configurations: what was there stays as it was, byte for byte in YAML; and both directions undo each other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRepository, GIT_TEST_ENV } from '../../fixtures/git-repository.ts';
import { installAssistant, uninstallAssistant } from '../../src/hooks/assistants.ts';
import { applyChanges } from '../../src/hooks/changes.ts';
import { ASSISTANTS } from '../../src/hooks/known-managers.ts';
import { addLefthook, removeLefthook } from '../../src/hooks/lefthook.ts';
import { addPreCommit, removePreCommit } from '../../src/hooks/pre-commit-framework.ts';
import { findHookRepository } from '../../src/hooks/repository.ts';

const CONFIGS = [
  'repos:\n  - repo: https://example.org/hooks\n    rev: v1\n    hooks:\n      - id: fmt\n',
  '# ours\nrepos:   # a list\n- repo: local\n  hooks: []\nci:\n  skip: [x]\n',
  'default_stages: [pre-commit]\nrepos:\n    - repo: meta\n      hooks: [{id: identity}]',
];

describe('.pre-commit-config.yaml', () => {
  it.each(CONFIGS)('keeps what is there: %#', (text) => {
    const added = addPreCommit(text, ['pre-commit', 'pre-push']);
    const before = parse(text).repos;
    expect(parse(added).repos.slice(1)).toEqual(before);
    expect(parse(added).repos[0].hooks.map(({ entry }: { entry: string }) => entry)).toEqual([
      'leakwarden guard pre-commit',
      'leakwarden guard pre-push',
    ]);
    expect(addPreCommit(added, ['pre-commit', 'pre-push'])).toBe(added);
    expect(removePreCommit(added)).toBe(text);
  });

  it('is made and taken away again', () => {
    const made = addPreCommit(null, ['commit-msg']);
    expect(parse(made).repos[0].hooks[0]).toMatchObject({ id: 'leakwarden-commit-msg', stages: ['commit-msg'] });
    expect(removePreCommit(made)).toBeNull();
    expect(removePreCommit('repos: []\n')).toBe('repos: []\n');
  });

  it('is not touched in flow style', () => {
    expect(() => addPreCommit('repos: [{repo: meta}]\n', ['pre-commit'])).toThrow('written in one line');
  });
});

describe('lefthook.yml', () => {
  it.each(['pre-commit:\n  commands:\n    lint:\n      run: eslint\n', 'extends:\n  - other.yml\npre-push:\n  jobs: []\n', ''])(
    'is extended and restored: %#',
    (text) => {
      const { config, own } = addLefthook(text === '' ? null : text, ['pre-commit', 'pre-push']);
      expect(parse(config).extends).toContain(own.path);
      expect(parse(own.text)['pre-push'].commands.leakwarden).toEqual({ run: 'leakwarden guard pre-push {0}', use_stdin: true });
      expect(addLefthook(config, ['pre-commit', 'pre-push']).config).toBe(config);
      expect(removeLefthook(config).config ?? '').toBe(text);
    },
  );
});

describe.each(ASSISTANTS)('settings of %s', (id) => {
  const foreign = {
    theme: 'dark',
    hooks: { Stop: [{ hooks: [{ type: 'command', command: 'beep' }] }], PreToolUse: [{ matcher: 'Bash', hooks: [] }] },
  };
  const FILES = {
    claude: '.claude/settings.json',
    codex: '.codex/hooks.json',
    cursor: '.cursor/hooks.json',
    copilot: '.github/hooks/leakwarden.json',
  };

  it('are made, found again and taken away', async () => {
    const repository = createRepository();
    const found = await findHookRepository(repository.folder, GIT_TEST_ENV);
    applyChanges(installAssistant(found, id));
    expect(JSON.parse(readFileSync(join(found.root, FILES[id]), 'utf8')).hooks).not.toEqual({});
    expect(installAssistant(found, id)).toEqual([]);
    expect(uninstallAssistant(found, id)).toMatchObject([{ after: null }]);
  });

  it('keep the entries of others', async () => {
    const repository = createRepository();
    repository.write(FILES[id], JSON.stringify(foreign));
    const found = await findHookRepository(repository.folder, GIT_TEST_ENV);
    applyChanges(installAssistant(found, id));
    expect(JSON.parse(readFileSync(join(found.root, FILES[id]), 'utf8'))).toMatchObject({
      theme: 'dark',
      hooks: { Stop: foreign.hooks.Stop },
    });
    applyChanges(uninstallAssistant(found, id));
    expect(JSON.parse(readFileSync(join(found.root, FILES[id]), 'utf8'))).toEqual(foreign);
  });

  it('are not touched when they are no JSON', async () => {
    const repository = createRepository();
    repository.write(FILES[id], '{ // comment\n}');
    const found = await findHookRepository(repository.folder, GIT_TEST_ENV);
    expect(() => installAssistant(found, id)).toThrow('not a JSON object');
  });
});
