/**
 * Begins a rotation from its plan, goes on with one, or takes one back: under a lock, with the log, the kept values and Ctrl-C. What is done in which order stands in
 * src/rotate/advance.ts. Called by `rotate --apply`, `rotate resume` and `rotate abort`.
 */
import { readdirSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import type { Beside } from '../issuers/issuer-kind.ts';
import { advance } from '../rotate/advance.ts';
import { refusedStart, runsOf } from '../rotate/guards.ts';
import type { Actor, Journal } from '../rotate/journal.ts';
import { storedPlaceOf, substanceFrom } from '../rotate/make-plan.ts';
import { endRun, type Outcome } from '../rotate/outcome.ts';
import { askParts, type Participants, type Parts } from '../rotate/parts.ts';
import { isPrintOf, stepsOf, substanceOf } from '../rotate/plan.ts';
import { RunProgress } from '../rotate/progress.ts';
import { RunContext } from '../rotate/run-context.ts';
import { canBeTakenBack, takeBack } from '../rotate/take-back.ts';
import { closeFinding } from './closed-file.ts';
import { findLeaked } from './find-leaked.ts';
import { type Io, note } from './io.ts';
import { readStoredAt } from './locate-stored.ts';
import { requiredApprovals } from './plan-rotation.ts';
import { packBeside, StoredEscrow, unpackBeside } from './rotation-escrow.ts';
import { type KeptPlan, keepPlan, keptPlan, lockSubject, openJournal, rotationFolder, SHORT_ID } from './rotation-folder.ts';
import { besideOf, closeParticipants, reopenParticipants } from './rotation-participants.ts';

export type RunSettings = {
  /** Where a finding is looked for that no store holds; [] is the working directory. */
  readonly inputs: readonly string[];
  readonly isQuiet: boolean;
};

const moved = (reason: string): ToolError => new ToolError('rotation-refused', { reason });

/** Throws ToolError, RotationError or StoreError before anything was done. */
export async function beginRotation(kept: KeptPlan, approvedBy: readonly string[], settings: RunSettings, io: Io): Promise<Outcome> {
  const { plan, id } = kept;
  const lock = lockSubject(plan, io.env);
  try {
    const journal = openJournal(io);
    const runs = runsOf(journal.entries());
    const known = runs.get(id);
    if (known)
      throw moved(known.isOpen ? `it was begun already: leakwarden rotate resume ${id.slice(0, SHORT_ID)}` : 'it was carried out already');
    const approvals = Math.max(plan.approvals, await requiredApprovals(plan, io));
    const refusal = refusedStart({ ...plan, approvals }, approvedBy, runs, io.now());
    if (refusal !== null) throw moved(refusal);
    const escrow = escrowOf(io);
    await sweepKept(io);
    keepPlan(plan, io.env);
    const { old, beside } = await leakedValue(kept, settings, io);
    const participants = await reopenParticipants(plan, beside, io);
    try {
      if (!isPrintOf(plan.old, old)) throw moved('the value that leaked is no longer what the plan is about: make a new one');
      const parts = await partsOf(kept, participants, old, false);
      if (substanceOf({ ...plan, ...substanceFrom(participants, plan.place, parts) }) !== substanceOf(plan))
        throw moved('what would be done now is not what the plan says: make a new one, and read it');
      await escrow.keep(id, 'old', old);
      if (beside.size > 0) await escrow.keep(id, 'beside', packBeside(beside));
      const context = contextOf(
        kept,
        { participants, parts, old, fresh: null, escrow, progress: new RunProgress(), journal },
        settings,
        io,
      );
      const { store = null, ref = null } = plan.place ?? {};
      await context.note({ event: 'begin', finding: plan.finding.id, store, ref, approvedBy: [...approvedBy] });
      for (const state of ['APPROVED', 'LOCKED'] as const) await context.note({ event: 'state', state });
      return await carryOut(kept, participants, context, io);
    } finally {
      await closeParticipants(participants);
    }
  } finally {
    lock.release();
  }
}

/** Goes on with a run that is not over. Throws as `beginRotation`. */
export async function resumeRotation(id: string, settings: RunSettings, io: Io): Promise<Outcome> {
  return await withRun(id, settings, io, async (kept, participants, context) => {
    await context.note({ event: 'resume' });
    return await carryOut(kept, participants, context, io);
  });
}

/** Takes a run back that is not over; `by`: somebody has put it right by hand, and nothing is done. */
export async function abortRotation(id: string, reason: string, by: string | undefined, settings: RunSettings, io: Io): Promise<Outcome> {
  if (by !== undefined) return await settleByHand(id, reason, by, settings, io);
  return await withRun(id, settings, io, async (_kept, _participants, context) => {
    if (!canBeTakenBack(context))
      throw moved(`not all of it can be taken back: go on with it, or put it right by hand and say so: --settled-by NAME`);
    await context.note({ event: 'resume' });
    return await takeBack(reason, context);
  });
}

async function settleByHand(id: string, reason: string, by: string, settings: RunSettings, io: Io): Promise<Outcome> {
  const kept = keptPlan(id, io.env);
  const lock = lockSubject(kept.plan, io.env);
  try {
    const journal = openJournal(io);
    const progress = openRun(id, journal);
    const nobody: Participants = { store: null, issuer: null };
    const parts: Parts = { store: null, issuer: null, actions: [] };
    const escrow = escrowOf(io);
    const old = await keptOld(id, escrow);
    const context = contextOf(kept, { participants: nobody, parts, old, fresh: null, escrow, progress, journal }, settings, io);
    return await endRun(progress.end?.end ?? 'NEEDS_HUMAN', reason, context, by);
  } finally {
    lock.release();
  }
}

async function withRun(
  id: string,
  settings: RunSettings,
  io: Io,
  doing: (kept: KeptPlan, participants: Participants, context: RunContext) => Promise<Outcome>,
): Promise<Outcome> {
  const kept = keptPlan(id, io.env);
  const lock = lockSubject(kept.plan, io.env);
  try {
    const journal = openJournal(io);
    const progress = openRun(id, journal);
    const escrow = escrowOf(io);
    const old = await keptOld(id, escrow);
    const participants = await reopenParticipants(kept.plan, unpackBeside(await escrow.read(id, 'beside')), io);
    try {
      const parts = await partsOf(kept, participants, old, true);
      const planned = (steps: readonly { id: string; by: string; reaches: string }[]): string =>
        steps.map(({ id: name, by, reaches }) => `${by} ${name} ${reaches}`).join('\n');
      if (planned(stepsOf(parts.actions)) !== planned(kept.plan.steps))
        throw moved('its steps are not those of the plan any more: a person has to look');
      const fresh = await escrow.read(id, 'new');
      return await doing(kept, participants, contextOf(kept, { participants, parts, old, fresh, escrow, progress, journal }, settings, io));
    } finally {
      await closeParticipants(participants);
    }
  } finally {
    lock.release();
  }
}

function openRun(id: string, journal: Journal): RunProgress {
  const progress = runsOf(journal.entries()).get(id);
  if (progress?.isOpen) return progress;
  throw new ToolError('rotation-unknown', { reason: `the rotation ${id.slice(0, SHORT_ID)} ${progress ? 'is over' : 'was never begun'}` });
}

async function keptOld(id: string, escrow: StoredEscrow): Promise<Secret> {
  const old = await escrow.read(id, 'old');
  if (old) return old;
  throw moved(
    `the values that were kept for the rotation ${id.slice(0, SHORT_ID)} are gone: put it right by hand and say so: --settled-by NAME`,
  );
}

type Leaked = { readonly old: Secret; readonly beside: Beside };

async function leakedValue({ plan }: KeptPlan, { inputs, isQuiet }: RunSettings, io: Io): Promise<Leaked> {
  if (plan.place !== null) return { old: await readStoredAt(plan.place, new AbortController().signal, io), beside: new Map() };
  const [finding] = await findLeaked([plan.finding.id], inputs, !isQuiet && io.stderr.isTTY === true, io);
  if (finding) return { old: finding.secret, beside: besideOf(finding) };
  throw moved('the finding is gone');
}

function partsOf({ plan }: KeptPlan, participants: Participants, old: Secret, isBegun: boolean): Promise<Parts> {
  const signal = new AbortController().signal;
  return askParts(participants, { what: plan.what, place: storedPlaceOf(plan.place), old, signal, isBegun });
}

type Held = {
  readonly participants: Participants;
  readonly parts: Parts;
  readonly old: Secret;
  readonly fresh: Secret | null;
  readonly escrow: StoredEscrow;
  readonly progress: RunProgress;
  readonly journal: Journal;
};

function contextOf({ plan, id }: KeptPlan, held: Held, { isQuiet }: RunSettings, io: Io): RunContext {
  const { participants, parts, old, fresh, escrow, progress, journal } = held;
  const actor = actorOf(io);
  let isInterrupted = false;
  let wake = (): void => undefined;
  io.onInterrupt(() => {
    isInterrupted = true;
    wake();
  });
  return new RunContext({
    plan,
    planId: id,
    actions: parts.actions,
    issuer: participants.issuer?.issuer ?? null,
    progress,
    append: (event) => journal.append(id, actor, event),
    escrow,
    old,
    fresh,
    now: io.now,
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, isInterrupted ? 0 : ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    isInterrupted: () => isInterrupted,
    say: (sentence) => {
      if (!isQuiet) note(io, sentence);
    },
  });
}

function carryOut({ plan, id }: KeptPlan, { issuer }: Participants, context: RunContext, io: Io): Promise<Outcome> {
  return advance(context, async ({ refusedAt }) => {
    await closeFinding({ plan, id, by: issuer?.issuer.id ?? 'nobody', refusedAt, asked: context.options.progress.asked }, io);
  });
}

function escrowOf(io: Io): StoredEscrow {
  return new StoredEscrow(join(rotationFolder(io.env), 'escrow'), io.now);
}

/** Forgets what a crash left of runs that are over, or were never begun; whoever holds a run's lock keeps its values. */
export async function sweepKept(io: Io): Promise<void> {
  const journal = openJournal(io);
  for (const id of keptIds(join(rotationFolder(io.env), 'escrow'))) {
    try {
      const lock = lockSubject(keptPlan(id, io.env).plan, io.env);
      try {
        if (!runsOf(journal.entries()).get(id)?.isOpen) await escrowOf(io).destroy(id);
      } finally {
        lock.release();
      }
    } catch (error) {
      // Another process is about to begin it, or its plan cannot be read: left for the next time.
      if (!(error instanceof ToolError)) throw error;
    }
  }
}

function keptIds(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    // No run has kept anything yet.
    return [];
  }
}

/** Who runs it, for the log: names that anybody can claim, like all in it; the keyed chain says only that nobody changed them since. */
function actorOf({ env }: Io): Actor {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, CI_JOB_URL: job } = env;
  const ci = server && repository && run ? `${server}/${repository}/actions/runs/${run}` : job;
  return { user: userName(), host: hostname(), ...(ci ? { ci } : {}) };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user that is in no list of users.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
