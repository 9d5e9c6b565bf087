/**
 * Runs a program of the owner's own: no shell, no arguments from anybody else, the environment that is given and nothing more, a text on standard input, an answer on
 * file descriptor 3. What it prints is thrown away: it may hold a secret. In: a program and its input. Out: how it ended. Called by the `command` issuer.
 *
 * It runs in a session of its own, so that Ctrl-C ends leakwarden between two steps and not the program in the middle of one.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { reasonOf } from '../core/errors.ts';

export type ProgramRun = {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type ProgramEnd =
  | { readonly how: 'exited'; readonly code: number; readonly answer: string }
  /** It never ran. */
  | { readonly how: 'not-started'; readonly reason: string }
  | { readonly how: 'timed-out' | 'killed' | 'interrupted' | 'too-much' };

/** Bytes on file descriptor 3; an answer has a secret and some words. */
const MAX_ANSWER_BYTES = 1 << 20;

/** Never throws. */
export function runProgram({ program, args, cwd, env, input, timeoutMs, signal }: ProgramRun): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ how: 'not-started', reason: 'it was interrupted' });
    const child = spawn(program, [...args], { cwd, env, stdio: ['pipe', 'ignore', 'ignore', 'pipe'], detached: true, windowsHide: true });
    const answers = child.stdio[3] as Readable | null;
    const chunks: Buffer[] = [];
    let size = 0;
    let isOver = false;
    const end = (how: ProgramEnd): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      // A grandchild may hold the pipe open.
      answers?.destroy();
      resolve(how);
    };
    const stop = (how: 'timed-out' | 'interrupted' | 'too-much'): void => {
      child.kill('SIGKILL');
      end({ how });
    };
    const interrupt = (): void => stop('interrupted');
    const timer = setTimeout(() => stop('timed-out'), timeoutMs);
    signal.addEventListener('abort', interrupt, { once: true });
    child.on('error', (error) => end(child.pid === undefined ? { how: 'not-started', reason: reasonOf(error) } : { how: 'killed' }));
    answers?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_ANSWER_BYTES) stop('too-much');
    });
    // A program that reads nothing closes the pipe; its exit code says what that means.
    child.stdin?.on('error', () => undefined);
    answers?.on('error', () => undefined);
    child.on('close', (code) =>
      end(code === null ? { how: 'killed' } : { how: 'exited', code, answer: Buffer.concat(chunks).toString('utf8') }),
    );
    child.stdin?.end(input);
  });
}
