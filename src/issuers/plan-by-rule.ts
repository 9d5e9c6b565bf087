/**
 * Plans the end of a credential by its rule's `revoke`: identify, try where there is a way to try, revoke, confirm. The credential is the very one that leaked: the
 * request carries it, or an id that it contains or that the issuer gave when asked with it; never the first of an account's list.
 */
import type { IssuerRevocation } from '../core/issuer-requests.ts';
import { type Happened, type IssuerPart, type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { HttpError } from '../net/http-client.ts';
import type { FilledRequest } from './fill-request.ts';
import { fieldAt, isOf, openReply, type ReadReply } from './reply-fields.ts';
import type { RuleIssuer } from './rule-issuer.ts';

/** Throws RotationError. */
export async function planByRule(issuer: RuleIssuer, old: Secret, signal: AbortSignal): Promise<IssuerPart> {
  const { rule } = issuer.options;
  const { revoke } = rule;
  if (revoke === null) throw issuer.cannot('there is no way to end it from here');
  const asked = rule.check === null ? null : await issuer.askForPlan(old, signal);
  const answer = asked?.answer ?? null;
  const installation = asked?.installation ?? null;
  const isDead = answer?.state === 'refused';
  const fromCheck = isDead ? new Map<string, string>() : namesOf(revoke, asked?.read ?? null, issuer);
  const fill = (value: Secret): FilledRequest => issuer.fill(revoke, value, installation, fromCheck);
  if (!isDead && revoke.trial !== null) await tryOut(issuer, fill(old), revoke.trial, signal);
  const host = isDead ? (issuer.originsFor(old)[0] ?? '').replace('https://', '') : new URL(fill(old).url).host;
  const { identity: who, scopes = [] } = answer?.state === 'accepted' ? answer : {};
  const identity = `${rule.name}${who === undefined ? '' : ` of ${who}`} at ${host}`;
  return {
    identity,
    actions: [revocation({ id: `${rule.id}:revoke`, does: `revokes the ${identity}`, revoke, issuer, isDead, fill })],
    warnings: [
      ...(isDead ? [`${host} refuses it already`] : []),
      ...(rule.check === null ? [`${host} cannot be asked whose it is, nor afterwards whether it is dead`] : []),
      ...(scopes.length === 0 ? [] : [`it may: ${scopes.join(', ')}`]),
    ],
  };
}

/** Returns the names that the reply to the check must give. */
function namesOf(revoke: IssuerRevocation, read: ReadReply | null, issuer: RuleIssuer): Map<string, string> {
  return new Map(
    Object.entries(revoke.fromCheck).map(([name, path]) => {
      const found = read ? fieldAt(path, read) : undefined;
      if (found === undefined) throw issuer.cannot(`it did not say the ${name} of the credential`);
      return [name, found];
    }),
  );
}

type Revocation = {
  readonly id: string;
  readonly does: string;
  readonly revoke: IssuerRevocation;
  readonly issuer: RuleIssuer;
  /** It was dead when the plan was made: an earlier attempt may have done it, and what its issuer told of it is not told again. */
  readonly isDead: boolean;
  readonly fill: (value: Secret) => FilledRequest;
};

/** Returns the action that sends a revocation with the credential itself. */
function revocation({ id, does, revoke, issuer, isDead, fill }: Revocation): RotationAction {
  const { provider } = issuer.options.rule;
  return {
    id,
    reaches: 'OLD_DISABLED',
    does,
    // It is sent with the credential itself: once that is dead a second time does nothing.
    repeat: 'always',
    effects: [
      'whoever still uses it is refused',
      ...(revoke.notifiesOwner ? [`${provider} tells its owner by e-mail`] : []),
      ...(revoke.isAsynchronous ? [`${provider} takes the request and does it a little later`] : []),
      ...revoke.effects,
    ],
    happened: (run) => hasEnded(issuer, run),
    async act(run) {
      if (isDead && (await hasEnded(issuer, run)) === 'yes') return;
      const reply = await send(issuer, fill(run.old), run.signal);
      if (isOf(revoke.done, reply)) return;
      // Somebody was faster, or this is the second time: the far side knows.
      if ((await hasEnded(issuer, run)) === 'yes') return;
      throw refusalOf(provider, reply);
    },
    undo: null,
  };
}

/** Whether the issuer refuses the old value. */
export async function hasEnded(issuer: RuleIssuer, run: RotationRun): Promise<Happened> {
  const { state } = await issuer.check(run.old, run.signal);
  return state === 'refused' ? 'yes' : state === 'accepted' ? 'no' : 'unclear';
}

/** Some issuers say beforehand whether a revocation would work. */
async function tryOut(
  issuer: RuleIssuer,
  request: FilledRequest,
  trial: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(request.url);
  for (const [name, text] of Object.entries(trial)) url.searchParams.set(name, text);
  const reply = await send(issuer, { ...request, url: url.href }, signal);
  const isFine = reply.status < 300 && fieldAt('ok', reply) !== 'false';
  if (!isFine)
    throw new RotationError('cannot', `${issuer.options.rule.provider} would not end it (tried without effect)`, {
      mayHaveHappened: false,
    });
}

/** Sends a request that changes something. Throws RotationError that says whether it may have been carried out. */
export async function send(issuer: RuleIssuer, request: FilledRequest, signal: AbortSignal): Promise<ReadReply> {
  try {
    return openReply(await issuer.clientOf(request.url).send({ ...request, signal }));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const { provider } = issuer.options.rule;
    switch (error.why) {
      case 'throttled':
        throw new RotationError('throttled', `${provider} asks for a pause`, { mayHaveHappened: false });
      case 'not-allowed':
        throw new RotationError('misconfigured', `${provider}: the address is not one that may be asked`, { mayHaveHappened: false });
      case 'unreachable':
        throw new RotationError('unreachable', `${provider} cannot be reached, or broke off`, { mayHaveHappened: true });
      case 'timed-out':
      case 'interrupted':
        throw new RotationError('timed-out', `${provider} did not answer in time`, { mayHaveHappened: true });
      case 'too-large':
        throw new RotationError('odd-reply', `${provider} answered with more than is read`, { mayHaveHappened: true });
    }
  }
}

export function refusalOf(provider: string, { status }: ReadReply): RotationError {
  if (status === 401 || status === 403) return new RotationError('denied', `${provider} denies it (${status})`, { mayHaveHappened: false });
  if (status >= 400 && status < 500) return new RotationError('refused', `${provider} refused it (${status})`, { mayHaveHappened: false });
  return new RotationError(status >= 500 ? 'unreachable' : 'odd-reply', `${provider} answered with ${status}`, { mayHaveHappened: true });
}
