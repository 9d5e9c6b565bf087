/** leakwarden in lefthook: a file of its own, which `lefthook.yml` extends, so that the jobs that are there stay as they are (lefthook.dev, `extends`). */
import { ToolError } from '../core/errors.ts';
import { insertBelow, marked, unmarked } from './marked-lines.ts';
import { readsStdin, type Stage } from './stages.ts';

const OWN_PATH = '.lefthook/leakwarden.yml';

/** Returns the main configuration that extends our file, and our file. Throws ToolError output-failed for a list in flow style. */
export function addLefthook(
  text: string | null,
  stages: readonly Stage[],
): { readonly config: string; readonly own: { readonly path: string; readonly text: string } } {
  const rest = unmarked(text ?? '');
  if (/^extends:\s*[[{]/m.test(rest))
    throw new ToolError('output-failed', {
      path: 'lefthook.yml',
      reason: '`extends` is written in one line; put each file on a line of its own',
    });
  return {
    config: insertBelow(rest, 'extends', (indent) => marked([`- ${OWN_PATH}`], indent)),
    own: { path: OWN_PATH, text: `# made by leakwarden hooks install\n${stages.map(jobOf).join('')}` },
  };
}

/** Returns the main configuration without us, or null where nothing else was in it. */
export function removeLefthook(text: string): { readonly config: string | null; readonly ownPath: string } {
  const rest = unmarked(text);
  if (rest === text) return { config: text, ownPath: OWN_PATH };
  // The key goes with its only entry.
  const without = rest.replace(/^extends:\n(?![ \t]*-)/m, '');
  return { config: without.trim() === '' ? null : without, ownPath: OWN_PATH };
}

/** lefthook gives the hook's own arguments as `{0}`, and standard input to those who ask. */
function jobOf(stage: Stage): string {
  const stdin = readsStdin(stage) ? '      use_stdin: true\n' : '';
  const words = stage === 'pre-commit' ? '' : ' {0}';
  return `${stage}:\n  commands:\n    leakwarden:\n      run: leakwarden guard ${stage}${words}\n${stdin}`;
}
