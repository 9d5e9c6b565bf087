/** This process as an Io: its streams, environment, clock and Ctrl-C. Called by main.ts and action-main.ts alone; everything else is given one. */
import manifest from '../../package.json' with { type: 'json' };
import { EXIT } from '../core/errors.ts';
import type { Io } from './io.ts';

export function processIo(workerFile: string | null, programFile: string | null): Io {
  // A reader that goes away (`| head`) must not end the process with a stack; writers see the failure themselves.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    env: process.env,
    cwd: process.cwd(),
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    version: manifest.version,
    workerFile,
    programFile,
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
  };
}
