/**
 * One at a time: a lock file that holds its owner's process and machine. A lock whose process is gone is taken over, and only by whoever holds the second lock, so
 * that two who see a dead lock cannot remove each other's. Held for some milliseconds by writers of the local store and of the log of rotations (`withLock`), for as
 * long as it lasts by a rotation (`takeLock`). Readers take none: files are replaced whole.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreError } from '../core/stores.ts';
import { codeOf, createWhole, readWhole } from './durable-files.ts';

const POLL_MS = 40;
/** Ten seconds; a writer holds the lock for some milliseconds. */
const LOCK_POLLS = 250;
const MAX_LOCK_BYTES = 1024;

/** Runs `doing` as the only writer of the folder. Throws StoreError timed-out when another one does not let go. */
export async function withLock<T>(folder: string, doing: () => T, polls = LOCK_POLLS): Promise<T> {
  const path = join(folder, 'lock');
  for (let poll = 0; ; poll += 1) {
    const lock = takeLock(path);
    if (lock !== null) {
      try {
        return doing();
      } finally {
        lock.release();
      }
    }
    if (poll >= polls) throw inUse(path);
    await pause(POLL_MS);
  }
}

export type HeldLock = { readonly release: () => void };

/** Takes the lock, or returns null where somebody who lives holds it. */
export function takeLock(path: string): HeldLock | null {
  const mine = `${process.pid} ${hostname()} ${randomBytes(8).toString('hex')}\n`;
  while (!createWhole(path, mine)) if (!removeDeadLock(path, mine)) return null;
  // Left by one who was killed at the wrong moment; nobody takes over the lock that is ours now.
  if (isDead(secondOf(path))) rmSync(secondOf(path), { force: true });
  return {
    release: () => {
      if (textOf(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Returns the process that holds a lock, as its file says. */
export function holderOf(path: string): string {
  return /^\d{1,10}/.exec(textOf(path))?.[0] ?? 'unknown';
}

/** Returns whether a lock was there whose process is gone, and is removed now. */
function removeDeadLock(path: string, mine: string): boolean {
  if (!isDead(path)) return false;
  const second = secondOf(path);
  if (!createWhole(second, mine)) return false;
  try {
    // Between the first look and now somebody else may have taken it over.
    if (!isDead(path)) return false;
    rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(second, { force: true });
  }
}

function secondOf(path: string): string {
  return `${path}-takeover`;
}

function isDead(path: string): boolean {
  const [, pid, machine] = /^(\d{1,10}) (\S+) [0-9a-f]+\n$/.exec(textOf(path)) ?? [];
  if (pid === undefined || machine !== hostname()) return false;
  try {
    // Signal 0 ends nobody: it asks whether there is such a process.
    kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function textOf(path: string): string {
  return readWhole(path, MAX_LOCK_BYTES)?.toString() ?? '';
}

function inUse(path: string): StoreError {
  return new StoreError('timed-out', `another leakwarden (process ${holderOf(path)}) writes to the store; its lock is ${path}`);
}
