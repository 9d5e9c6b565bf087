/**
 * GitLab personal, project and group access tokens: they rotate and revoke themselves. Rotating ends the old one at once, and a token that was rotated already and is
 * used to rotate again has its whole family revoked, the new one too (reuse detection): so the new value is kept before anything else, and nothing is ever repeated.
 */
import type { IssuerPart, RotationAction, RotationRun } from '../core/rotation.ts';
import { RotationError } from '../core/rotation.ts';
import { Secret } from '../core/secret.ts';
import { planByRule, refusalOf, send } from './plan-by-rule.ts';
import { fieldAt } from './reply-fields.ts';
import type { Asked, PlanByCode, RuleIssuer } from './rule-issuer.ts';

const ROTATE = '/api/v4/personal_access_tokens/self/rotate';
const TOKEN = /^[\w.-]{20,512}$/;

export const planGitlab: PlanByCode = async (issuer, what, old, signal) => {
  if (what === 'revoke') return planByRule(issuer, old, signal);
  const asked = await issuer.askForPlan(old, signal);
  const scopes = asked.answer.state === 'accepted' ? (asked.answer.scopes ?? []) : [];
  if (asked.answer.state === 'accepted' && !scopes.includes('api') && !scopes.includes('self_rotate'))
    throw issuer.cannot('the token may not rotate itself: it has neither the scope api nor self_rotate');
  return partOf(issuer, asked);
};

function partOf(issuer: RuleIssuer, asked: Asked): IssuerPart {
  const { origin } = new URL(asked.installation ?? 'https://gitlab.com');
  const who = asked.answer.state === 'accepted' ? asked.answer.identity : undefined;
  const identity = `token${who === undefined ? '' : ` ${who}`} at ${new URL(origin).host}`;
  const expires = asked.read ? fieldAt('expires_at', asked.read) : undefined;
  const rotate: RotationAction = {
    id: 'gitlab:rotate',
    reaches: 'CREATED',
    does: `rotates the ${identity}${expires === undefined ? '' : `; the new one ends ${expires} too`}`,
    repeat: 'never',
    effects: ['the old token is refused from this moment, before anybody has the new one'],
    async happened(run) {
      if (run.fresh !== null) return 'yes';
      // A refusal without a new value in hand: it was rotated and the answer was lost, or somebody else ended it.
      return (await issuer.check(run.old, run.signal)).state === 'accepted' ? 'no' : 'unclear';
    },
    act: (run) => rotateSelf(issuer, run, `${asked.installation ?? origin}${ROTATE}`, expires),
    undo: null,
  };
  const test: RotationAction = {
    id: 'gitlab:test',
    reaches: 'TESTED',
    does: `asks ${new URL(origin).host} with the new token`,
    repeat: 'always',
    effects: [],
    happened: async (run) => (run.fresh !== null && (await issuer.check(run.fresh, run.signal)).state === 'accepted' ? 'yes' : 'no'),
    async act(run) {
      const answer = run.fresh === null ? null : await issuer.check(run.fresh, run.signal);
      if (answer?.state !== 'accepted')
        throw new RotationError('refused', 'GitLab does not accept the new token', { mayHaveHappened: false });
    },
    undo: null,
  };
  return { identity, actions: [rotate, test], warnings: ['between the rotation and the change in the store readers are refused'] };
}

async function rotateSelf(issuer: RuleIssuer, run: RotationRun, url: string, expires: string | undefined): Promise<void> {
  const { check } = issuer.options.rule;
  if (check === null) throw issuer.cannot('the rule does not say how it is asked');
  const request = issuer.fill({ request: { ...check.request, method: 'POST' }, pieces: check.pieces }, run.old, null);
  const body = expires === undefined ? {} : { body: JSON.stringify({ expires_at: expires }) };
  const headers = { ...request.headers, ...(expires === undefined ? {} : { 'content-type': 'application/json' }) };
  const reply = await send(issuer, { ...request, url, headers, ...body }, run.signal);
  if (reply.status !== 200 && reply.status !== 201) throw refusalOf('GitLab', reply);
  const token = fieldAt('token', reply);
  if (token === undefined || !TOKEN.test(token))
    throw new RotationError('odd-reply', 'GitLab rotated the token and did not say the new one', { mayHaveHappened: true });
  await run.keep(new Secret(token, issuer.options.rule.id));
}
