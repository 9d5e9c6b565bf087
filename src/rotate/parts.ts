/**
 * Asks those who take part in a rotation what they would do, in the order in which they depend on each other: the store first, since it may make the new value itself;
 * then the issuer; then the store again, where the issuer has other fields written with the value. Called when a plan is made, when it is applied, and when a run is
 * resumed. Changes nothing. Throws RotationError.
 */
import { type Issuer, type IssuerPart, RotationError, type StoredPlace, type StorePart, type StoreRotator } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { composeActions, type PlannedAction } from './plan.ts';

/** `rotator`: its name in the owner's list. */
export type NamedIssuer = { readonly rotator: string; readonly kind: string; readonly issuer: Issuer };

export type Participants = { readonly store: StoreRotator | null; readonly issuer: NamedIssuer | null };

export type Parts = { readonly store: StorePart | null; readonly issuer: IssuerPart | null; readonly actions: readonly PlannedAction[] };

export type PartsRequest = {
  readonly what: 'replace' | 'revoke';
  readonly place: StoredPlace | null;
  readonly old: Secret;
  readonly signal: AbortSignal;
  readonly isBegun: boolean;
};

export async function askParts({ store, issuer }: Participants, request: PartsRequest): Promise<Parts> {
  const { what, place, old, signal, isBegun } = request;
  const issuing = async (): Promise<IssuerPart> => {
    if (issuer) return issuer.issuer.plan(what, old, signal, isBegun);
    throw cannot(
      what === 'revoke'
        ? 'nobody is known who could end it: name its issuer in rotators.toml'
        : `${place?.store ?? 'the store'} only holds the value: name in rotators.toml who makes a new one`,
    );
  };
  if (what === 'revoke') return partsOf(null, await issuing());
  if (place === null || store === null) throw cannot('no store that is known holds it: to end it at its issuer, add --revoke');
  const alone = await store.plan(place, signal, isBegun);
  if (alone.makesValue) return partsOf(alone, null);
  const part = await issuing();
  const { fields = {} } = part;
  if (Object.keys(fields).length === 0) return partsOf(alone, part);
  const together = await store.plan(place, signal, isBegun, fields);
  const missing = Object.keys(fields).filter((name) => !(together.alsoWrites ?? []).includes(name));
  if (missing.length === 0) return partsOf(together, part);
  throw cannot(`${part.identity} changes ${missing.join(', ')} with the value, and ${place.ref} cannot be given that`);
}

function partsOf(store: StorePart | null, issuer: IssuerPart | null): Parts {
  return { store, issuer, actions: composeActions(store, issuer) };
}

function cannot(message: string): RotationError {
  return new RotationError('cannot', message, { mayHaveHappened: false });
}
