/** Runs of rotations in a world of memory: undisturbed, killed at every moment, with a far side that fails at every call. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/rotate/outcome.ts';
import { type Fault, FRESH, Killed, OLD, World } from './world.ts';

/** One for all: the digest in it takes a tenth of a second to make, and the worlds are alike. */
const THE_PLAN = await new World().plan();

const shown = (outcome: Outcome): string => (outcome.kind === 'ended' ? outcome.end : 'stopped');

/** What a rotation that came to its end leaves. */
const DONE = { accepted: [FRESH], current: FRESH, firstIsDisabled: true, kept: 0 };
const UNDONE = { accepted: [OLD], current: OLD, firstIsDisabled: false, kept: 0 };

function leftBy(world: World): typeof DONE {
  return {
    accepted: [...world.accepted],
    current: world.current,
    firstIsDisabled: world.versions.at(-1)?.isDisabled === true,
    kept: world.kept.size,
  };
}

describe('a rotation that nothing disturbs', () => {
  it('goes from state to state, and leaves a dead value and a log that says why', async () => {
    const world = new World();
    expect(shown(await world.run(await world.plan()))).toBe('CLOSED');
    expect(leftBy(world)).toEqual(DONE);
    const states = world.log.flatMap(({ event }) => (event.event === 'state' ? [event.state] : []));
    expect(states).toEqual(['CREATED', 'APPLIED', 'TESTED', 'PROMOTED', 'SETTLING', 'OLD_DISABLED', 'OLD_DEAD', 'CLOSED']);
    const asked = world.log.flatMap(({ event }) => (event.event === 'asked' ? [`${event.about} ${event.answer}`] : []));
    expect(asked).toEqual(['new accepted', 'new accepted', 'old refused', 'old refused', 'old refused', 'new accepted']);
    expect(inspect(world.log, { depth: 9 })).not.toMatch(/password-of-the-world/);
  });

  it('writes down what it does before it does it', async () => {
    const world = new World();
    const order: string[] = [];
    world.moment = (name) => order.push(name);
    await world.run(await world.plan());
    for (const id of ['apply', 'write', 'disable', 'end'])
      expect(order.indexOf(`after line doing ${id}`)).toBeLessThan(order.indexOf(`before ${id} act`));
    expect(order.indexOf('after keep new')).toBeLessThan(order.indexOf('before apply act'));
    expect(order.indexOf('after write act')).toBeLessThan(order.indexOf('before end act'));
  });

  it('gives readers their time, and asks for the proof over a while', async () => {
    const world = new World();
    await world.run(await world.plan());
    const at = (state: string): number =>
      Date.parse(world.log.find(({ event }) => event.event === 'state' && event.state === state)?.at ?? '');
    expect(at('OLD_DISABLED') - at('SETTLING')).toBe(600_000);
    expect(at('OLD_DEAD') - at('OLD_DISABLED')).toBeGreaterThanOrEqual(60_000);
  });

  it('only ends the leaked one where it is revoked', async () => {
    const world = new World();
    const plan = await world.plan({ what: 'revoke', place: null });
    expect(plan.steps.map(({ id }) => id)).toEqual(['end']);
    expect(shown(await world.run(plan))).toBe('CLOSED');
    expect([[...world.accepted], world.current]).toEqual([[], OLD]);
  });

  it('takes a value that the store made, and asks the issuer about the old one alone', async () => {
    const world = new World({ makesValue: true });
    const plan = await world.plan();
    expect(plan.steps.map(({ id }) => id)).toEqual(['write']);
    expect(shown(await world.run(plan))).toBe('CLOSED');
    expect([...world.accepted]).toEqual([FRESH]);
  });

  it('leaves the end to a person where nobody can be asked', async () => {
    const world = new World({ makesValue: true, hasIssuer: false });
    const plan = await world.plan();
    expect(plan.warnings.join()).toContain('nobody can be asked');
    expect(await world.run(plan)).toMatchObject({ kind: 'ended', end: 'NEEDS_HUMAN' });
    expect(world.closed).toBe(0);
  });
});

describe('a rotation that is killed', () => {
  /** Returns the moments of an undisturbed run. */
  async function momentsOf(): Promise<string[]> {
    const world = new World();
    const moments: string[] = [];
    world.moment = (name) => moments.push(name);
    await world.run(THE_PLAN);
    return moments;
  }

  async function killedAt(at: number): Promise<{ world: World; name: string; outcome: Outcome | null }> {
    const world = new World();
    const plan = THE_PLAN;
    let moment = 0;
    let name = '';
    world.moment = (given) => {
      if (moment++ !== at) return;
      name = given;
      throw new Killed();
    };
    await expect(world.run(plan)).rejects.toBeInstanceOf(Killed);
    const isOver = world.progress().end !== null;
    // What is in the log and what is kept is all that the next process knows.
    return { world, name, outcome: isOver ? null : await world.run(plan) };
  }

  it('comes to the same end, wherever it was', async () => {
    const moments = await momentsOf();
    expect(moments.length).toBeGreaterThan(60);
    const wrong: unknown[] = [];
    for (const at of moments.keys()) {
      const { world, name, outcome } = await killedAt(at);
      // Where the end was in the log already, forgetting is all that is left, and the next command does it.
      const kept = outcome === null ? leftBy(world).kept : 0;
      const isRight = (outcome === null || shown(outcome) === 'CLOSED') && world.closed >= 1 && kept <= 2;
      if (!isRight || inspect(leftBy(world)) !== inspect({ ...DONE, kept })) wrong.push([name, outcome && shown(outcome), leftBy(world)]);
    }
    expect(wrong).toEqual([]);
  });

  it('comes to the same end when it is killed again and again', async () => {
    const world = new World();
    const plan = await world.plan();
    let outcome: Outcome | null = null;
    let kills = 0;
    for (let budget = 3; outcome === null; budget += 1) {
      let left = budget;
      world.moment = () => {
        if (left-- <= 0) throw new Killed();
      };
      try {
        outcome = await world.run(plan);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        kills++;
        if (world.progress().end !== null) break;
      }
    }
    expect(kills).toBeGreaterThan(5);
    expect({ ...leftBy(world), kept: 0 }).toEqual(DONE);
  });

  it('is taken back to where it was, wherever it was killed before the old value ended', async () => {
    const moments = await momentsOf();
    const wrong: unknown[] = [];
    for (const at of moments.keys()) {
      const world = new World();
      const plan = THE_PLAN;
      let moment = 0;
      world.moment = () => {
        if (moment++ === at) throw new Killed();
      };
      await expect(world.run(plan)).rejects.toBeInstanceOf(Killed);
      if (world.progress().end !== null || world.log.length === 0) continue;
      const outcome = await world.takeBack(plan);
      const wasInForce = world.progress().reachedAt.has('PROMOTED');
      if (shown(outcome) !== (wasInForce ? 'ROLLED_BACK' : 'ABORTED_SAFE') || inspect(leftBy(world)) !== inspect(UNDONE))
        wrong.push([moments[at], shown(outcome), leftBy(world)]);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a rotation whose far side fails', () => {
  const FAULTS: Readonly<Record<string, Fault>> = {
    'denied': { why: 'denied', isAfter: false },
    'throttled': { why: 'throttled', isAfter: false },
    '5xx': { why: 'unreachable', isAfter: false },
    '5xx, but done': { why: 'unreachable', isAfter: true },
    'time-out': { why: 'timed-out', isAfter: false },
    'time-out, but done': { why: 'timed-out', isAfter: true },
    'refused': { why: 'refused', isAfter: false },
  };
  const STEPS = ['apply', 'write', 'disable', 'end'];
  const CALLS = ['check new', 'check old', ...STEPS.flatMap((id) => [`${id} happened`, `${id} act`])];

  /** The safe ends of a run that failed there; what is never allowed: a reader who gets a dead value, or two ends at once. */
  function isSafe(world: World, outcome: Outcome): boolean {
    const left = leftBy(world);
    if (!world.accepted.has(world.current)) return false;
    switch (shown(outcome)) {
      case 'CLOSED':
        return inspect(left) === inspect(DONE);
      case 'ABORTED_SAFE':
      case 'ROLLED_BACK':
        return inspect(left) === inspect(UNDONE);
      default:
        return world.kept.size === 2 || left.current === OLD;
    }
  }

  it.each([true, false])('ends safely at each call and each failure, and goes on when it has passed (once only: %s)', async (isOnce) => {
    const rows: string[] = [];
    const wrong: string[] = [];
    for (const call of CALLS) {
      const cells: string[] = [];
      for (const [name, fault] of Object.entries(FAULTS)) {
        const world = new World();
        const plan = THE_PLAN;
        let isPlayed = false;
        world.faultOf = (given) => {
          if (given !== call || (isOnce && isPlayed)) return null;
          isPlayed = true;
          return fault;
        };
        const outcome = await world.run(plan);
        if (!isPlayed || !isSafe(world, outcome)) wrong.push(`${call}, ${name}: ${shown(outcome)} ${inspect(leftBy(world))}`);
        if (outcome.reason.includes('password-of-the-world') || outcome.reason === '')
          wrong.push(`${call}, ${name}: says ${outcome.reason}`);
        let end = shown(outcome);
        if (outcome.kind === 'stopped' || outcome.end === 'NEEDS_HUMAN') {
          world.faultOf = () => null;
          const next = await world.run(plan);
          if (next.kind === 'stopped' || !isSafe(world, next))
            wrong.push(`${call}, ${name}, resumed: ${shown(next)} ${inspect(leftBy(world))}`);
          end += ` → ${shown(next)}`;
        }
        cells.push(`${name}: ${end}`);
      }
      rows.push(`${call.padEnd(17)}${cells.join(' · ')}`);
    }
    process.stdout.write(`\nthe far side fails ${isOnce ? 'once' : 'for long'}:\n${rows.join('\n')}\n`);
    expect(wrong).toEqual([]);
  });

  it('is taken back whole or not at all', async () => {
    const world = new World({ final: ['apply'] });
    const plan = await world.plan();
    expect(plan.warnings.join()).toContain('this cannot be taken back: do apply');
    world.faultOf = (call) => (call === 'write act' ? { why: 'refused', isAfter: false } : null);
    expect(await world.run(plan)).toMatchObject({ end: 'NEEDS_HUMAN' });
    expect([...world.accepted]).toEqual([OLD, FRESH]);
    expect(world.kept.size).toBe(2);
  });

  it('does not touch what somebody else wrote meanwhile', async () => {
    const world = new World();
    const plan = await world.plan();
    world.moment = (name) => {
      if (name === 'before line doing write') world.versions.unshift({ value: 'of somebody else', isDisabled: false });
    };
    expect(await world.run(plan)).toMatchObject({ end: 'ABORTED_SAFE', reason: 'somebody was there' });
    expect([world.current, [...world.accepted]]).toEqual(['of somebody else', [OLD]]);
  });

  it('is not closed as long as the old value works, and asks a person', async () => {
    const world = new World();
    const plan = await world.plan();
    world.moment = (name) => {
      if (name === 'after end act') world.accepted.add(OLD);
    };
    expect(await world.run(plan)).toMatchObject({ end: 'NEEDS_HUMAN', reason: 'the old value still works' });
    expect(world.closed).toBe(0);
    expect(world.kept.size).toBe(2);
  });

  it('begins the proof anew when the old value works again in between', async () => {
    const world = new World();
    const plan = await world.plan();
    let asked = 0;
    world.moment = (name) => {
      if (name !== 'before check old' || !world.progress().reachedAt.has('OLD_DISABLED')) return;
      asked++;
      if (asked === 3) world.accepted.add(OLD);
      if (asked === 4) world.accepted.delete(OLD);
    };
    expect(shown(await world.run(plan))).toBe('CLOSED');
    expect(asked).toBe(6);
  });

  it('stops between two steps when somebody interrupts it', async () => {
    const world = new World();
    const plan = await world.plan();
    let isInterrupted = false;
    world.moment = (name) => {
      if (name === 'after write act') isInterrupted = true;
    };
    expect(shown(await world.run(plan, () => isInterrupted))).toBe('stopped');
    expect([world.current, [...world.accepted]]).toEqual([FRESH, [OLD, FRESH]]);
    expect(shown(await world.run(plan))).toBe('CLOSED');
  });
});
