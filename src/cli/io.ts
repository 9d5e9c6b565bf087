/** The outside world as a command sees it, passed in by main.ts so that nothing below reads the process by itself. And how people are spoken to. */
import type { Readable } from 'node:stream';
import { hintOf, printable, type ToolError } from '../core/errors.ts';

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: Readable;
  /** The report, and nothing else. */
  readonly stdout: Output;
  readonly stderr: Output;
  readonly version: string;
  /** The bundled entry of a scanning thread, or null when running from sources. */
  readonly workerFile: string | null;
  /** bin/leakwarden.cjs, for hooks to call, or null when running from sources. */
  readonly programFile: string | null;
  readonly now: () => Date;
  /** Milliseconds that only rise. */
  readonly clockMs: () => number;
  /** Calls back at the first Ctrl-C; a second one ends the process. Returns how to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Files that are in memory only, by name: tokens that a connector reads from a file, and that need not lie on a disk. */
  readonly held?: ReadonlyMap<string, () => Promise<string>>;
};

/** `leakwarden: note: …` on stderr. */
export function note(io: Io, sentence: string): void {
  io.stderr.write(`leakwarden: note: ${printable(sentence)}\n`);
}

/** `leakwarden: error: …` and the hint below. */
export function sayError(io: Io, error: ToolError): void {
  io.stderr.write(`leakwarden: error: ${error.message}\nleakwarden: hint: ${hintOf(error.code, error.data)}\n`);
}
