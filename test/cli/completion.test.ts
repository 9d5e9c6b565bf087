import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMANDS, optionsOf, SHELLS } from '../../src/cli/command-tree.ts';
import { completionScript } from '../../src/cli/completion-scripts.ts';

describe('completion scripts', () => {
  it.each(SHELLS)('%s: every command and option is there', (shell) => {
    const script = completionScript(shell);
    for (const command of COMMANDS) {
      for (const word of command.path) expect(script).toContain(word);
      for (const { name } of optionsOf(command)) expect(script).toContain(shell === 'fish' ? `-l ${name}` : `--${name}`);
    }
  });

  const bash = spawnSync('bash', ['--version']).status === 0;

  it.runIf(bash)('bash: completes commands, options, values', () => {
    const complete = (...words: readonly string[]): string[] => {
      const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _leakwarden; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, status, stderr } = spawnSync('bash', ['-c', `${completionScript('bash')}\n${ask}`], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      return stdout.split('\n').filter((word) => word !== '');
    };
    expect(complete('leakwarden', 'sc')).toEqual(['scan']);
    expect(complete('leakwarden', 'rules', 'l')).toEqual(['list', 'lint']);
    expect(complete('leakwarden', 'scan', '--fail')).toEqual(['--fail-on']);
    expect(complete('leakwarden', 'scan', '--fail-on', '')).toEqual(['any', 'live', 'never']);
    expect(complete('leakwarden', 'scan', '-f', 's')).toEqual(['sarif']);
    expect(complete('leakwarden', 'completion', 'z')).toEqual(['zsh']);
    expect(complete('leakwarden', 'rotate', 'res')).toEqual(['resume']);
    expect(complete('leakwarden', 'rotate', '--app')).toEqual(['--apply', '--approve']);
    expect(complete('leakwarden', 'rotate', 'abc123', '--rev')).toEqual(['--revoke']);
    expect(complete('leakwarden', 'rotate', 'abort', '--set')).toEqual(['--settled-by']);
  });
});
