/**
 * The issuer of a value that a rule describes: asks by the rule's `check`, and plans the end of it by the rule's `revoke` or by code (index.ts). Made by for-rule.ts
 * for one rule and what was found beside the value; used by `--check issuers` and by rotations.
 */
import type { IssuerRevocation } from '../core/issuer-requests.ts';
import { type Issuer, type IssuerAnswer, type IssuerPart, RotationError } from '../core/rotation.ts';
import type { Rule } from '../core/rule.ts';
import { reveal, type Secret } from '../core/secret.ts';
import type { HttpClient, HttpClientOptions } from '../net/http-client.ts';
import { askIssuer, isThrottled } from './ask.ts';
import { FillFault, fillRequest, type Installation, type Names, originOf } from './fill-request.ts';
import { planByRule } from './plan-by-rule.ts';
import type { ReadReply } from './reply-fields.ts';

/** What of a rule concerns its issuer. */
export type IssuedRule = Pick<Rule, 'id' | 'name' | 'provider' | 'check' | 'revoke' | 'guide'>;

export type RuleIssuerOptions = {
  readonly rule: IssuedRule;
  readonly names: Pick<Names, 'ofOwner' | 'beside'>;
  /** Of the owner's own, asked first. */
  readonly installations: readonly Installation[];
  /** False: the owner says that the public one has nothing to do with it. */
  readonly isPublicAsked: boolean;
  readonly createClient: (options: Pick<HttpClientOptions, 'origins' | 'isThrottled'>) => HttpClient;
};

/** What asking found out, for those who plan. */
export type Asked = { readonly answer: IssuerAnswer; readonly installation: Installation | null; readonly read: ReadReply | null };

/** Plans the end, or the replacement, of values of some rules, where data cannot say how. Throws RotationError. */
export type PlanByCode = (
  issuer: RuleIssuer,
  what: 'replace' | 'revoke',
  old: Secret,
  signal: AbortSignal,
  isBegun: boolean,
) => Promise<IssuerPart>;

export class RuleIssuer implements Issuer {
  readonly id: string;
  readonly options: RuleIssuerOptions;
  readonly #planByCode: PlanByCode | null;
  readonly #clients = new Map<string, HttpClient>();
  /** Who accepted the value: its refusal afterwards is proof, whatever else there may be. */
  #home: Installation | null | undefined;

  constructor(options: RuleIssuerOptions, planByCode: PlanByCode | null) {
    this.id = options.rule.id;
    this.options = options;
    this.#planByCode = planByCode;
  }

  /** Returns who would be sent the value: one for each place that is asked, only who accepted it once somebody has; [] where something is missing. */
  originsFor(value: Secret): readonly string[] {
    const { check } = this.options.rule;
    if (check === null) return [];
    const origins = this.#places().map((place) => originOf(check.request, value, this.#names(check.pieces), place));
    return origins.flatMap((origin) => origin ?? []);
  }

  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    return (await this.ask(value, signal)).answer;
  }

  /** Asks each place until one accepts it. Refused is what all refuse that could have made it. */
  async ask(value: Secret, signal: AbortSignal): Promise<Asked> {
    const { check } = this.options.rule;
    let unknown: Asked = { answer: { state: 'unknown', why: 'no-checker' }, installation: null, read: null };
    if (check === null) return unknown;
    let refusals = 0;
    const places = this.#places();
    for (const installation of places) {
      const request = this.#fill(() => fillRequest(check.request, value, this.#names(check.pieces), installation));
      if (request === null) continue;
      const { answer, read } = await askIssuer(this.clientOf(request.url), request, check, signal);
      if (answer.state === 'accepted') {
        this.#home = installation;
        return { answer: withoutValue(answer, value), installation, read };
      }
      if (answer.state === 'refused') refusals++;
      else unknown = { answer, installation, read };
    }
    if (refusals < places.length || refusals === 0) return unknown;
    const answer: IssuerAnswer = this.#couldBeElsewhere() ? { state: 'unknown', why: 'denied' } : { state: 'refused' };
    return { answer, installation: this.#home ?? null, read: null };
  }

  async plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun = false): Promise<IssuerPart> {
    // A run begins only where somebody accepted the value: where one alone can have been asked, it was that one.
    const [only, ...more] = this.#places();
    if (isBegun && only !== undefined && more.length === 0) this.#home = only;
    if (this.#planByCode) return this.#planByCode(this, what, old, signal, isBegun);
    if (what === 'replace') throw this.cannot('it makes no new ones by itself');
    return planByRule(this, old, signal);
  }

  /** Asks, and refuses to plan where nobody knows. A value that is dead already can be planned for: a run that was killed goes on, and ends at once. */
  async askForPlan(old: Secret, signal: AbortSignal): Promise<Asked> {
    const asked = await this.ask(old, signal);
    const { answer } = asked;
    if (answer.state !== 'unknown') return asked;
    const { provider } = this.options.rule;
    if (answer.why === 'denied' || answer.why === 'no-checker')
      throw this.cannot(this.obstacle(old) ?? 'nothing tells whether it still works');
    throw new RotationError(
      answer.why === 'rate-limited' ? 'throttled' : answer.why,
      `${provider} did not say whether it accepts the value`,
      SAFE,
    );
  }

  /** Returns a request of a revocation, filled; `fromCheck` has the names that the reply to the check gave. Throws RotationError. */
  fill(
    revocation: Pick<IssuerRevocation, 'request' | 'pieces'>,
    value: Secret,
    installation: Installation | null,
    fromCheck: ReadonlyMap<string, string> = new Map(),
  ): ReturnType<typeof fillRequest> {
    const names = this.#names(revocation.pieces);
    const ofOwner = new Map([...names.ofOwner, ...fromCheck]);
    try {
      return fillRequest(revocation.request, value, { ...names, ofOwner }, installation);
    } catch (error) {
      if (error instanceof FillFault) throw this.cannot(error.message);
      throw error;
    }
  }

  clientOf(url: string): HttpClient {
    const { origin } = new URL(url);
    const known = this.#clients.get(origin);
    if (known) return known;
    const client = this.options.createClient({ origins: [origin], isThrottled });
    this.#clients.set(origin, client);
    return client;
  }

  /** Returns the sentence that a plan is refused with: the page where a person does it. */
  cannot(why: string): RotationError {
    const { provider, guide } = this.options.rule;
    return new RotationError('cannot', `${provider}: ${why}${guide === null ? '' : `; a person does it at ${guide}`}`, SAFE);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#clients.values(), (client) => client.close()));
    this.#clients.clear();
  }

  /** Why the question cannot be asked, or a refusal proves nothing: a clause for people; null where neither is so. */
  obstacle(value: Secret): string | null {
    const { check } = this.options.rule;
    if (check === null) return null;
    if (this.#places().length === 0) return 'issuers.toml names no installation, and rules the public one out';
    try {
      for (const place of this.#places()) fillRequest(check.request, value, this.#names(check.pieces), place);
    } catch (error) {
      if (error instanceof FillFault) return error.message;
      throw error;
    }
    return this.#couldBeElsewhere() ? 'an installation of your own may have made it: name it in issuers.toml' : null;
  }

  /** Whether a refusal by everybody who can be asked still proves nothing. */
  #couldBeElsewhere(): boolean {
    return this.#home === undefined && this.options.rule.check?.installations === 'common' && this.options.installations.length === 0;
  }

  /** Who may have made the value; null is the address in the rule. */
  #places(): readonly (Installation | null)[] {
    if (this.#home !== undefined) return [this.#home];
    const { installations, isPublicAsked, rule, names } = this.options;
    const host = rule.check === null ? null : hostName(rule.check.request.url);
    const own = rule.check?.installations === 'none' && host === null ? [] : installations;
    const isAsked = host === null ? isPublicAsked : own.length === 0 || names.ofOwner.has(host);
    return isAsked ? [...own, null] : own;
  }

  #names(pieces: Names['pieces']): Names {
    return { ...this.options.names, pieces };
  }

  #fill(make: () => ReturnType<typeof fillRequest>): ReturnType<typeof fillRequest> | null {
    try {
      return make();
    } catch (error) {
      if (error instanceof FillFault) return null;
      throw error;
    }
  }
}

/** Returns the name that stands for the whole host of an address: there is no public one. */
function hostName(url: string): string | null {
  return /^https:\/\/<([a-z0-9-]+)>(?:[/:?]|$)/.exec(url)?.[1] ?? null;
}

const SAFE = { mayHaveHappened: false } as const;

/** An issuer that repeats the value in what it says of the owner is not repeated. */
function withoutValue(answer: IssuerAnswer & { readonly state: 'accepted' }, value: Secret): IssuerAnswer {
  const { identity, ...rest } = answer;
  return identity === undefined || identity.includes(reveal(value, 'ask-issuer')) ? rest : answer;
}
