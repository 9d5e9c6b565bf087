/** A whole command line inside of this process: what a user would see on both streams, and the exit code. */
import { PassThrough, Readable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `change`: what the outside world is like; without it nothing is on stdin and the clock stands still. */
export async function runInProcess(argv: readonly string[], change: Pick<Io, 'cwd'> & Partial<Io>): Promise<Ran> {
  // Late: a test may have added a kind of store, which the commands' options are made of.
  const { runCommandLine } = await import('../../src/cli/main.ts');
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const told = { stdout: '', stderr: '' };
  stdout.on('data', (chunk) => {
    told.stdout += chunk;
  });
  stderr.on('data', (chunk) => {
    told.stderr += chunk;
  });
  const io: Io = {
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    version: '1.2.3',
    workerFile: null,
    programFile: null,
    now: () => new Date(0),
    clockMs: () => 0,
    onInterrupt: () => () => undefined,
    ...change,
  };
  const code = await runCommandLine(argv, io);
  // What was written last is still on its way.
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...told };
}
