/**
 * What a run has done so far: the events that its log tells, and what they come to. Pure: the same events give the same progress, live and after a crash.
 */
import type { RotationEnd, RotationState } from '../core/rotation.ts';

export type RotationResult = 'CLOSED' | RotationEnd;

/** No event holds a secret. `reason`: a sentence of ours. */
export type RunEvent =
  | {
      readonly event: 'begin';
      readonly finding: string;
      readonly store: string | null;
      readonly ref: string | null;
      readonly approvedBy: readonly string[];
    }
  | { readonly event: 'state'; readonly state: RotationState }
  /** Written before it is done. */
  | { readonly event: 'doing' | 'undoing'; readonly action: string }
  /** `found`: the far side says that it has happened. */
  | { readonly event: 'done' | 'found' | 'undone'; readonly action: string }
  | { readonly event: 'failed'; readonly action: string; readonly why: string; readonly mayHaveHappened: boolean; readonly reason: string }
  | { readonly event: 'kept' }
  | { readonly event: 'fact'; readonly name: string; readonly value: string }
  | { readonly event: 'asked'; readonly about: 'old' | 'new'; readonly answer: string }
  /** From here on it is taken back. */
  | { readonly event: 'back'; readonly reason: string }
  | { readonly event: 'stopped'; readonly reason: string }
  /** Somebody goes on with it. */
  | { readonly event: 'resume' }
  /** `by`: who put it right by hand. */
  | { readonly event: 'end'; readonly end: RotationResult; readonly reason: string; readonly by?: string };

export type Asked = { readonly at: string; readonly about: 'old' | 'new'; readonly answer: string };

export class RunProgress {
  state: RotationState = 'PLANNED';
  /** When each state was reached. */
  readonly reachedAt = new Map<RotationState, string>();
  begunAt: string | null = null;
  lastAt: string | null = null;
  finding = '';
  store: string | null = null;
  ref: string | null = null;
  approvedBy: readonly string[] = [];
  /** Actions that were begun, in order. */
  readonly tried: string[] = [];
  readonly done = new Set<string>();
  /** Begun, and certainly not done. */
  readonly notDone = new Set<string>();
  readonly undone = new Set<string>();
  readonly facts = new Map<string, string>();
  readonly asked: Asked[] = [];
  /** Why it is taken back, or null. */
  backBecause: string | null = null;
  end: { readonly end: RotationResult; readonly reason: string; readonly by?: string } | null = null;
  stoppedBecause: string | null = null;

  /** Takes in the next event of the run. */
  note(event: RunEvent, at: string): void {
    this.lastAt = at;
    this.stoppedBecause = event.event === 'stopped' ? event.reason : null;
    switch (event.event) {
      case 'begin':
        this.begunAt ??= at;
        this.finding = event.finding;
        this.store = event.store;
        this.ref = event.ref;
        this.approvedBy = event.approvedBy;
        return;
      case 'state':
        this.state = event.state;
        this.reachedAt.set(event.state, at);
        return;
      case 'doing':
        if (!this.tried.includes(event.action)) this.tried.push(event.action);
        this.notDone.delete(event.action);
        this.undone.delete(event.action);
        return;
      case 'done':
      case 'found':
        this.done.add(event.action);
        return;
      case 'failed':
        if (!event.mayHaveHappened) this.notDone.add(event.action);
        return;
      case 'undone':
        this.undone.add(event.action);
        this.done.delete(event.action);
        return;
      case 'fact':
        this.facts.set(event.name, event.value);
        return;
      case 'asked':
        this.asked.push({ at, about: event.about, answer: event.answer });
        return;
      case 'back':
        this.backBecause ??= event.reason;
        return;
      case 'end':
        this.end = event;
        return;
      case 'resume':
        this.end = null;
        return;
      case 'kept':
      case 'stopped':
      case 'undoing':
        return;
    }
  }

  /** Whether it waits for somebody: neither over nor put right by hand. */
  get isOpen(): boolean {
    return this.end === null || (this.end.end === 'NEEDS_HUMAN' && this.end.by === undefined);
  }
}
