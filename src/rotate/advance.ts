/**
 * Carries out a plan: from state to state, each action asked for, logged, done and logged (perform.ts), until the old value is proven dead. The same code begins a run
 * and goes on with one that was killed: what was done is known from the log, and what may have been done from the far side.
 *
 * What goes wrong before the new value is in force is thrown away. After it, an outage stops the run where it is, since both values work then and taking back would
 * need the same far side; a clear no is taken back. docs/decisions/0014-rotation.md
 */
import { ROTATION_STATES, type RotationState } from '../core/rotation.ts';
import { endRun, type Outcome } from './outcome.ts';
import { type Performed, perform } from './perform.ts';
import { askWhether, type Death, proveDeath } from './prove.ts';
import type { RunContext } from './run-context.ts';
import { canBeTakenBack, isInForce, isPassing, takeBack } from './take-back.ts';

/** `close`: keeps the evidence, before the run ends. */
export async function advance(context: RunContext, close: (death: Death & { isDead: true }) => Promise<void>): Promise<Outcome> {
  const { progress } = context.options;
  if (progress.backBecause !== null) return await takeBack(progress.backBecause, context);
  for (const state of ['CREATED', 'APPLIED', 'TESTED', 'PROMOTED', 'SETTLING', 'OLD_DISABLED'] as const) {
    const halt = (await doActions(state, context)) ?? (await leave(state, context));
    if (halt !== null) return halt;
    if (!hasReached(state, context)) await context.note({ event: 'state', state });
  }
  return await finish(context, close);
}

function hasReached(state: RotationState, { options: { progress } }: RunContext): boolean {
  return ROTATION_STATES.indexOf(progress.state) >= ROTATION_STATES.indexOf(state);
}

async function doActions(state: RotationState, context: RunContext): Promise<Outcome | null> {
  const { actions, isInterrupted } = context.options;
  for (const { action } of actions.filter((one) => one.action.reaches === state)) {
    if (isInterrupted()) return await stop('it was interrupted', context);
    const performed = await perform(action, context);
    if (!performed.isDone) return await afterFailure(performed, context);
  }
  return null;
}

async function afterFailure({ why, reason, isClear }: Extract<Performed, { isDone: false }>, context: RunContext): Promise<Outcome> {
  const mayPass = isPassing(why) || !isClear;
  // With nothing new in the way, or no way back, the far side is asked again another time.
  const isWorthWaiting = isInForce(context) || context.options.plan.what === 'revoke' || !canBeTakenBack(context);
  return mayPass && isWorthWaiting ? await stop(reason, context) : await takeBack(reason, context);
}

/** What must hold before a state counts as reached, beside its actions. */
async function leave(state: RotationState, context: RunContext): Promise<Outcome | null> {
  if (hasReached(state, context) && state !== 'SETTLING') return null;
  if (state === 'TESTED' && context.fresh !== null) {
    const works = await askWhether('new', context.fresh, context);
    if (works === 'refused') return await takeBack('the new value does not work', context);
    if (works === 'unknown') return await takeBack('nobody could say whether the new value works', context);
  }
  return state === 'SETTLING' ? await settle(context) : null;
}

/** Waits until readers have changed over; of the time that is over already, a resumed run waits no second time. */
async function settle(context: RunContext): Promise<Outcome | null> {
  const { plan, progress, now, sleep, isInterrupted, say } = context.options;
  if (plan.what === 'revoke' || hasReached('OLD_DISABLED', context)) return null;
  if (!hasReached('SETTLING', context)) await context.note({ event: 'state', state: 'SETTLING' });
  const until = Date.parse(progress.reachedAt.get('SETTLING') ?? '') + plan.settlingSeconds * 1000;
  if (until > now().getTime()) say(`readers change over until ${new Date(until).toISOString()}`);
  while (until > now().getTime()) {
    if (isInterrupted()) return await stop('it was interrupted while readers change over', context);
    await sleep(until - now().getTime());
  }
  const works = await askWhether('new', context.fresh, context);
  if (works === 'refused') return await takeBack('the new value stopped working', context);
  return works === 'unknown' ? await stop('nobody could say whether the new value works still', context) : null;
}

async function finish(context: RunContext, close: (death: Death & { isDead: true }) => Promise<void>): Promise<Outcome> {
  const { say } = context.options;
  say('asking whether the old value is refused');
  const death = await proveDeath(context);
  if (!death.isDead) return await afterNoProof(death.because, context);
  if (!hasReached('OLD_DEAD', context)) await context.note({ event: 'state', state: 'OLD_DEAD' });
  const works = await askWhether('new', context.fresh, context);
  if (works === 'refused') return await endRun('NEEDS_HUMAN', 'the old value is dead, and the new one is refused too', context);
  if (works === 'unknown') return await stop('nobody could say whether the new value works still', context);
  await close(death);
  if (!hasReached('CLOSED', context)) await context.note({ event: 'state', state: 'CLOSED' });
  return await endRun('CLOSED', 'the old value is dead', context);
}

async function afterNoProof(because: Extract<Death, { isDead: false }>['because'], context: RunContext): Promise<Outcome> {
  switch (because) {
    case 'lives':
      return await endRun('NEEDS_HUMAN', 'the old value still works', context);
    case 'nobody':
      return await endRun('NEEDS_HUMAN', 'nobody can be asked whether the old value is dead', context);
    case 'unclear':
      return await stop('nobody could say whether the old value is dead', context);
    case 'interrupted':
      return await stop('it was interrupted', context);
  }
}

async function stop(reason: string, context: RunContext): Promise<Outcome> {
  await context.note({ event: 'stopped', reason });
  return { kind: 'stopped', reason };
}
