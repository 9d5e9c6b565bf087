/**
 * From the settings of a store of kind aws to its regions, each with the keys that sign its requests. Called by the connector and by the rotator, who have the
 * same settings.
 */
import { StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { type AwsRegion, isThrottledByAws } from './aws-api.ts';
import { AwsCredentials } from './aws-credentials.ts';
import { readProfiles } from './aws-profiles.ts';
import type { Sts } from './aws-sts.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

export type AwsConnection = {
  readonly client: HttpClient;
  readonly sts: Sts;
  readonly credentials: AwsCredentials;
  readonly regions: readonly AwsRegion[];
};

/** Returns what names this store among all. */
export function awsIdOf(settings: StoreSettings): string {
  const parts = [settingOf(settings, 'role') ?? settingOf(settings, 'profile'), ...settingsOf(settings, 'region')];
  const prefixes = settingsOf(settings, 'prefix').map((prefix) => `/${prefix}`);
  return `aws:${[...parts, ...prefixes].filter((part) => part !== undefined).join(':') || 'default'}`;
}

/** Throws StoreError misconfigured. */
export async function connectAws(settings: StoreSettings, context: StoreContext): Promise<AwsConnection> {
  const { env, now } = context;
  const profiles = await readProfiles(context);
  const profile = settingOf(settings, 'profile');
  const known = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profiles.get(profile ?? env['AWS_PROFILE'] ?? 'default')?.['region'];
  const listed = settingsOf(settings, 'region');
  const names = [...new Set(listed.length > 0 ? listed : known ? [known] : [])];
  const [first] = names;
  if (first === undefined) throw new StoreError('misconfigured', 'store of kind aws: region is missing; AWS_REGION is not set either');
  for (const name of names) checkRegion(name);
  const endpointOf = (service: string, name: string, setting: string): string =>
    settingOf(settings, setting)?.replace(/\/+$/, '') ?? `https://${service}.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`;
  const stsEndpoint = endpointOf('sts', first, 'sts-endpoint');
  const endpoints = names.map((name) => endpointOf('secretsmanager', name, 'endpoint'));
  const client = context.createClient({ origins: [...endpoints, stsEndpoint], isThrottled: isThrottledByAws });
  const sts = { client, endpoint: stsEndpoint, region: first, now };
  const credentials = new AwsCredentials({ context, profiles, profile, role: settingOf(settings, 'role'), sts });
  const regions = names.map((region, index) => ({ region, endpoint: endpoints[index] ?? '', client, credentials, now }));
  return { client, sts, credentials, regions };
}

/** A region becomes part of a host's name. Throws StoreError misconfigured. */
export function checkRegion(region: string): void {
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw new StoreError('misconfigured', `store of kind aws: ${region} is no region`);
}
