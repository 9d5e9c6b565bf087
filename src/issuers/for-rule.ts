/**
 * Makes the issuer of what a rule found: for `--check issuers`, and for rotations that need no more than the finding. In: the rule, what was found beside the value,
 * the owner's settings for that provider.
 */
import type { Part } from '../core/contracts.ts';
import type { Rule } from '../core/rule.ts';
import { reveal } from '../core/secret.ts';
import { namesIn } from '../ruleset/read-requests.ts';
import { awsKeyCheck } from './aws-key-check.ts';
import { gcpKeyCheck } from './gcp-key-check.ts';
import { planGitlab } from './gitlab.ts';
import type { CodeCheck, IssuerChecker } from './issuer-checker.ts';
import type { IssuerContext } from './issuer-kind.ts';
import { planAiven, planHeroku, planLinode, planNpm } from './listed-tokens.ts';
import { type IssuedRule, type PlanByCode, RuleIssuer } from './rule-issuer.ts';
import { planSendgrid } from './sendgrid.ts';

/** What the owner says of a provider, in issuers.toml or in a rotator's table. */
export type ProviderSettings = {
  /** Addresses of the owner's own installations, as `addressOf` gives them. */
  readonly installations: readonly string[];
  readonly isPublicAsked: boolean;
  /** For the names of the rules' templates: `host`, `email-address`. */
  readonly names: ReadonlyMap<string, string>;
};

export const NO_SETTINGS: ProviderSettings = { installations: [], isPublicAsked: true, names: new Map() };

/** Rules whose credentials are ended or replaced by code. */
const PLANNED_BY_CODE: Readonly<Record<string, PlanByCode>> = {
  'gitlab-pat': planGitlab,
  'gitlab-pat-routable': planGitlab,
  'sendgrid-api-key': planSendgrid,
  'npm-access-token': planNpm,
  'npm-access-token-legacy': planNpm,
  'heroku-api-key': planHeroku,
  'heroku-api-key-legacy': planHeroku,
  'aiven-auth-token': planAiven,
  'linode-token': planLinode,
};

/** Rules whose values sign the question. */
const CHECKED_BY_CODE: Readonly<Record<string, CodeCheck>> = {
  'aws-secret-access-key': awsKeyCheck,
  'aws-secret-access-key-near-id': awsKeyCheck,
  'google-service-account-key': gcpKeyCheck,
};

/** Rules whose credentials a kind of issuer ends that acts with the credentials of this machine, once it is told what stands beside the value. */
const ENDED_BY_KIND: Readonly<Record<string, string>> = {
  'aws-secret-access-key': 'aws-iam',
  'aws-secret-access-key-near-id': 'aws-iam',
  'google-service-account-key': 'gcp-service-account',
};

const REPLACED_BY_CODE: ReadonlySet<string> = new Set(['gitlab-pat', 'gitlab-pat-routable', 'sendgrid-api-key']);

/** Returns who is asked whether a value works, or null where nobody can be. */
export function checkerForRule(
  rule: IssuedRule,
  parts: Readonly<Record<string, Pick<Part, 'rule' | 'secret'>>>,
  settings: ProviderSettings,
  context: Pick<IssuerContext, 'createClient' | 'now'>,
): IssuerChecker | null {
  const byCode = codeCheckOf(rule);
  if (byCode === null) return rule.check === null ? null : issuerForRule(rule, parts, settings, context);
  const beside = new Map(Object.values(parts).map((part) => [part.rule, part.secret]));
  return byCode.create({ beside, ...settings, createClient: context.createClient, now: context.now });
}

/** Returns whether somebody can be asked whether a value of this rule works. */
export function canBeChecked(rule: Pick<IssuedRule, 'id' | 'check'>): boolean {
  return rule.check !== null || codeCheckOf(rule) !== null;
}

function codeCheckOf({ id }: Pick<IssuedRule, 'id'>): CodeCheck | null {
  return Object.hasOwn(CHECKED_BY_CODE, id) ? (CHECKED_BY_CODE[id] ?? null) : null;
}

/** Returns the issuer, or null where nothing is known of one. */
export function issuerForRule(
  rule: IssuedRule,
  parts: Readonly<Record<string, Pick<Part, 'rule' | 'secret'>>>,
  settings: ProviderSettings,
  context: Pick<IssuerContext, 'createClient'>,
): RuleIssuer | null {
  if (!hasIssuer(rule)) return null;
  const planByCode = Object.hasOwn(PLANNED_BY_CODE, rule.id) ? (PLANNED_BY_CODE[rule.id] ?? null) : null;
  const beside = new Map(Object.values(parts).map((part) => [part.rule, part.secret]));
  const { installations, isPublicAsked, names } = settings;
  const { createClient } = context;
  return new RuleIssuer({ rule, names: { ofOwner: names, beside }, installations, isPublicAsked, createClient }, planByCode);
}

type Named = Pick<Rule, 'check' | 'revoke' | 'with'>;

/** Returns the names that a rule's requests need beside the value: not in it, nor told by the issuer. */
export function namesBeside({ check, revoke }: Pick<Named, 'check' | 'revoke'>): string[] {
  const needed = [check, revoke].flatMap((one) =>
    one === null ? [] : namesIn(one.request).filter((name) => one.pieces[name] === undefined),
  );
  return [...new Set(needed)].filter((name) => revoke?.fromCheck[name] === undefined);
}

/** Returns those of them that the owner alone can say: no other finding is known to give them, or they stand in a host. */
export function ownersNames(rule: Named): string[] {
  const beside = new Set(rule.with.map((companion) => companion.rule));
  const hosts = [rule.check, rule.revoke].map((one) => /^https:\/\/([^/?]*)/.exec(one?.request.url ?? '')?.[1] ?? '').join(' ');
  return namesBeside(rule).filter((name) => !beside.has(name) || hosts.includes(`<${name}>`));
}

/** Returns a text that is the same for findings whose values are asked about with the same request: of the other halves that are found beside it only those that it needs count. */
export function questionOf(rule: Pick<IssuedRule, 'id' | 'check'>, parts: Readonly<Record<string, Pick<Part, 'rule' | 'secret'>>>): string {
  const names = codeCheckOf(rule)?.companions ?? (rule.check === null ? null : namesIn(rule.check.request));
  if (names === null) return '';
  const needed = new Set(names);
  const beside = Object.values(parts).filter((part) => needed.has(part.rule));
  return JSON.stringify([rule.check?.request ?? names, beside.map((part) => [part.rule, reveal(part.secret, 'compare')])]);
}

/** Returns whether anything is known of whoever issues what a rule finds. */
export function hasIssuer(rule: IssuedRule): boolean {
  return rule.check !== null || canBeRevoked(rule);
}

/** Returns the kind of issuer that ends values of this rule with the credentials of this machine, or null. */
export function kindToEnd({ id }: Pick<IssuedRule, 'id'>): string | null {
  return Object.hasOwn(ENDED_BY_KIND, id) ? (ENDED_BY_KIND[id] ?? null) : null;
}

/** Returns whether a value of this rule can be ended by holding it alone. */
export function canBeRevoked(rule: IssuedRule): boolean {
  return rule.revoke !== null || Object.hasOwn(PLANNED_BY_CODE, rule.id);
}

/** Returns an installation's address without a slash at its end, or null for what is none: https, or http on this machine. */
export function installationAddress(text: string): string | null {
  const full = /^https?:\/\//.test(text) ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || `${url.username}${url.password}${url.search}${url.hash}` !== '') return null;
  const isHere = url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]';
  return url.protocol === 'https:' || isHere ? url.href.replace(/\/+$/, '') : null;
}

/** `GitLab` → `gitlab`, `JFrog Artifactory` → `jfrog-artifactory`: how settings call a provider. */
export function providerKey(provider: string): string {
  return provider
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Returns whether its issuer makes a new one for whoever holds the old one and its right to. */
export function canBeReplaced({ id }: Pick<IssuedRule, 'id'>): boolean {
  return REPLACED_BY_CODE.has(id);
}
