/** Where AWS keys come from: each source over the fake, which accepts only what it gave; then order, renewal, and what is not supported. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AwsFake, arnOf, OWN_KEYS, REGION, startAws } from '../../fixtures/stores/aws.ts';
import { StoreError } from '../../src/core/stores.ts';
import { aws } from '../../src/stores/aws.ts';
import { parseIni } from '../../src/stores/aws-profiles.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const { accessKeyId, secretAccessKey } = OWN_KEYS;
const OWN_LINES = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey} # ours\n`;
const OFF = { AWS_EC2_METADATA_DISABLED: 'true' };

type Given = {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly settings?: StoreSettings;
  readonly now?: () => Date;
};

function storeOf(fake: AwsFake, { env = {}, files = {}, settings = {}, now }: Given) {
  const context = createContext({ env: { ...OFF, HOME: '/home/t', ...env }, files, now: now ?? realTime });
  return aws.create({ 'region': REGION, 'endpoint': fake.origin, 'sts-endpoint': fake.origin, ...settings }, context);
}

async function refsBy(fake: AwsFake, given: Given): Promise<string[]> {
  const refs: string[] = [];
  const store = storeOf(fake, given);
  await store.access(signal);
  for await (const one of store.secrets(signal)) if ('ref' in one) refs.push(one.ref);
  await store.close();
  return refs;
}

async function failureBy(fake: AwsFake, given: Given): Promise<StoreError> {
  const thrown = await refsBy(fake, given).then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof StoreError) return thrown;
  throw new Error(`no StoreError: ${inspect(thrown)}`);
}

describe('AWS credentials', () => {
  const credentials = '/home/t/.aws/credentials';
  const config = '/home/t/.aws/config';
  const sources: Record<string, (fake: AwsFake) => Given> = {
    'the environment': () => ({ env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } }),
    'the default profile': () => ({ files: { [credentials]: `[default]\n${OWN_LINES}` } }),
    'a profile of the environment': () => ({ env: { AWS_PROFILE: 'team' }, files: { [config]: `[profile team]\n${OWN_LINES}` } }),
    'a profile of the settings, before the environment': () => ({
      settings: { profile: 'team' },
      env: { AWS_ACCESS_KEY_ID: 'wrong', AWS_SECRET_ACCESS_KEY: 'wrong' },
      files: { [credentials]: `[default]\naws_access_key_id=x\n[team]\n${OWN_LINES}` },
    }),
    'files that variables name': () => ({ env: { AWS_SHARED_CREDENTIALS_FILE: '/other' }, files: { '/other': `[default]\n${OWN_LINES}` } }),
    'a role of a profile, by a source profile': () => ({
      env: { AWS_PROFILE: 'role' },
      files: {
        [config]: `[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nexternal_id = e\n[profile base]\n${OWN_LINES}`,
      },
    }),
    'a role by a role by the profile’s own keys': () => ({
      env: { AWS_PROFILE: 'two' },
      files: {
        [config]: `[profile two]\nrole_arn=arn:aws:iam::1:role/two\nsource_profile=one\n[profile one]\nrole_arn=arn:aws:iam::1:role/one\nsource_profile=one\n${OWN_LINES}`,
      },
    }),
    'a role by keys of the environment': () => ({
      settings: { profile: 'role' },
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      files: { [config]: '[profile role]\nrole_arn=arn:aws:iam::1:role/r\ncredential_source=Environment\n' },
    }),
    'a role of the settings': () => ({
      settings: { role: 'arn:aws:iam::1:role/r' },
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    }),
    'a web identity': () => ({
      env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' },
      files: { '/token': 'web-token\n' },
    }),
    'a profile’s web identity': () => ({
      env: { AWS_PROFILE: 'w' },
      files: { [config]: '[profile w]\nrole_arn=arn:aws:iam::1:role/r\nweb_identity_token_file=/token\n', '/token': 'web-token' },
    }),
    'the container': ({ origin }) => ({
      env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/container`, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token' },
      files: { '/token': 'container-token' },
    }),
    'the machine': ({ origin }) => ({ env: { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: origin } }),
  };

  it.each(Object.keys(sources))('come from %s', async (name) => {
    const fake = await startAws();
    fake.put(arnOf('a'), 'v');
    expect(await refsBy(fake, sources[name]?.(fake) ?? {})).toEqual([arnOf('a')]);
  });

  it('are renewed before they end, and when AWS says that they ended', async () => {
    const fake = await startAws();
    fake.put(arnOf('a'), 'v');
    const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: fake.origin };
    let now = Date.now();
    const store = storeOf(fake, { env, now: () => new Date(now) });
    const read = async () => {
      for await (const one of store.secrets(signal)) expect(one).toMatchObject({ ref: arnOf('a') });
    };
    const given = () => [...fake.keys.keys()].filter((id) => id.startsWith('given')).length;
    await read();
    await read();
    expect(given()).toBe(1);
    now += 56 * 60_000;
    await read();
    expect(given()).toBe(2);
    fake.expired.add('given-key-2');
    await read();
    expect(given()).toBe(3);
  });

  it.each([
    ['nothing', {}, /no AWS credentials/],
    ['a profile that is not there', { settings: { profile: 'gone' } }, /profile gone/],
    ['SSO', { files: { [config]: '[default]\nsso_session = s\nsso_account_id = 1\n' } }, /SSO, which is not supported.*export-credentials/],
    ['a process', { files: { [config]: '[default]\ncredential_process = /bin/x --y\n' } }, /credential_process, which is not supported/],
    ['a role with a second factor', { files: { [config]: '[default]\nrole_arn=r\nmfa_serial=m\nsource_profile=b\n' } }, /mfa_serial/],
    [
      'roles in a circle',
      {
        settings: { profile: 'a' },
        files: { [config]: '[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n' },
      },
      /no credentials/,
    ],
    [
      'a container’s address elsewhere',
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil.example/x' } },
      /may not give credentials/,
    ],
  ] as const)('are missing with %s', async (_name, given, message) => {
    const error = await failureBy(await startAws(), given as Given);
    expect(error.why).toBe('misconfigured');
    expect(error.message).toMatch(message);
  });

  it('are refused by their names, not their values', async () => {
    const fake = await startAws();
    const web = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' };
    const error = await failureBy(fake, { env: web, files: { '/token': 'not-the-web-token' } });
    expect(error.why).toBe('denied');
    expect(inspect(error)).not.toContain('not-the-web-token');
    const role = await failureBy(fake, {
      settings: { role: 'arn:aws:iam::1:role/forbidden' },
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    });
    expect(role.why).toBe('denied');
  });

  it('say who they are', async () => {
    const fake = await startAws();
    const store = storeOf(fake, { env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } });
    expect(await store.access(signal)).toEqual({ identity: 'arn:aws:iam::111122223333:user/t', tooMuch: [] });
  });
});

describe('parseIni', () => {
  it('reads sections, comments and nested settings', () => {
    const text = '# c\n[default]\nregion = eu-west-1 ; here\ns3 =\n  max = 1\nkey=a#b=c\r\n[profile x]\nRegion=us\n[default]\nb=1\n';
    expect(Object.fromEntries(parseIni(text))).toEqual({
      'default': { region: 'eu-west-1', s3: '', key: 'a#b=c', b: '1' },
      'profile x': { region: 'us' },
    });
  });
});
