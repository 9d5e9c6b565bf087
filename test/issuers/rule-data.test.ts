/** What every rule says of its issuer, carried out against a server that answers by the rule's own word: what proves something proves it, and nothing else does. */
import { describe, expect, it } from 'vitest';
import type { IssuerCheck, ReplyClass, RequestTemplate, ValuePieces } from '../../src/core/issuer-requests.ts';
import type { Rule } from '../../src/core/rule.ts';
import { Secret } from '../../src/core/secret.ts';
import { issuerForRule, ownersNames } from '../../src/issuers/for-rule.ts';
import { namesIn } from '../../src/ruleset/read-requests.ts';
import { type Answer, startLoopback } from '../net/loopback.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';
import { clientsOf } from './loopback-client.ts';
import { makeValue } from './rule-values.ts';

const rules = await readRuleFiles();

const ids = new Set(rules.map(({ id }) => id));
const checked = rules.flatMap((rule) => (rule.check === null ? [] : [{ rule, check: rule.check }]));
const signal = new AbortController().signal;

/** Returns the issuer of a value, with whatever stands beside it and whatever its owner must say. */
function issuerOf(rule: Rule, server: string) {
  const parts = Object.fromEntries(rule.with.map(({ rule: other, as }) => [as, { rule: other, secret: new Secret(`beside-${as}`) }]));
  const names = new Map(ownersNames(rule).map((name) => [name, 'owner']));
  const issuer = issuerForRule(rule, parts, { installations: [], isPublicAsked: true, names }, clientsOf(server));
  if (issuer === null) throw new Error(`${rule.id} has no issuer`);
  return issuer;
}

/** Returns a reply of a class, as its conditions want it. */
function replyOf({ statuses, when }: ReplyClass, status = statuses[0] ?? 200): Answer {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  let body: unknown = {};
  for (const { path, is } of when) {
    const value = is === 'present' ? 'x' : (is[0] ?? null);
    if (path.startsWith('header:')) headers[path.slice('header:'.length)] = String(value);
    else body = withField(body, path.split('.'), value);
  }
  return { status, headers, body: JSON.stringify(body) };
}

function withField(json: unknown, [step, ...more]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const fields = typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
  const inner = withField(fields[step], more, value);
  return /^\d+$/.test(step) ? [inner] : { ...fields, [step]: inner };
}

/** Returns what an issuer says for each reply. */
async function answersTo(rule: Rule, server: { readonly origin: string; next: Answer }, replies: readonly Answer[]): Promise<string[]> {
  const said: string[] = [];
  const issuer = issuerOf(rule, server.origin);
  const value = new Secret(makeValue(rule, 1), rule.id);
  for (const next of replies) {
    server.next = next;
    const answer = await issuer.check(value, signal);
    said.push(answer.state === 'unknown' ? `unknown: ${answer.why}` : answer.state);
  }
  await issuer.close();
  return said;
}

const hostOf = ({ url }: RequestTemplate): string => /^https:\/\/([^/?]*)/.exec(url)?.[1] ?? '';

describe('what the rules say of their issuers', () => {
  it('names beside the value only what is found with it', () => {
    const astray = rules.flatMap((rule) => {
      const companions = new Set(rule.with.map((one) => one.rule));
      return ownersNames(rule)
        .filter((name) => ids.has(name) && !companions.has(name))
        .map((name) => `${rule.id}: ${name}`);
    });
    expect(astray).toEqual([]);
  });

  it('sends no value in a host', () => {
    const hosts = rules.flatMap(({ check, revoke }) => [check, revoke]).flatMap((one) => (one === null ? [] : [hostOf(one.request)]));
    expect(hosts.filter((host) => host.includes('<secret>'))).toEqual([]);
  });

  it('reads who the caller is by requests that change nothing', () => {
    const changing = checked.filter(({ check }) => check.request.method === 'DELETE' || check.request.method === 'PUT');
    expect(changing.map(({ rule }) => rule.id)).toEqual([]);
  });

  it('revokes by the value itself, an id in it, or one that the issuer told', () => {
    const carries = ({ request, pieces }: { readonly request: RequestTemplate; readonly pieces: ValuePieces }): boolean =>
      ['secret', ...Object.keys(pieces)].some((name) => JSON.stringify(request).includes(`<${name}>`));
    const byGuess = rules.filter(({ check, revoke }) => [check, revoke].some((one) => one !== null && !carries(one)));
    expect(byGuess.map(({ id }) => id)).toEqual([]);
    const untold = rules.filter(({ check, revoke }) => revoke !== null && check === null && Object.keys(revoke.fromCheck).length > 0);
    expect(untold.map(({ id }) => id)).toEqual([]);
    const unused = rules.filter(({ revoke }) =>
      Object.keys(revoke?.fromCheck ?? {}).some((name) => !namesIn(revoke?.request ?? noRequest).includes(name)),
    );
    expect(unused.map(({ id }) => id)).toEqual([]);
  });

  it('proves what it says it proves, and nothing else does', { timeout: 120_000 }, async () => {
    const server: { origin: string; next: Answer } = { origin: '', next: { status: 500 } };
    const { origin, asked } = await startLoopback(() => server.next);
    server.origin = origin;
    const astray: string[] = [];
    for (const { rule, check } of checked.filter((one) => one.check.request.url !== '<secret>')) {
      const certain: readonly (readonly [Answer, string])[] = [
        ...check.refused.statuses.map((status) => [replyOf(check.refused, status), refusal(check)] as const),
        ...PROVE_NOTHING,
        // Last: who accepted it once is known to have made it.
        ...check.accepted.statuses.map((status) => [replyOf(check.accepted, status), 'accepted'] as const),
      ];
      const before = asked.length;
      const said = await answersTo(
        rule,
        server,
        certain.map(([reply]) => reply),
      );
      const expected = certain.map(([, answer]) => answer);
      if (said.join() !== expected.join()) astray.push(`${rule.id}: ${said.join()} instead of ${expected.join()}`);
      if (asked.length - before < certain.length) astray.push(`${rule.id}: nobody was asked`);
    }
    expect(astray).toEqual([]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };
const PROVE_NOTHING: readonly (readonly [Answer, string])[] = [
  [{ status: 500, headers: JSON_TYPE, body: '{}' }, 'unknown: unreachable'],
  [{ status: 429, headers: JSON_TYPE, body: '{}' }, 'unknown: rate-limited'],
  [{ status: 302, headers: { location: 'https://elsewhere.example/' } }, 'unknown: odd-reply'],
  [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' }, 'unknown: odd-reply'],
  [{ status: 407, headers: JSON_TYPE, body: '{}' }, 'unknown: denied'],
];
const noRequest: RequestTemplate = { method: 'GET', url: '', origins: [], headers: {}, basic: null, query: {}, body: null };

/** A public issuer's refusal proves nothing where people run their own. */
function refusal({ installations }: IssuerCheck): string {
  return installations === 'common' ? 'unknown: denied' : 'refused';
}
