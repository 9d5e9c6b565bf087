/** The Action's process: the runner's variables in, an exit code out. Called by bin/action.cjs through the bundle, which is also its own worker. */
import manifest from '../../package.json' with { type: 'json' };
import { EXIT } from '../core/errors.ts';
import { runAction } from './run-action.ts';

/** `workerFile`: the bundle. */
export async function main(workerFile: string): Promise<void> {
  const code = await runAction({
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version: manifest.version,
    workerFile,
    programFile: null,
    now: () => new Date(),
    clockMs: () => performance.now(),
    onInterrupt(listener) {
      const first = (): void => {
        process.once('SIGINT', () => process.exit(EXIT.interrupted));
        listener();
      };
      process.once('SIGINT', first);
      return () => process.removeListener('SIGINT', first);
    },
  });
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(code);
}
