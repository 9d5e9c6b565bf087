/**
 * A world for rotations: an issuer that knows its passwords, a store with versions, both in memory behind the real contracts, a log and a keeper of values that outlive
 * whoever runs. Every call that goes to a far side has a name, and can be made to fail, or to be the last thing that a run does.
 */

import type { Finding } from '../../src/core/contracts.ts';
import {
  type Issuer,
  type IssuerAnswer,
  type RotationAction,
  RotationError,
  type RotationFailure,
  type StoredPlace,
  type StoreRotator,
} from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { advance } from '../../src/rotate/advance.ts';
import type { Escrow, EscrowedValue } from '../../src/rotate/escrow.ts';
import { makePlan } from '../../src/rotate/make-plan.ts';
import type { Outcome } from '../../src/rotate/outcome.ts';
import { askParts, type Participants } from '../../src/rotate/parts.ts';
import { planIdOf, type RotationPlan } from '../../src/rotate/plan.ts';
import { type RunEvent, RunProgress } from '../../src/rotate/progress.ts';
import { RunContext } from '../../src/rotate/run-context.ts';
import { takeBack } from '../../src/rotate/take-back.ts';

export const OLD = 'old-password-of-the-world';
export const FRESH = 'fresh-password-of-the-world';

/** The process is gone; nothing of it runs on. */
export class Killed extends Error {}

export type Fault = { readonly why: RotationFailure; readonly isAfter: boolean };

export type WorldOptions = {
  /** Steps without a way back. */
  readonly final?: readonly string[];
  readonly makesValue?: boolean;
  readonly hasIssuer?: boolean;
};

const opened = (value: Secret | null): string => (value === null ? '' : reveal(value, 'compare'));

export class World {
  readonly accepted = new Set([OLD]);
  readonly versions: { value: string; isDisabled: boolean }[] = [{ value: OLD, isDisabled: false }];
  readonly log: { event: RunEvent; at: string }[] = [];
  readonly kept = new Map<string, Secret>();
  closed = 0;
  clock = Date.parse('2026-03-01T12:00:00Z');
  readonly calls: string[] = [];
  /** Of a call by its name; null: it goes well. */
  faultOf: (call: string) => Fault | null = () => null;
  /** Called before and after everything that outlives the process. */
  moment: (name: string) => void = () => undefined;
  readonly options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.options = options;
  }

  get current(): string {
    return this.versions[0]?.value ?? '';
  }

  readonly place: StoredPlace & { readonly name: string } = {
    name: 'memory',
    store: 'memory:',
    ref: 'app/db',
    field: '',
    version: '1',
    change: '1',
  };

  participants(): Participants {
    const { hasIssuer = true } = this.options;
    return { store: this.#store(), issuer: hasIssuer ? { rotator: 'app', kind: 'world', issuer: this.#issuer() } : null };
  }

  async plan(changes: Partial<Parameters<typeof makePlan>[0]> = {}): Promise<RotationPlan> {
    const finding = { id: 'f'.repeat(32), rule: 'generic-password', places: [{ path: 'a.env', line: 1 }] } as unknown as Finding;
    return makePlan({
      what: 'replace',
      finding,
      participants: this.participants(),
      place: this.place,
      old: new Secret(OLD),
      settlingSeconds: 600,
      proofSeconds: 60,
      approvals: 1,
      minutes: 15,
      version: '1.2.3',
      now: new Date(this.clock),
      signal: new AbortController().signal,
      ...changes,
    });
  }

  /** Runs, or goes on with it, as a new process does. */
  async run(plan: RotationPlan, isInterrupted: () => boolean = () => false): Promise<Outcome> {
    const context = await this.#context(plan, isInterrupted);
    return advance(context, async () => {
      this.moment('close');
      this.closed++;
    });
  }

  async takeBack(plan: RotationPlan): Promise<Outcome> {
    return takeBack('somebody wants it', await this.#context(plan, () => false));
  }

  progress(): RunProgress {
    const progress = new RunProgress();
    for (const { event, at } of this.log) progress.note(event, at);
    return progress;
  }

  async #context(plan: RotationPlan, isInterrupted: () => boolean): Promise<RunContext> {
    const isBegun = this.log.length > 0;
    const participants = this.participants();
    const old = new Secret(OLD);
    const { actions } = await askParts(participants, {
      what: plan.what,
      place: plan.place,
      old,
      signal: new AbortController().signal,
      isBegun,
    });
    const id = planIdOf(plan);
    const escrow = this.#escrow();
    if (!isBegun) await escrow.keep(id, 'old', old);
    const context = new RunContext({
      plan,
      planId: id,
      actions,
      issuer: participants.issuer?.issuer ?? null,
      progress: this.progress(),
      append: async (event) => {
        this.moment(`before line ${wordsOf(event)}`);
        const at = new Date(this.clock).toISOString();
        this.log.push({ event, at });
        this.moment(`after line ${wordsOf(event)}`);
        return at;
      },
      escrow,
      old: (await escrow.read(id, 'old')) ?? old,
      fresh: await escrow.read(id, 'new'),
      now: () => new Date(this.clock),
      sleep: async (ms) => {
        this.clock += Math.max(ms, 1);
      },
      isInterrupted,
      say: () => undefined,
    });
    await context.note(
      isBegun ? { event: 'resume' } : { event: 'begin', finding: plan.finding.id, store: 'memory:', ref: 'app/db', approvedBy: ['a'] },
    );
    return context;
  }

  #escrow(): Escrow {
    return {
      keep: async (plan: string, which: EscrowedValue, value: Secret) => {
        this.moment(`before keep ${which}`);
        const known = this.kept.get(`${plan} ${which}`);
        if (known && !known.equals(value)) throw new Error('another value was kept');
        this.kept.set(`${plan} ${which}`, value);
        this.moment(`after keep ${which}`);
      },
      read: async (plan, which) => this.kept.get(`${plan} ${which}`) ?? null,
      destroy: async () => {
        this.moment('before destroy');
        this.kept.clear();
      },
    };
  }

  /** A call that goes to a far side: it may fail before or after it does something. */
  async call<T>(name: string, doing: () => T): Promise<T> {
    this.calls.push(name);
    const fault = this.faultOf(name);
    const failure = (): RotationError =>
      new RotationError(fault?.why ?? 'odd-reply', `${name} failed`, {
        mayHaveHappened: fault?.isAfter === true || fault?.why === 'timed-out',
      });
    if (fault && !fault.isAfter) throw failure();
    this.moment(`before ${name}`);
    const done = doing();
    this.moment(`after ${name}`);
    if (fault) throw failure();
    return done;
  }

  #action(
    action: Pick<RotationAction, 'id' | 'reaches' | 'repeat'>,
    happened: (fresh: string) => boolean,
    act: (fresh: string) => void,
    undo: (fresh: string) => void,
  ): RotationAction {
    const { id } = action;
    const back = { does: `undo ${id}`, act: ({ fresh }: { fresh: Secret | null }) => this.call(`${id} undo`, () => undo(opened(fresh))) };
    return {
      ...action,
      does: `do ${id}`,
      effects: [],
      happened: ({ fresh }) => this.call(`${id} happened`, () => (happened(opened(fresh)) ? 'yes' : 'no')),
      act: ({ fresh }) => this.call(`${id} act`, () => act(opened(fresh))),
      undo: this.options.final?.includes(id) ? null : back,
    };
  }

  #issuer(): Issuer {
    const make: RotationAction = {
      id: 'make',
      reaches: 'CREATED',
      does: 'makes a value',
      repeat: 'always',
      effects: [],
      happened: async ({ fresh }) => (fresh === null ? 'no' : 'yes'),
      act: ({ keep }) => keep(new Secret(FRESH)),
      undo: { does: 'forgets it', act: async () => undefined },
    };
    const apply = this.#action(
      { id: 'apply', reaches: 'APPLIED', repeat: 'when-not-done' },
      (fresh) => this.accepted.has(fresh),
      (fresh) => {
        if (fresh === '') throw new Error('no value');
        this.accepted.add(fresh);
      },
      (fresh) => this.accepted.delete(fresh),
    );
    const end = this.#action(
      { id: 'end', reaches: 'OLD_DISABLED', repeat: 'when-not-done' },
      () => !this.accepted.has(OLD),
      () => this.accepted.delete(OLD),
      () => this.accepted.add(OLD),
    );
    return {
      id: 'world',
      check: async (value) => {
        try {
          return await this.call<IssuerAnswer>(`check ${opened(value) === OLD ? 'old' : 'new'}`, () => ({
            state: this.accepted.has(opened(value)) ? 'accepted' : 'refused',
          }));
        } catch (error) {
          if (!(error instanceof RotationError)) throw error;
          return { state: 'unknown', why: 'unreachable' };
        }
      },
      plan: async (what) =>
        this.call('issuer plan', () => ({ identity: 'app', actions: what === 'revoke' ? [end] : [make, apply, end], warnings: [] })),
      close: async () => undefined,
    };
  }

  #store(): StoreRotator {
    const { makesValue = false } = this.options;
    const write = this.#action(
      { id: 'write', reaches: 'PROMOTED', repeat: 'when-not-done' },
      (fresh) => this.current === (makesValue ? FRESH : fresh),
      (fresh) => {
        const value = makesValue ? FRESH : fresh;
        if (value === '' || this.current !== OLD) throw new RotationError('moved', 'somebody was there', { mayHaveHappened: false });
        this.versions.unshift({ value, isDisabled: false });
        if (makesValue) this.accepted.add(value).delete(OLD);
      },
      () => {
        if (this.current !== OLD) this.versions.unshift({ value: OLD, isDisabled: false });
      },
    );
    const disable = this.#action(
      { id: 'disable', reaches: 'OLD_DISABLED', repeat: 'always' },
      () => this.versions.at(-1)?.isDisabled === true,
      () => this.#disable(true),
      () => this.#disable(false),
    );
    return {
      id: 'memory:',
      plan: async () =>
        this.call('store plan', () => ({ makesValue, actions: makesValue ? [write] : [write, disable], consumers: [], warnings: [] })),
      close: async () => undefined,
    };
  }

  #disable(isDisabled: boolean): void {
    const first = this.versions.at(-1);
    if (first) first.isDisabled = isDisabled;
  }
}

function wordsOf(event: RunEvent): string {
  if ('action' in event) return `${event.event} ${event.action}`;
  if (event.event === 'state') return event.state;
  return event.event === 'asked' ? `asked ${event.about}` : event.event;
}
