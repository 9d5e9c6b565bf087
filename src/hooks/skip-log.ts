/**
 * The local record of checks that were skipped by LEAKWARDEN_SKIP: one JSON object a line, in the repository's git folder, for whoever asks later why a
 * secret went through. Holds the reason that the user gave, nothing of what was to be checked.
 */
import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stages.ts';

export type Skip = { readonly at: string; readonly stage: Stage; readonly reason: string };

/** What is read of a log that grew for years. */
const MAX_LOG_BYTES = 1 << 20;
const MAX_REASON_CHARACTERS = 500;

function logFile(commonDir: string): string {
  return join(commonDir, 'leakwarden', 'skips.jsonl');
}

/** Adds a line. Throws what writing throws: a skip that cannot be recorded is none. */
export function recordSkip(commonDir: string, skip: Skip): void {
  mkdirSync(join(commonDir, 'leakwarden'), { recursive: true, mode: 0o700 });
  const line = JSON.stringify({ ...skip, reason: skip.reason.slice(0, MAX_REASON_CHARACTERS) });
  appendFileSync(logFile(commonDir), `${line}\n`, { mode: 0o600 });
}

/** Returns the recorded skips, oldest first; of a very long log the last ones. Lines that are none are passed over. */
export function readSkips(commonDir: string): readonly Skip[] {
  if (!existsSync(logFile(commonDir))) return [];
  return readEnd(logFile(commonDir))
    .split('\n')
    .flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return isSkip(value) ? [value] : [];
      } catch {
        // An empty line, or one that was cut where reading began.
        return [];
      }
    });
}

function readEnd(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

function isSkip(value: unknown): value is Skip {
  return (
    typeof value === 'object' &&
    value !== null &&
    'at' in value &&
    'reason' in value &&
    typeof value.at === 'string' &&
    typeof value.reason === 'string'
  );
}
