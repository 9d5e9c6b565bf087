/**
 * leakwarden in a `.pre-commit-config.yaml` (pre-commit.com): a local hook that runs the leakwarden on PATH, for those who have it installed already.
 * A project can name leakwarden's repository instead (`.pre-commit-hooks.yaml`, docs/guard.md); then pre-commit installs it by itself.
 */
import { ToolError } from '../core/errors.ts';
import { insertBelow, marked, unmarked } from './marked-lines.ts';
import type { Stage } from './stages.ts';

/** Returns the configuration with our hook for these stages. Throws ToolError output-failed for one in flow style, which lines cannot be put into. */
export function addPreCommit(text: string | null, stages: readonly Stage[]): string {
  const rest = unmarked(text ?? '');
  if (/^repos:\s*[[{]/m.test(rest))
    throw new ToolError('output-failed', {
      path: '.pre-commit-config.yaml',
      reason: '`repos` is written in one line; put each on lines of its own',
    });
  return insertBelow(rest, 'repos', (indent) => marked(linesFor(stages), indent));
}

/** Returns the configuration without our hook, or null where nothing else was in it. */
export function removePreCommit(text: string): string | null {
  const rest = unmarked(text);
  return rest !== text && rest.trim() === 'repos:' ? null : rest;
}

function linesFor(stages: readonly Stage[]): string[] {
  const hooks = stages.flatMap((stage) => [
    `    - id: leakwarden-${stage}`,
    `      name: leakwarden ${stage}`,
    `      entry: leakwarden guard ${stage}`,
    '      language: system',
    `      stages: [${stage}]`,
    // commit-msg gets the message's file as its argument; the other stages look for themselves what there is.
    ...(stage === 'commit-msg' ? [] : ['      pass_filenames: false', '      always_run: true']),
    '      require_serial: true',
  ]);
  return ['- repo: local', '  hooks:', ...hooks];
}
