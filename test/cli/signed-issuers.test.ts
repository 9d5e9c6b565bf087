/** `--check issuers` for keys that sign their question, as whole command lines inside of the process: what is found beside a key is handed on, and nothing of either is said again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, startAwsIam } from '../../fixtures/issuers/aws-iam.ts';
import { createPairs, startGcpKeys } from '../../fixtures/issuers/gcp-keys.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { startLoopback } from '../net/loopback.ts';
import { runInProcess } from './run-in-process.ts';

type Shown = { readonly findings: readonly { readonly rule: string; readonly verdict: Record<string, unknown> }[] };

describe('keys that sign, on the command line', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'leakwarden-signed-'));
    mkdirSync(join(home, '.config/leakwarden'), { recursive: true });
    mkdirSync(join(home, 'work'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const settings = (provider: string, origin: string): void =>
    writeFileSync(join(home, '.config/leakwarden/issuers.toml'), `[${provider}]\ninstallations = ["${origin}"]\npublic = false\n`, {
      mode: 0o600,
    });

  async function check(text: string): Promise<{ stderr: string; stdout: string; verdicts: Map<string, Record<string, unknown>> }> {
    writeFileSync(join(home, 'work/a.env'), text);
    const env = { HOME: home, PATH: process.env['PATH'] };
    const said = await runInProcess(['scan', '--check', 'issuers', '-f', 'json'], { env, cwd: join(home, 'work'), now: () => new Date() });
    const { findings } = JSON.parse(said.stdout) as Shown;
    return { ...said, verdicts: new Map(findings.map(({ rule, verdict }) => [rule, verdict])) };
  }

  it('AWS: id and secret together; an id alone, or a secret alone, asks nobody', async () => {
    const fake = await startAwsIam();
    settings('aws', fake.origin);
    const { id, secret } = fake.make();
    const both = await check(`AWS_ACCESS_KEY_ID=${id}\nAWS_SECRET_ACCESS_KEY=${secret}\n`);
    expect(both.stderr).toContain(`1 value to ${new URL(fake.origin).host}`);
    expect(both.verdicts.get('aws-secret-access-key')).toMatchObject({
      state: 'live',
      by: 'AWS',
      identity: `account ${ACCOUNT}, arn:aws:iam::${ACCOUNT}:user/team/app`,
    });
    expect(both.stdout + both.stderr).not.toContain(secret);
    fake.asked.length = 0;
    const alone = await check(`AWS_SECRET_ACCESS_KEY=${secret}\n`);
    expect(alone.verdicts.get('aws-secret-access-key')).toMatchObject({ state: 'unknown', why: 'no-checker', detail: expect.any(String) });
    await check(`AWS_ACCESS_KEY_ID=${id}\n`);
    expect(fake.asked).toEqual([]);
  });

  it('AWS: the session token of temporary keys is a part of the finding', async () => {
    const fake = await startAwsIam();
    settings('aws', fake.origin);
    const token = fillExample('IQoJb3JpZ2lu{{base64:200}}', 'token');
    const key = Object.assign(fake.make(), { token });
    const temporaryId = key.id.replace('AKIA', 'ASIA');
    fake.keys.set(temporaryId, key);
    const { verdicts } = await check(
      `[x]\naws_access_key_id = ${temporaryId}\naws_secret_access_key = ${key.secret}\naws_session_token = ${token}\n`,
    );
    expect(verdicts.get('aws-secret-access-key')).toMatchObject({ state: 'live' });
    expect([...verdicts.keys()]).toEqual(['aws-secret-access-key']);
  });

  it('Google: a key file, as it is and in one line of a variable', async () => {
    const fake = await startGcpKeys(createPairs(1));
    settings('google', fake.origin);
    const file = fake.fileOf(fake.make()).replace('{', '{\n  "token_uri": "https://evil.example/token",');
    const [whole, line] = [await check(file), await check(`GOOGLE_CREDENTIALS=${JSON.stringify(JSON.stringify(JSON.parse(file)))}\n`)];
    for (const { verdicts } of [whole, line])
      expect(verdicts.get('google-service-account-key')).toMatchObject({ state: 'live', identity: 'robot@team-a.iam.gserviceaccount.com' });
    expect(fake.asked.map(({ path }) => path)).toEqual(['/token', '/token']);
  });

  it.each([
    [200, { access_token: 'x' }, { state: 'live' }],
    [401, { error_codes: [7000222] }, { state: 'retired' }],
    [400, { error_codes: [90002] }, { state: 'unknown', why: 'odd-reply' }],
    [400, { error_codes: [700016] }, { state: 'unknown', why: 'odd-reply' }],
  ])('Entra ID: %j %j', async (status, body, expected) => {
    const server = await startLoopback(() => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }));
    settings('azure', server.origin);
    const [tenant, client, secret] = ['{{uuid}}', '{{uuid}}', '{{marvin32-base66:aB38Q~:31}}'].map((one, at) =>
      fillExample(one, `entra-${at}`),
    );
    const { verdicts, stdout } = await check(`AZURE_TENANT_ID=${tenant}\nAZURE_CLIENT_ID=${client}\nAZURE_CLIENT_SECRET=${secret}\n`);
    expect(verdicts.get('azure-entra-client-secret')).toMatchObject(expected);
    expect(stdout).not.toContain(secret);
    const [asked] = server.asked;
    expect([asked?.path, new URLSearchParams(asked?.body).get('client_id')]).toEqual([`/${tenant}/oauth2/v2.0/token`, client]);
  });
});
