/** Plans: their ids, how they are read back, what is refused; the limits of what a command begins; the order of the actions. */
import { describe, expect, it } from 'vitest';
import type { RotationAction } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { refusedCount, refusedPlace, refusedStart } from '../../src/rotate/guards.ts';
import { composeActions, isPrintOf, planIdOf, planText, printOf, type RotationPlan, rotationIdOf } from '../../src/rotate/plan.ts';
import { RunProgress } from '../../src/rotate/progress.ts';
import { readPlan } from '../../src/rotate/read-plan.ts';
import { OLD, World } from './world.ts';

const plan = await new World().plan();
const changed = (change: object): string => JSON.stringify({ ...plan, ...change });

describe('a plan', () => {
  it('is read back as it was written, whatever the order of its members', () => {
    expect(readPlan(planText(plan))).toEqual(plan);
    expect(readPlan(JSON.stringify(Object.fromEntries(Object.entries(plan).reverse()), null, 2))).toEqual(plan);
  });

  it('has an id that changes with anything in it, and a run of the same name each time', () => {
    const id = planIdOf(plan);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    for (const change of [{ settlingSeconds: 1 }, { approvals: 2 }, { warnings: ['x'] }])
      expect(planIdOf({ ...plan, ...change })).not.toBe(id);
    expect(rotationIdOf(id)).toBe(rotationIdOf(id));
    expect(rotationIdOf(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(rotationIdOf(planIdOf({ ...plan, approvals: 2 }))).not.toBe(rotationIdOf(id));
  });

  it('holds no value, and knows it again', () => {
    expect(planText(plan)).not.toContain(OLD);
    expect([isPrintOf(plan.old, new Secret(OLD)), isPrintOf(plan.old, new Secret(`${OLD}x`))]).toEqual([true, false]);
    expect(printOf(new Secret(OLD)).print).not.toBe(plan.old.print);
  });

  it.each([
    ['no JSON', 'plan', 'it is not JSON'],
    ['another document', '{"schema":"leakwarden/report@1"}', 'its schema is not'],
    ['a member too many', changed({ also: 1 }), 'it holds what no plan holds'],
    ['a member too many, deep inside', changed({ finding: { ...plan.finding, also: 1 } }), 'it holds what no plan holds'],
    [
      'nesting without end',
      `${changed({}).slice(0, -1)},"also":${'['.repeat(300_000)}${']'.repeat(300_000)}}`,
      'it holds what no plan holds',
    ],
    ['a state that there is not', changed({ steps: [{ ...plan.steps[0], reaches: 'DONE' }] }), 'it is damaged'],
    ['too many steps', changed({ steps: Array(101).fill(plan.steps[0]) }), 'it is damaged'],
    ['a time that is none', changed({ expiresAt: 'tomorrow' }), 'it is damaged'],
    ['seconds that are none', changed({ proofSeconds: -1 }), 'it is damaged'],
    ['half a character', changed({ tool: 'x' }).replace('"x"', '"\\ud800"'), 'it is damaged'],
    ['too much', ' '.repeat((1 << 20) + 1), 'it is too large'],
  ])('is refused with %s', (_what, text, sentence) => expect(readPlan(text)).toContain(sentence));
});

describe('the limits', () => {
  const at = (time: number, by: readonly string[] = ['alice'], given: RotationPlan = plan): string | null =>
    refusedStart(given, by, new Map(), new Date(time));
  const made = Date.parse(plan.madeAt);

  it('count what a command begins', () => {
    expect([refusedCount(1, false), refusedCount(5, true)]).toEqual([null, null]);
    expect([refusedCount(2, false), refusedCount(6, true)]).toEqual([
      expect.stringContaining('one secret'),
      expect.stringContaining('5 secrets'),
    ]);
  });

  it('keep root and emergency credentials out', () => {
    for (const ref of ['secret/root', 'root/token', 'prod/break-glass/admin', 'vault/unseal-key', 'secret/recovery-keys'])
      expect([ref, refusedPlace(ref, '')]).toEqual([ref, expect.stringContaining('by hand')]);
    for (const ref of ['secret/app/db', 'grooting/x', 'uprooted', 'arn:aws:secretsmanager:eu-west-1:1:secret:app'])
      expect([ref, refusedPlace(ref, 'password')]).toEqual([ref, null]);
  });

  it('let a plan live as long as it says, and never longer than a day', () => {
    expect(at(made + 899_000)).toBe(null);
    expect(at(made + 901_000)).toContain('has expired');
    const forged = { ...plan, expiresAt: '2099-01-01T00:00:00.000Z' };
    expect([at(made + 86_000_000, ['a'], forged), at(made + 86_500_000, ['a'], forged)]).toEqual([
      null,
      expect.stringContaining('has expired'),
    ]);
    expect(at(made - 3_600_000)).toContain('has expired');
  });

  it('want names, and different ones', () => {
    const two = { ...plan, approvals: 2 };
    for (const names of [[], ['a'], ['a', 'A'], ['a', ' a '], ['', 'b']])
      expect([names, at(made, names, two)]).toEqual([names, expect.stringContaining('2 people')]);
    expect(at(made, ['a', 'b'], two)).toBe(null);
  });

  it('allow so many of one store in a day, and one at a time of the same', () => {
    const run = (store: string, finding: string, isOver: boolean): RunProgress => {
      const progress = new RunProgress();
      progress.note({ event: 'begin', finding, store, ref: 'app/db', approvedBy: [] }, new Date(made - 3_600_000).toISOString());
      if (isOver) progress.note({ event: 'end', end: 'CLOSED', reason: 'r' }, plan.madeAt);
      return progress;
    };
    const runs = (count: number, store: string) =>
      new Map(Array.from({ length: count }, (_, index) => [String(index), run(store, 'x', true)]));
    expect(refusedStart(plan, ['a'], runs(9, 'memory:'), new Date(made))).toBe(null);
    expect(refusedStart(plan, ['a'], runs(10, 'memory:'), new Date(made))).toContain('no more until tomorrow');
    expect(refusedStart(plan, ['a'], runs(10, 'other:'), new Date(made))).toBe(null);
    const open = new Map([['c'.repeat(64), run('memory:', plan.finding.id, false)]]);
    expect(refusedStart(plan, ['a'], open, new Date(made))).toContain(`rotate resume ${'c'.repeat(12)}`);
  });
});

describe('the order of the actions', () => {
  const action = (id: string, reaches: RotationAction['reaches']): RotationAction => {
    return { id, reaches, does: id, repeat: 'always', effects: [], happened: async () => 'no', act: async () => undefined, undo: null };
  };
  const compose = (store: readonly RotationAction[], issuer: readonly RotationAction[]): string[] =>
    composeActions(
      { makesValue: false, actions: store, consumers: [], warnings: [] },
      { identity: 'i', actions: issuer, warnings: [] },
    ).map((one) => one.action.id);

  it('is that of the states; the issuer first, and last where something ends', () => {
    const store = [action('write', 'PROMOTED'), action('stage', 'CREATED'), action('disable', 'OLD_DISABLED')];
    const issuer = [action('end', 'OLD_DISABLED'), action('make', 'CREATED'), action('apply', 'APPLIED')];
    expect(compose(store, issuer)).toEqual(['make', 'stage', 'apply', 'write', 'disable', 'end']);
  });

  it('refuses what no run could hold', () => {
    expect(() => compose([action('a', 'OLD_DEAD')], [])).toThrow('the run');
    expect(() => compose([action('a', 'CREATED')], [action('a', 'CREATED')])).toThrow('two actions are called a');
  });
});
