/** `leakwarden rotate --revoke` of credentials whose id or account stands beside the value: no table says of which user it is. Whole command lines, against clouds on loopback. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAwsIam } from '../../fixtures/issuers/aws-iam.ts';
import { ACCOUNT, createPairs, startGcpKeys, TOKEN } from '../../fixtures/issuers/gcp-keys.ts';
import { runInProcess } from './run-in-process.ts';

describe('revocation by what stands beside', () => {
  let home = '';
  let hidden: string[] = [];
  const found = (): string => join(home, 'work/found.env');
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'leakwarden-beside-'));
    mkdirSync(join(home, '.config/leakwarden'), { recursive: true });
    mkdirSync(join(home, 'work'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const settings = (text: string): void => writeFileSync(join(home, '.config/leakwarden/issuers.toml'), text, { mode: 0o600 });

  async function run(line: string, env: Record<string, string>): Promise<{ code: number; said: string; stdout: string }> {
    const outside = { env: { HOME: home, PATH: process.env['PATH'], ...env }, cwd: join(home, 'work'), now: () => new Date() };
    const { code, stdout, stderr } = await runInProcess(line.split(' '), outside);
    const said = stdout + stderr;
    for (const value of hidden) expect(said).not.toContain(value);
    return { code, said, stdout };
  }

  async function plan(rule: string, env: Record<string, string>): Promise<{ said: string; path: string }> {
    const { findings } = JSON.parse((await run('scan -f json --fail-on never', env)).stdout) as {
      findings: { id: string; rule: string }[];
    };
    const path = join(home, 'plan.json');
    const id = findings.find((finding) => finding.rule === rule)?.id;
    const planned = await run(`rotate --revoke ${id} --proof 0 -o ${path}`, env);
    expect(planned.code, planned.said).toBe(0);
    return { said: planned.said, path };
  }

  async function beginAws() {
    const fake = await startAwsIam();
    settings(`[aws]\nendpoint = "${fake.origin}"\nsts-endpoint = "${fake.origin}"\n`);
    const [other, leaked] = [fake.make(), fake.make()];
    hidden = [leaked.secret, fake.admin.secretAccessKey];
    writeFileSync(found(), `AWS_ACCESS_KEY_ID=${leaked.id}\nAWS_SECRET_ACCESS_KEY=${leaked.secret}\n`);
    const env = { AWS_ACCESS_KEY_ID: fake.admin.accessKeyId, AWS_SECRET_ACCESS_KEY: fake.admin.secretAccessKey };
    return { fake, other, leaked, env };
  }

  it('AWS: the user is asked for by the key id; the very key ends', async () => {
    const { fake, other, leaked, env } = await beginAws();
    const { said, path } = await plan('aws-secret-access-key', env);
    expect(said).toContain(leaked.id);
    expect([leaked.isActive, fake.asked.some(({ body }) => body.includes('UpdateAccessKey'))]).toEqual([true, false]);
    const applied = await run(`rotate --apply ${path} --approve ada`, env);
    expect([applied.code, leaked.isActive, other.isActive], applied.said).toEqual([0, false, true]);
  });

  it('AWS: a run that stopped goes on with the id that was kept, though the file is gone', async () => {
    const { fake, leaked, env } = await beginAws();
    const { path } = await plan('aws-secret-access-key', env);
    fake.forbidden.add('UpdateAccessKey');
    const stopped = await run(`rotate --apply ${path} --approve ada`, env);
    expect([stopped.code === 0, leaked.isActive], stopped.said).toEqual([false, true]);
    fake.forbidden.clear();
    rmSync(found());
    const resumed = await run('rotate resume', env);
    expect([resumed.code, leaked.isActive], resumed.said).toEqual([0, false]);
  });

  it('AWS: nothing is planned without a key id, or for whoever may not ask whose it is', async () => {
    const { fake, leaked, env } = await beginAws();
    fake.forbidden.add('GetAccessKeyLastUsed');
    const { findings } = JSON.parse((await run('scan -f json --fail-on never', env)).stdout) as { findings: { id: string }[] };
    const denied = await run(`rotate --revoke ${findings[0]?.id}`, env);
    expect([denied.code, denied.said]).toEqual([2, expect.stringContaining('GetAccessKeyLastUsed answered 403 AccessDenied')]);
    writeFileSync(found(), `AWS_SECRET_ACCESS_KEY=${leaked.secret}\n`);
    const alone = await run(`rotate --revoke ${findings[0]?.id}`, env);
    expect([alone.code, alone.said]).toEqual([2, expect.stringContaining('no key id stands beside the value')]);
  });

  it('Google: the account stands in the key file', async () => {
    const fake = await startGcpKeys(createPairs(1));
    settings(`[google]\nendpoint = "${fake.origin}"\ntoken-endpoint = "${fake.origin}/token"\ntoken-variable = "ADMIN_TOKEN"\n`);
    const key = fake.make();
    writeFileSync(found(), fake.fileOf(key));
    const { said, path } = await plan('google-service-account-key', { ADMIN_TOKEN: TOKEN });
    expect(said).toContain(`switches ${key.id} of ${ACCOUNT} off`);
    const applied = await run(`rotate --apply ${path} --approve ada`, { ADMIN_TOKEN: TOKEN });
    expect([applied.code, key.disabled], applied.said).toEqual([0, true]);
  });
});
