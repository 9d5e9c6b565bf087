/**
 * Asks for a passphrase or a secret on the terminal, without echo: on standard input where that is the terminal, else on /dev/tty, so that it also works when
 * a value comes through a pipe. Called by the commands of the local store.
 */
import { openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { printable, ToolError } from '../core/errors.ts';
import type { Io } from './io.ts';

export type Terminal = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

const MAX_ANSWER_CHARS = 1 << 16;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ERASERS = ['\b', '\u007f'];

/** Returns what was typed, or null where there is no terminal. Throws ToolError unanswered for Ctrl-C. */
export async function askHidden(io: Io, question: string): Promise<string | null> {
  if (io.stderr.isTTY !== true) return null;
  const stdin: Terminal = io.stdin;
  if (stdin.isTTY === true) return ask(io, stdin, question);
  const terminal = openTerminal();
  if (terminal === null) return null;
  try {
    return await ask(io, terminal, question);
  } finally {
    terminal.destroy();
  }
}

async function ask(io: Io, terminal: Terminal, question: string): Promise<string> {
  io.stderr.write(printable(question));
  terminal.setRawMode?.(true);
  try {
    return await readAnswer(terminal);
  } finally {
    terminal.setRawMode?.(false);
    terminal.pause();
    io.stderr.write('\n');
  }
}

function readAnswer(terminal: Terminal): Promise<string> {
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve, reject) => {
    let answer: string[] = [];
    const settle = (end: () => void): void => {
      terminal.off('data', onData).off('end', onEnd).off('error', onError);
      end();
    };
    const onEnd = (): void => settle(() => resolve(answer.join('')));
    const onError = (error: Error): void => settle(() => reject(error));
    const onData = (chunk: Buffer): void => {
      for (const character of decoder.write(chunk)) {
        if (character === '\r' || character === '\n' || character === CTRL_D) {
          onEnd();
          return;
        }
        if (character === CTRL_C) {
          settle(() => reject(new ToolError('unanswered')));
          return;
        }
        if (character === CTRL_U) answer = [];
        else if (ERASERS.includes(character)) answer.pop();
        else if (answer.length < MAX_ANSWER_CHARS) answer.push(character);
      }
    };
    terminal.on('data', onData).on('end', onEnd).on('error', onError);
    terminal.resume();
  });
}

/** Returns null where there is no controlling terminal: a service, a container, a CI job. */
function openTerminal(): ReadStream | null {
  if (process.platform === 'win32') return null;
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    return null;
  }
}
