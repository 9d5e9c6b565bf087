/** What a hook is asked about: the index, a message, or the commits of a push, as git gives them to each stage (githooks(5)). */
import { text as readText } from 'node:stream/consumers';
import type { Source } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import type { Stage } from '../hooks/stages.ts';
import type { Io } from './io.ts';

export type Guarded = { readonly sources: readonly Source[]; readonly inputs: readonly string[] };

/** `words` are the hook's own arguments. Throws ToolError of kind usage. */
export async function openGuarded(stage: Stage, words: readonly string[], io: Io): Promise<Guarded> {
  const { SOURCES } = await import('../sources/index.ts');
  const request = { inputs: [], cwd: io.cwd, env: io.env, noIgnore: false, stdin: io.stdin };
  switch (stage) {
    case 'pre-commit':
      return { sources: [SOURCES.staged(request)], inputs: ['what is staged'] };
    case 'commit-msg': {
      const [file] = words;
      if (file === undefined)
        throw new ToolError('bad-option', { message: 'guard commit-msg needs the file of the message, as git gives it' });
      return { sources: [SOURCES.message({ ...request, inputs: [file] })], inputs: ['the commit message'] };
    }
    case 'pre-push':
    case 'pre-receive': {
      const input = await readText(io.stdin);
      const [remote = ''] = words;
      return { sources: [SOURCES.pushed({ ...request, pushed: { stage, input, remote } })], inputs: ['what is pushed'] };
    }
  }
}
