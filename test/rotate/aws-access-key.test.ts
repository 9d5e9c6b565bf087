/**
 * An access key of an IAM user that leaked into a commit, from the finding to its death, with the built program over moto: the key's id and its secret stand in two
 * fields of one secret of Secrets Manager, and both are replaced together. Not there where .cache/tools/moto is not.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { callMoto, MOTO, MOTO_REGION, resetMoto, signedForm, stopMoto } from '../stores/moto.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? join(ROOT, 'bin/leakwarden.cjs');
const folder = mkdtempSync(join(tmpdir(), 'leakwarden-key-'));
const within = (xml: string, name: string): string => xml.split(`<${name}>`)[1]?.split('<')[0] ?? '';

async function newKey(user: string): Promise<{ id: string; secret: string }> {
  await signedForm({ Action: 'CreateUser', UserName: user });
  const made = await signedForm({ Action: 'CreateAccessKey', UserName: user });
  return { id: within(made, 'AccessKeyId'), secret: within(made, 'SecretAccessKey') };
}

/** Text of one secret; every other byte of it must stay. */
const secretOf = ({ id, secret }: { id: string; secret: string }): string =>
  `{ "bucket": "backups", "keyId": "${id}",\n  "secretKey": "${secret}" }`;

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stopMoto();
});

describe.skipIf(!MOTO)('an access key, from finding to death, over moto (needs .cache/tools/moto)', () => {
  it('is replaced in both fields, and dies', { timeout: 120_000 }, async () => {
    const origin = await resetMoto();
    const [leaked, acting] = [await newKey('app'), await newKey('rotator')];
    const { ARN: arn } = await callMoto('CreateSecret', {
      Name: 'app/backup',
      SecretString: secretOf(leaked),
      ClientRequestToken: crypto.randomUUID(),
    });
    const allowed = ['secretsmanager:*', 'iam:*'].map((Action) => ({ Effect: 'Allow', Action, Resource: '*' }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: allowed });
    await signedForm({ Action: 'PutUserPolicy', UserName: 'rotator', PolicyName: 'p', PolicyDocument });
    // From here on moto checks signatures and rights.
    await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: '0' });

    const config = join(folder, 'config/leakwarden');
    const code = join(folder, 'code');
    for (const one of [config, code]) mkdirSync(one, { recursive: true, mode: 0o700 });
    const endpoints = `endpoint = "${origin}"\nsts-endpoint = "${origin}"\n`;
    const write = (name: string, text: string): void => writeFileSync(join(config, name), text, { mode: 0o600 });
    write('stores.toml', `[[store]]\nname = "cloud"\nkind = "aws"\nregion = ["${MOTO_REGION}"]\n${endpoints}`);
    // moto takes keys that are inactive, so that only a deleted one is refused.
    const place = `store = "cloud"\nref = "${String(arn)}"\nfield = "secretKey"\n`;
    const times = 'settle-seconds = 0\nproof-seconds = 2\n';
    write(
      'rotators.toml',
      `[[rotator]]\nname = "backup"\nissuer = "aws-iam"\n${place}user = "app"\nid-field = "keyId"\ndelete = "yes"\n${times}${endpoints}`,
    );
    writeFileSync(join(code, 'app.env'), `AWS_ACCESS_KEY_ID=${leaked.id}\nAWS_SECRET_ACCESS_KEY=${leaked.secret}\n`);

    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_DATA_HOME: join(folder, 'data'),
      AWS_ACCESS_KEY_ID: acting.id,
      AWS_SECRET_ACCESS_KEY: acting.secret,
      GIT_CONFIG_NOSYSTEM: '1',
    };
    let printed = '';
    const run = (command: string, args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(command, [...args], { cwd: code, env, encoding: 'utf8' });
      printed += stdout + stderr;
      return { status, stdout, stderr };
    };
    const leakwarden = (...args: string[]) => run(process.execPath, [PROGRAM, ...args]);
    run('git', ['init', '-q', '.']);
    run('git', ['add', 'app.env']);
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'configuration']);

    expect(leakwarden('store', 'sync').status, printed).toBe(0);
    const finding = /leakwarden rotate ([0-9a-f]+)/.exec(leakwarden('scan', '--fail-on', 'never').stdout)?.[1] ?? '';
    expect(finding, printed).not.toBe('');
    const plan = join(folder, 'plan.json');
    expect(leakwarden('rotate', finding, '--output', plan).status, printed).toBe(0);
    const applied = leakwarden('rotate', '--apply', plan, '--approve', 'A');
    expect(applied.status, printed).toBe(0);
    expect(leakwarden('rotate', 'status').stdout).toContain('CLOSED');
    expect(leakwarden('rotate', 'verify-log').status).toBe(0);

    await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
    // By its label: without one moto gives the version that was written as current, not the one that was made so.
    const { SecretString: text } = await callMoto('GetSecretValue', { SecretId: arn, VersionStage: 'AWSCURRENT' });
    const now = JSON.parse(String(text)) as { keyId: string; secretKey: string };
    expect(text).toBe(secretOf({ id: now.keyId, secret: now.secretKey }));
    const keys = await signedForm({ Action: 'ListAccessKeys', UserName: 'app' });
    expect(
      keys
        .split('<member>')
        .slice(1)
        .map((member) => within(member, 'AccessKeyId')),
    ).toEqual([now.keyId]);
    expect([now.keyId === leaked.id, now.secretKey === leaked.secret]).toEqual([false, false]);
    for (const secret of [leaked.secret, now.secretKey, acting.secret]) expect(printed.includes(secret)).toBe(false);
  });
});
