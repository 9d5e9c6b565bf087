/**
 * SendGrid API keys: `SG.<id>.<secret>` carries the key's own id, so it can be ended, and with the right scope replaced by one with the same scopes, without a list.
 * A new key is named after the run, so that one whose value was lost on the way is found and removed before another is made.
 */
import { type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import type { FilledRequest } from './fill-request.ts';
import { planByRule, refusalOf, send } from './plan-by-rule.ts';
import { fieldAt, listAt, type ReadReply } from './reply-fields.ts';
import type { PlanByCode, RuleIssuer } from './rule-issuer.ts';

const KEYS = 'https://api.sendgrid.com/v3/api_keys';
const KEY = /^SG\.[\w-]{22}\.[\w-]{43}$/;
/** What a key is told of its account beside its scopes; a new key is not given these. */
const NO_SCOPES: ReadonlySet<string> = new Set(['2fa_required', 'sender_verification_eligible', 'sender_verification_exempt']);
const MAX_LISTED = 1000;

export const planSendgrid: PlanByCode = async (issuer, what, old, signal) => {
  const part = await planByRule(issuer, old, signal);
  if (what === 'revoke') return part;
  const asked = await issuer.askForPlan(old, signal);
  const scopes = (asked.read ? (listAt('scopes', asked.read) ?? []) : []).filter((scope) => !NO_SCOPES.has(scope));
  if (asked.answer.state === 'accepted' && !scopes.includes('api_keys.create'))
    throw issuer.cannot('the key may not make another: it lacks the scope api_keys.create');
  return { ...part, actions: [creation(issuer, scopes), trialOf(issuer), ...part.actions] };
};

function creation(issuer: RuleIssuer, scopes: readonly string[]): RotationAction {
  return {
    id: 'sendgrid:create',
    reaches: 'CREATED',
    does: `makes an API key with the same ${scopes.length} scopes`,
    repeat: 'when-not-done',
    effects: [],
    // A key whose value nobody has is none: the act removes it first.
    happened: async (run) => (run.fresh === null ? 'no' : 'yes'),
    async act(run) {
      await removeOwn(issuer, run);
      const reply = await send(issuer, request(run.old, 'POST', KEYS, { name: nameOf(run), scopes }), run.signal);
      if (reply.status !== 201 && reply.status !== 200) throw refusalOf('SendGrid', reply);
      const key = fieldAt('api_key', reply);
      if (key === undefined || !KEY.test(key))
        throw new RotationError('odd-reply', 'SendGrid made a key and did not say it', { mayHaveHappened: true });
      await run.keep(new Secret(key, issuer.options.rule.id));
    },
    undo: { does: 'deletes the new API key', act: (run) => removeOwn(issuer, run) },
  };
}

function trialOf(issuer: RuleIssuer): RotationAction {
  const isAccepted = async ({ fresh, signal }: RotationRun): Promise<boolean> =>
    fresh !== null && (await issuer.check(fresh, signal)).state === 'accepted';
  return {
    id: 'sendgrid:test',
    reaches: 'TESTED',
    does: 'asks SendGrid with the new key',
    repeat: 'always',
    effects: [],
    happened: async (run) => ((await isAccepted(run)) ? 'yes' : 'no'),
    async act(run) {
      if (!(await isAccepted(run))) throw new RotationError('refused', 'SendGrid does not accept the new key', { mayHaveHappened: false });
    },
    undo: null,
  };
}

/** Deletes the keys that carry this run's name, and no other. */
async function removeOwn(issuer: RuleIssuer, run: RotationRun): Promise<void> {
  const reply = await send(issuer, request(run.old, 'GET', `${KEYS}?limit=${MAX_LISTED}`), run.signal);
  if (reply.status !== 200) throw refusalOf('SendGrid', reply);
  for (let index = 0; index < MAX_LISTED; index++) {
    const id = keyAt(reply, index);
    if (id === undefined) break;
    if (fieldAt(`result.${index}.name`, reply) !== nameOf(run)) continue;
    const deleted = await send(issuer, request(run.old, 'DELETE', `${KEYS}/${encodeURIComponent(id)}`), run.signal);
    if (deleted.status !== 204 && deleted.status !== 404) throw refusalOf('SendGrid', deleted);
  }
}

function keyAt(reply: ReadReply, index: number): string | undefined {
  return fieldAt(`result.${index}.api_key_id`, reply);
}

function nameOf(run: RotationRun): string {
  return `leakwarden ${run.id}`;
}

function request(key: Secret, method: 'GET' | 'POST' | 'DELETE', url: string, json?: unknown): FilledRequest {
  const headers = { 'authorization': `Bearer ${reveal(key, 'ask-issuer')}`, 'accept': 'application/json', 'user-agent': 'leakwarden' };
  return json === undefined
    ? { method, url, headers }
    : { method, url, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(json) };
}
