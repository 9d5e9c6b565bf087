/**
 * Asks whether values work: the new one once, the old one again and again until it was refused three times over a while, since replicas lag and revocations take their
 * time. An answer that is neither yes nor no is no proof of anything. Every answer is logged.
 */
import { type IssuerAnswer, RotationError } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import type { RunContext } from './run-context.ts';

/** `unasked`: there is nobody to ask, or no value to ask about. */
export type Works = 'accepted' | 'refused' | 'unknown' | 'unasked';

const REFUSALS = 3;
/** An old value that still works gets so many times the settling time of the proof before a person is called: revocations may be asynchronous. */
const PATIENCE = 5;

export async function askWhether(about: 'old' | 'new', value: Secret | null, context: RunContext): Promise<Works> {
  const { issuer } = context.options;
  if (issuer === null || value === null) return 'unasked';
  const answer = await answerOf(issuer.check(value, new AbortController().signal));
  const words = answer.state === 'unknown' ? `unknown: ${answer.why}` : answer.state;
  await context.note({ event: 'asked', about, answer: words });
  return answer.state === 'unknown' && answer.why === 'no-checker' ? 'unasked' : answer.state;
}

async function answerOf(asked: Promise<IssuerAnswer>): Promise<IssuerAnswer> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof RotationError) && !(error instanceof StoreError)) throw error;
    return { state: 'unknown', why: 'unreachable' };
  }
}

export type Death =
  | { readonly isDead: true; readonly refusedAt: readonly string[] }
  /** `lives`: it is accepted; `unclear`: no clear answers; `nobody`: nobody can be asked; `interrupted`: somebody stopped it. */
  | { readonly isDead: false; readonly because: 'lives' | 'unclear' | 'nobody' | 'interrupted' };

export async function proveDeath(context: RunContext): Promise<Death> {
  const { plan, old, now, sleep, progress, isInterrupted } = context.options;
  const spanMs = plan.proofSeconds * 1000;
  const began = now().getTime();
  let refusedAt: string[] = [];
  let last: Works = 'unasked';
  for (let asked = 0; ; asked++) {
    last = await askWhether('old', old, context);
    if (last === 'unasked') return { isDead: false, because: 'nobody' };
    if (last === 'refused') refusedAt.push(progress.lastAt ?? now().toISOString());
    // One that works again begins anew.
    if (last === 'accepted') refusedAt = [];
    const [first = ''] = refusedAt;
    if (refusedAt.length >= REFUSALS && now().getTime() - Date.parse(first) >= spanMs) return { isDead: true, refusedAt };
    if (now().getTime() - began >= PATIENCE * spanMs && asked >= PATIENCE * REFUSALS)
      return { isDead: false, because: last === 'accepted' ? 'lives' : 'unclear' };
    if (isInterrupted()) return { isDead: false, because: 'interrupted' };
    await sleep(spanMs / (REFUSALS - 1));
  }
}
