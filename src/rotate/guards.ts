/**
 * What keeps a rotation small: how many in a run and in a day, what is never touched, when what was planned no longer counts. In: plans and what the log tells. Out:
 * a sentence for what is refused, or null. Numbers from facts/stores.md 6.2.
 */
import type { JournalEntry } from './journal.ts';
import { MAX_PLAN_MINUTES, type RotationPlan } from './plan.ts';
import { RunProgress } from './progress.ts';

/** Rotations that one command begins, by hand and in CI. */
export const MOST_BY_HAND = 1;
export const MOST_IN_CI = 5;
/** Rotations of one store in a day. */
export const MOST_A_DAY = 10;
const DAY_MS = 86_400_000;
/** A plan may come from a machine whose clock is ahead. */
const CLOCK_SKEW_MS = 60_000;

/** A part of a path that says: for emergencies, or the root of everything. */
const NEVER = /(?:^|[/:._-])(?:root|break-?glass|unseal|recovery-?keys?)(?:$|[/:._-])/i;

export function refusedCount(count: number, isCi: boolean): string | null {
  const most = isCi ? MOST_IN_CI : MOST_BY_HAND;
  if (count <= most) return null;
  return isCi ? `a CI run rotates ${most} secrets at most` : 'one secret is rotated at a time: name one finding';
}

/** Returns why no rotation of this secret is made, ever. */
export function refusedPlace(ref: string, field: string): string | null {
  return NEVER.test(ref) || NEVER.test(field)
    ? `${ref} is by its name a root or an emergency credential: those are rotated by hand, with care`
    : null;
}

/** Returns why a plan cannot be begun at this time. */
export function refusedStart(
  plan: RotationPlan,
  approvedBy: readonly string[],
  runs: ReadonlyMap<string, RunProgress>,
  now: Date,
): string | null {
  const madeAt = Date.parse(plan.madeAt);
  if (Math.min(Date.parse(plan.expiresAt), madeAt + 60_000 * MAX_PLAN_MINUTES) <= now.getTime() || madeAt > now.getTime() + CLOCK_SKEW_MS)
    return `the plan of ${plan.madeAt} has expired: make a new one`;
  const names = new Set(approvedBy.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
  if (names.size < plan.approvals)
    return plan.approvals > 1
      ? `it needs ${plan.approvals} people who approve it: --approve NAME --approve NAME`
      : 'it needs somebody who approves it: --approve NAME';
  const { place } = plan;
  const store = place?.store ?? null;
  const open = [...runs].find(
    ([, run]) => run.isOpen && run.store === store && run.ref === (place?.ref ?? null) && run.finding === plan.finding.id,
  );
  if (open) return `a rotation of it is not over yet: leakwarden rotate resume ${open[0].slice(0, 12)}`;
  const since = new Date(now.getTime() - DAY_MS).toISOString();
  const today = [...runs.values()].filter((run) => run.store === store && (run.begunAt ?? '') > since).length;
  return today < MOST_A_DAY ? null : `${MOST_A_DAY} secrets of ${store ?? 'no store'} were rotated within a day: no more until tomorrow`;
}

/** Returns all runs of the log, by plan id, oldest first. */
export function runsOf(entries: readonly JournalEntry[]): Map<string, RunProgress> {
  const runs = new Map<string, RunProgress>();
  for (const { plan, event, at } of entries) {
    const run = runs.get(plan) ?? new RunProgress();
    run.note(event, at);
    runs.set(plan, run);
  }
  return runs;
}
