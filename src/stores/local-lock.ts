/**
 * One writer at a time: a lock file that holds the writer's process and machine. A lock whose process is gone is taken over, and only by whoever holds the
 * second lock, so that two who see a dead lock cannot remove each other's. Readers take none: files are replaced whole.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreError } from '../core/stores.ts';
import { codeOf, createWhole, readWhole } from './local-files.ts';

const POLL_MS = 40;
/** Ten seconds; a writer holds the lock for some milliseconds. */
const LOCK_POLLS = 250;
const MAX_LOCK_BYTES = 1024;

/** Runs `doing` as the only writer of the folder. Throws StoreError timed-out when another one does not let go. */
export async function withLock<T>(folder: string, doing: () => T, polls = LOCK_POLLS): Promise<T> {
  const path = join(folder, 'lock');
  const mine = `${process.pid} ${hostname()} ${randomBytes(8).toString('hex')}\n`;
  for (let poll = 0; !createWhole(path, mine); poll += 1) {
    if (removeDeadLock(folder, path, mine)) continue;
    if (poll >= polls) throw inUse(path);
    await pause(POLL_MS);
  }
  try {
    // Left by one who was killed at the wrong moment; nobody takes over the lock that is ours now.
    if (isDead(secondOf(folder))) rmSync(secondOf(folder), { force: true });
    return doing();
  } finally {
    if (readWhole(path, MAX_LOCK_BYTES)?.toString() === mine) rmSync(path, { force: true });
  }
}

/** Returns whether a lock was there whose process is gone, and is removed now. */
function removeDeadLock(folder: string, path: string, mine: string): boolean {
  if (!isDead(path)) return false;
  const second = secondOf(folder);
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

function secondOf(folder: string): string {
  return join(folder, 'lock-takeover');
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
  const pid = /^\d{1,10}/.exec(textOf(path))?.[0] ?? 'unknown';
  return new StoreError('timed-out', `another leakwarden (process ${pid}) writes to the store; its lock is ${path}`);
}
