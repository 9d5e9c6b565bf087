/** Opens those who take part in a rotation, by the names that the owner's lists give them: the store's rotator, and the issuer. Called when a plan is made, applied, resumed. */
import { dirname } from 'node:path';
import type { Finding } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { type Issuer, RotationError, type StoreRotator } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';
import { hasIssuer, kindToEnd } from '../issuers/for-rule.ts';
import { ISSUER_KINDS } from '../issuers/index.ts';
import type { Beside, IssuerContext, IssuerKind } from '../issuers/issuer-kind.ts';
import { provider } from '../issuers/provider.ts';
import { HttpClient } from '../net/http-client.ts';
import type { NamedIssuer, Participants } from '../rotate/parts.ts';
import type { RotationPlan } from '../rotate/plan.ts';
import { builtInRules } from '../ruleset/load.ts';
import type { Io } from './io.ts';
import { kindSettings, readIssuers, rotatorSettings } from './issuers-file.ts';
import { readStoredCurrent, storeNamed } from './locate-stored.ts';
import { didYouMean } from './nearest-word.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';
import { type NamedRotator, type Rotators, readRotators, rotatorsFile } from './rotators-file.ts';
import { openCloudIdentity, openRotator, storesFile } from './stores-file.ts';

/** Stands for the rotator that a rule itself is, where its issuer needs no settings. */
const BY_RULE = 'rule:';

export type ParticipantsRequest = {
  readonly place: RotationPlan['place'];
  readonly rotator: NamedRotator | null;
  /** As IssuerContext has it. */
  readonly beside: Beside;
};

export async function openParticipants({ place, rotator, beside }: ParticipantsRequest, io: Io): Promise<Participants> {
  const store = place === null ? null : await openStoreRotator(place, io);
  try {
    return { store, issuer: rotator && openIssuer(rotator, beside, io) };
  } catch (error) {
    await store?.close();
    throw error;
  }
}

export async function closeParticipants({ store, issuer }: Participants): Promise<void> {
  await Promise.all([store?.close(), issuer?.issuer.close()]);
}

/** Returns the participants of a plan that was made before. Throws RotationError where the owner's lists say something else now. */
export async function reopenParticipants(plan: RotationPlan, beside: Beside, io: Io): Promise<Participants> {
  const rotator = plan.issuer && (await rotatorNamed(plan.issuer, await readRotators(rotatorsFile(io.env)), io));
  return await openParticipants({ place: plan.place, rotator, beside }, io);
}

async function rotatorNamed(
  { rotator: name, kind }: NonNullable<RotationPlan['issuer']>,
  { rotators }: Rotators,
  io: Io,
): Promise<NamedRotator> {
  const found = name.startsWith(BY_RULE) ? await rotatorByRule(name.slice(BY_RULE.length), io) : rotators.find((one) => one.name === name);
  if (found?.kind === kind) return found;
  throw new RotationError('moved', `${rotatorsFile(io.env)} names no rotator ${name} of kind ${kind} any more`, { mayHaveHappened: false });
}

/** Returns the rotator that needs no more than the finding, and what issuers.toml says: its rule says how the issuer ends it. Null where the rule says nothing of an issuer. */
export async function rotatorByRule(id: string, { env }: Pick<Io, 'env'>): Promise<NamedRotator | null> {
  const rule = builtInRules().find((one) => one.id === id);
  if (!rule) return null;
  const kind = ISSUER_KINDS.find((one) => one.kind === kindToEnd(rule)) ?? provider;
  if (kind === provider && !hasIssuer(rule)) return null;
  const issuers = await readIssuers(env);
  const settings = kind === provider ? rotatorSettings(rule, issuers) : kindSettings(kind, rule, issuers);
  const times = { settlingSeconds: 0, proofSeconds: 60, approvals: null };
  return { name: `${BY_RULE}${id}`, kind: kind.kind, place: null, rules: [id], ...times, settings };
}

/** Returns what was found beside a value that no store holds. */
export function besideOf({ parts }: Pick<Finding, 'parts'>): Beside {
  return new Map(Object.values(parts).map(({ rule, secret }) => [rule, secret]));
}

async function openStoreRotator(place: NonNullable<RotationPlan['place']>, io: Io): Promise<StoreRotator> {
  const named = await storeNamed(place.name, io);
  try {
    const rotator = await openRotator(named, storesFile(io.env), io);
    if (rotator?.id === place.store) return rotator;
    await rotator?.close();
    throw new RotationError(
      rotator ? 'moved' : 'cannot',
      rotator ? `the store ${place.name} is ${rotator.id} now` : `leakwarden changes nothing in stores of kind ${named.kind}`,
      { mayHaveHappened: false },
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new RotationError(error.why, `${place.name}: ${error.message}`, { mayHaveHappened: false, cause: error });
  }
}

function openIssuer(rotator: NamedRotator, beside: Beside, io: Io): NamedIssuer {
  const path = rotatorsFile(io.env);
  const fail = (reason: string): ToolError => new ToolError('rotators-invalid', { path, reason: `rotator ${rotator.name}: ${reason}` });
  const kind = ISSUER_KINDS.find((one) => one.kind === rotator.kind);
  if (!kind) {
    const kinds = ISSUER_KINDS.map((one) => one.kind);
    throw fail(`there is no issuer ${rotator.kind}${didYouMean(rotator.kind, kinds)}; kinds: ${kinds.join(', ')}`);
  }
  const settings = settingsFor(kind, rotator, fail);
  return { rotator: rotator.name, kind: kind.kind, issuer: create(kind, settings, { path, beside }, io) };
}

function settingsFor(kind: IssuerKind, { settings }: NamedRotator, fail: (reason: string) => ToolError): NamedRotator['settings'] {
  const odd = Object.keys(settings).find((name) => !kind.settings.some((known) => known.name === name));
  if (odd === undefined) return settings;
  throw fail(
    `issuer ${kind.kind} has no setting ${odd}${didYouMean(
      odd,
      kind.settings.map(({ name }) => name),
    )}`,
  );
}

function create(
  kind: IssuerKind,
  settings: NamedRotator['settings'],
  { path, beside }: { readonly path: string; readonly beside: Beside },
  io: Io,
): Issuer {
  const context: IssuerContext = {
    env: io.env,
    folder: dirname(path),
    createClient: (options) => new HttpClient({ ...options, env: io.env }),
    readFile: async (file) => {
      try {
        return readText(file, MAX_CONFIG_BYTES, null);
      } catch (error) {
        throw new RotationError('cannot', `${file} cannot be read: ${shortReason(error)}`, { mayHaveHappened: false });
      }
    },
    readStored: (place, signal) => readStoredCurrent(place, signal, io),
    beside,
    now: io.now,
    cloud: openCloudIdentity(path, io),
  };
  return kind.create(settings, context);
}
