/**
 * Asks those who made the credentials whether they work, because the user said so (`--check issuers`). In: findings. Out: their verdicts, and problems where somebody did
 * not answer. Says first how many values go to which hosts; asks each question once; keeps to a number for each host, a pace and a time, so that a large audit does
 * not get its owner's address blocked. How an issuer is asked is handed in: this folder knows no network. Called by src/pipeline.ts and `leakwarden check`.
 */

import type { Finding, FindingId, IssuerAsker, IssuerVerdicts, Problem, Verdict } from '../core/contracts.ts';
import { startDeadline } from '../core/deadline.ts';
import type { IssuerAnswer } from '../core/rotation.ts';
import { CONFIDENCES, SEVERITIES } from '../core/rule.ts';
import { reveal, type Secret } from '../core/secret.ts';

/** Values that one host is sent in a run: GitHub blocks an address for a while after some hundred bad ones. */
export const MOST_ASKED_OF_HOST = 100;
/** Values that are sent anywhere in a run. */
export const MOST_ASKED = 1000;
/** Time for all questions of a run. */
export const MAX_ASKING_SECONDS = 180;
/** Between two questions to the same host. */
const PACE_MS = 100;
/** Hosts that are asked at the same time. */
const HOSTS_AT_ONCE = 8;
/** A host that failed so often in a row is not asked again. */
const MOST_FAILURES = 3;

/** How the issuer of a finding is asked. */
export type Askable = {
  /** Who that is: `GitHub`. */
  readonly by: string;
  /** Who is sent the value, in order; [] where something is missing, and nobody is asked. */
  readonly hosts: readonly string[];
  /** What is missing, or why a refusal proves nothing: a clause for people. */
  readonly detail: string | null;
  /** The same for the same question: it is asked once. */
  readonly question: string;
  check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer>;
  /** Who gave the answer, once there is one. */
  where(): string;
};

export type AskOptions = {
  /** Returns null where nothing tells whether it works. */
  readonly findIssuer: (finding: Finding) => Askable | null;
  /** Told before the first request: how many values go to each host. */
  readonly announce: (counts: ReadonlyMap<string, number>) => void;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

type Question = { readonly findings: Finding[]; readonly askable: Askable };
type Why = (Verdict & { readonly state: 'unknown' })['why'];

export class PacedAsker implements IssuerAsker {
  readonly #options: AskOptions;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  async ask(findings: readonly Finding[], signal: AbortSignal): Promise<IssuerVerdicts> {
    const verdicts = new Map<FindingId, Verdict>();
    const unanswered = new Map<string, Map<Why, number>>();
    const settle = ({ findings: asked, askable }: Question, verdict: Verdict): void => {
      for (const { id } of asked) verdicts.set(id, verdict);
      if (verdict.state !== 'unknown' || !TELLS_NOTHING.has(verdict.why)) return;
      const host = hostOf(askable);
      const whys = unanswered.get(host) ?? new Map<Why, number>();
      unanswered.set(host, whys.set(verdict.why, (whys.get(verdict.why) ?? 0) + asked.length));
    };

    const questions = this.#questionsOf(findings, verdicts);
    const { queues, left } = withinBudget(questions);
    for (const question of left) settle(question, { state: 'unknown', why: 'rate-limited', by: question.askable.by });
    if (queues.length > 0) this.#options.announce(countsOf(queues));
    const bounded = startDeadline(signal, 1000 * MAX_ASKING_SECONDS);
    const waiting = queues.values();
    const workers = Array.from({ length: Math.min(HOSTS_AT_ONCE, queues.length) }, async () => {
      for (const queue of waiting) await this.#askHost(queue, settle, bounded.signal, signal);
    });
    await Promise.all(workers).finally(bounded.end);
    return { verdicts, problems: problemsOf(unanswered) };
  }

  /** Findings of one question together, the most pressing first. */
  #questionsOf(findings: readonly Finding[], verdicts: Map<FindingId, Verdict>): Question[] {
    const questions = new Map<string, Question>();
    for (const finding of [...findings].sort((a, b) => urgencyOf(a) - urgencyOf(b))) {
      // What may be none is nobody's business.
      if (finding.confidence === 'low') continue;
      const askable = this.#options.findIssuer(finding);
      if (!askable || askable.hosts.length === 0) {
        verdicts.set(finding.id, { state: 'unknown', why: 'no-checker', ...(askable ? { by: askable.by, ...detailOf(askable) } : {}) });
        continue;
      }
      const key = `${askable.question}\0${reveal(finding.secret, 'compare')}`;
      const known = questions.get(key);
      if (known) known.findings.push(finding);
      else questions.set(key, { findings: [finding], askable });
    }
    return [...questions.values()];
  }

  async #askHost(
    queue: readonly Question[],
    settle: (question: Question, verdict: Verdict) => void,
    bounded: AbortSignal,
    interrupted: AbortSignal,
  ): Promise<void> {
    let failures = 0;
    let last: Why | null = null;
    for (const [index, question] of queue.entries()) {
      if (interrupted.aborted) return;
      const { by } = question.askable;
      if (bounded.aborted || (last !== null && (last === 'rate-limited' || failures >= MOST_FAILURES))) {
        settle(question, { state: 'unknown', why: last ?? 'timed-out', by });
        continue;
      }
      if (index > 0) await this.#options.sleep(PACE_MS, bounded);
      const [value] = question.findings.map(({ secret }) => secret);
      if (!value) continue;
      const answer = await question.askable.check(value, bounded);
      if (interrupted.aborted) return;
      settle(question, this.#verdictOf(answer, question.askable));
      last = answer.state === 'unknown' && TELLS_NOTHING.has(answer.why) ? answer.why : null;
      failures = last === null ? 0 : failures + 1;
    }
  }

  #verdictOf(answer: IssuerAnswer, askable: Askable): Verdict {
    const { by } = askable;
    if (answer.state === 'unknown') {
      const { why, detail } = answer;
      const said = detail === undefined ? (why === 'denied' ? detailOf(askable) : {}) : { detail };
      return { state: 'unknown', why, by, ...said };
    }
    const told = { by, at: this.#options.now().toISOString(), where: askable.where() };
    if (answer.state === 'refused') return { state: 'retired', ...told };
    const { identity, scopes, expiresAt } = answer;
    return {
      state: 'live',
      ...told,
      ...(identity === undefined ? {} : { identity }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  }
}

/** Reasons that another time may not have: whoever relies on the verdicts must know. */
const TELLS_NOTHING: ReadonlySet<Why> = new Set(['unreachable', 'timed-out', 'rate-limited']);

const WORDS: Readonly<Partial<Record<Why, string>>> = {
  'unreachable': 'it cannot be reached',
  'timed-out': 'no answer in time',
  'rate-limited': 'too many questions',
};

/** Whose pace and number it counts against: the first who is asked. */
function hostOf({ hosts }: Askable): string {
  return hosts[0] ?? '';
}

function detailOf({ detail }: Askable): { readonly detail?: string } {
  return detail === null ? {} : { detail };
}

function withinBudget(questions: readonly Question[]): { queues: Question[][]; left: Question[] } {
  const byHost = new Map<string, Question[]>();
  const left: Question[] = [];
  for (const [index, question] of questions.entries()) {
    const host = hostOf(question.askable);
    const queue = byHost.get(host) ?? [];
    byHost.set(host, queue);
    if (index < MOST_ASKED && queue.length < MOST_ASKED_OF_HOST) queue.push(question);
    else left.push(question);
  }
  return { queues: [...byHost.values()].filter((queue) => queue.length > 0), left };
}

function countsOf(queues: readonly (readonly Question[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { askable } of queues.flat()) for (const host of askable.hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

function problemsOf(unanswered: ReadonlyMap<string, ReadonlyMap<Why, number>>): Problem[] {
  return Array.from(unanswered, ([host, whys]) =>
    Array.from(
      whys,
      ([why, count]): Problem => ({ code: 'issuer-unanswered', where: host, data: { host, count, reason: WORDS[why] ?? why } }),
    ),
  ).flat();
}

function urgencyOf({ severity, confidence }: Finding): number {
  return SEVERITIES.indexOf(severity) * CONFIDENCES.length + CONFIDENCES.indexOf(confidence);
}
