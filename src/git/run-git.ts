/**
 * Runs git: arguments in, bytes out, collected or streamed. Everything in leakwarden that asks git goes through here.
 *
 * No shell; back-pressure by the pipe; a git that was killed or that exits with another code than expected is an error even if it wrote
 * plausible output and nothing on stderr (a wrapper that resolves then would pass a secret; facts/ecosystem.md 6.1).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { reasonOf, ToolError } from '../core/errors.ts';
import { type Environment, gitEnvironment, HARDENED_SETTINGS, type RepositoryChoice } from './environment.ts';

export type GitOptions = {
  /** Folder that git runs in. */
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** `inherited` when left out. */
  readonly repository?: RepositoryChoice;
  /** Folder from which relative paths in `env` are meant, if it is not `cwd`. */
  readonly startedIn?: string;
  readonly stdin?: string | Uint8Array;
  /** No limit when left out: a stream's reader may be slow. */
  readonly timeoutMs?: number;
  /** More output than this is an error. No limit when left out. */
  readonly maxBytes?: number;
  /** Exit codes that are no failure; [0] when left out. */
  readonly accept?: readonly number[];
};

/** What every question to one repository has in common (repository.ts). */
export type GitScope = Pick<GitOptions, 'cwd' | 'env' | 'signal'>;

/** How git ended, when it ended as expected. `stderr` is its last 8 KiB. */
export type GitEnd = { readonly exitCode: number; readonly stderr: string };
export type GitResult = GitEnd & { readonly stdout: Buffer };

/** Enough for the last lines of any message, and for some hundred warnings. */
const STDERR_TAIL_BYTES = 8192;

/**
 * Runs git and returns its whole output. Throws ToolError: git-missing, git-failed (exit code, signal, time-out, too much output),
 * interrupted.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const chunks: Buffer[] = [];
  const stream = streamGit(args, options);
  for (;;) {
    const step = await stream.next();
    if (step.done) return { ...step.value, stdout: Buffer.concat(chunks) };
    chunks.push(step.value);
  }
}

/**
 * Runs git and yields its output as it comes. Errors as `runGit`, thrown at the latest after the last chunk: do not trust what was read
 * before the end is reached. Leaving the loop early ends the process.
 */
export async function* streamGit(args: readonly string[], options: GitOptions): AsyncGenerator<Buffer, GitEnd> {
  const running = startGit(args, options);
  let bytes = 0;
  try {
    for await (const chunk of running.output) {
      bytes += chunk.length;
      if (options.maxBytes !== undefined && bytes > options.maxBytes) {
        running.stop(failure(args, `it wrote more than ${options.maxBytes} bytes`));
        break;
      }
      yield chunk;
    }
    return await running.ended;
  } finally {
    running.stop(new ToolError('interrupted'));
  }
}

type RunningGit = {
  readonly output: AsyncIterable<Buffer>;
  readonly ended: Promise<GitEnd>;
  /** Kills git, if it still runs; `ended` rejects with `because`. */
  stop(because: ToolError): void;
};

function startGit(args: readonly string[], options: GitOptions): RunningGit {
  if (options.signal.aborted) throw new ToolError('interrupted');
  const { cwd } = options;
  const child = spawn('git', [...HARDENED_SETTINGS, ...args], {
    cwd,
    env: gitEnvironment(options.env, options.repository ?? 'inherited', options.startedIn ?? cwd),
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let stopped: ToolError | null = null;
  const stop = (because: ToolError): void => {
    if (child.exitCode !== null || child.signalCode !== null || stopped) return;
    stopped = because;
    child.kill('SIGKILL');
    child.stdout?.destroy();
  };
  child.stdin?.on('error', () => {
    // git may end before it has read everything; its exit code then says why.
  });
  child.stdin?.end(options.stdin);
  const ended = watchEnd(child, args, options, stop, () => stopped);
  ended.catch(() => {
    // Who leaves the stream early never awaits it.
  });
  return { output: readOutput(child), ended, stop };
}

async function* readOutput(child: ChildProcess): AsyncGenerator<Buffer> {
  if (!child.stdout) return;
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
  } catch (error) {
    // `stop` destroys the pipe under the reader; `ended` then holds the reason.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function watchEnd(
  child: ChildProcess,
  args: readonly string[],
  options: GitOptions,
  stop: (because: ToolError) => void,
  stopped: () => ToolError | null,
): Promise<GitEnd> {
  const { signal, timeoutMs, accept = [0] } = options;
  return new Promise((resolve, reject) => {
    let stderr = Buffer.alloc(0);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL_BYTES);
    });
    const onAbort = (): void => stop(new ToolError('interrupted'));
    signal.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => stop(failure(args, `it took longer than ${timeoutMs} ms`)), timeoutMs);
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    };
    child.on('error', (error) => {
      settle();
      reject(startFailure(args, options.cwd, error));
    });
    child.on('close', (exitCode, killedBy) => {
      settle();
      const text = stderr.toString();
      const because = stopped();
      if (because) reject(because);
      else if (killedBy) reject(failure(args, `it was ended by ${killedBy}`));
      else if (exitCode === null || !accept.includes(exitCode)) reject(failure(args, lastLine(text) ?? `exit code ${exitCode}`));
      else resolve({ exitCode, stderr: text });
    });
  });
}

/** A folder that is gone gives the same ENOENT as a git that is not installed. */
function startFailure(args: readonly string[], cwd: string, error: Error): ToolError {
  if (!existsSync(cwd))
    return new ToolError('git-failed', { command: args[0] ?? '', reason: `there is no folder ${cwd}` }, { cause: error });
  return new ToolError('git-missing', { reason: reasonOf(error) }, { cause: error });
}

function failure(args: readonly string[], reason: string): ToolError {
  return new ToolError('git-failed', { command: args[0] ?? '', reason });
}

/** Returns the last `fatal:` or `error:` line, else the last line, without passwords that stand in URLs; null if there is none. */
function lastLine(stderr: string): string | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.filter((text) => text.startsWith('fatal: ') || text.startsWith('error: ')).at(-1) ?? lines.at(-1);
  return line?.slice(0, 500).replace(/:\/\/[^@/\s]*@/g, '://…@') ?? null;
}
