/** The Action's process: the runner's variables in, an exit code out. Called by bin/action.cjs through the bundle, which is also its own worker. */
import { processIo } from './process-io.ts';
import { runAction } from './run-action.ts';

/** `workerFile`: the bundle. */
export async function main(workerFile: string): Promise<void> {
  const code = await runAction(processIo(workerFile, null));
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(code);
}
