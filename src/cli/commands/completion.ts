/** `leakwarden completion SHELL`: the completion script, made from the command tree. */
import { ToolError } from '../../core/errors.ts';
import { SHELLS } from '../command-tree.ts';
import { completionScript } from '../completion-scripts.ts';
import type { Given } from '../given.ts';
import type { Io } from '../io.ts';
import { didYouMean } from '../nearest-word.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const name = given.operands[0] ?? '';
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    throw new ToolError('bad-option', {
      message: `there is no completion for ${name}${didYouMean(name, SHELLS)}; shells: ${SHELLS.join(', ')}`,
    });
  }
  await writeToStream(io.stdout, [completionScript(shell)]);
  return 0;
}
