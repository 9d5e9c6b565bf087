/** `leakwarden rotate --revoke` with what rules and issuers.toml say, as whole command lines inside of the process, against a GitLab on loopback: from a leak to proof. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Providers, startProviders } from '../../fixtures/issuers/providers.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { type Ran, runInProcess } from './run-in-process.ts';

const LEAKED = fillExample('glpat-{{alnum:20}}', 'leaked');
const HOST = 'gitlab.com at home';

describe('revocation at the issuer', () => {
  let home = '';
  let cwd = '';
  let fake: Providers;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'leakwarden-revoke-'));
    cwd = join(home, 'work');
    mkdirSync(cwd);
    fake = await startProviders();
    fake.put(HOST, fillExample('glpat-{{alnum:20}}', 'other'), { id: 'other', owner: 'alice', scopes: ['api'] });
    fake.put(HOST, LEAKED, { id: 'leaked', owner: 'alice', scopes: ['api'] });
    mkdirSync(join(home, '.config/leakwarden'), { recursive: true });
    const settings = `[gitlab]\ninstallations = ["${fake.installation('gitlab.com')}"]\npublic = false\n`;
    writeFileSync(join(home, '.config/leakwarden/issuers.toml'), settings, { mode: 0o600 });
    writeFileSync(join(cwd, 'a.env'), `GITLAB_TOKEN=${LEAKED}\n`);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  async function run(line: string, env: Record<string, string> = {}): Promise<Ran> {
    const said = await runInProcess(line.split(' '), {
      env: { HOME: home, PATH: process.env['PATH'], ...env },
      cwd,
      now: () => new Date(),
    });
    expect(said.stdout + said.stderr).not.toContain(LEAKED);
    return said;
  }

  async function plan(env: Record<string, string> = {}): Promise<{ path: string; words: string }> {
    const { findings } = JSON.parse((await run('scan -f json')).stdout) as { findings: { id: string }[] };
    const path = join(home, 'plan.json');
    const planned = await run(`rotate --revoke ${findings[0]?.id} --proof 0 -o ${path}`, env);
    expect(planned.code, planned.stderr).toBe(0);
    return { path, words: planned.stdout };
  }

  it('plans by asking alone, ends the one that leaked, and proves it', async () => {
    const { path, words } = await plan({ LEAKWARDEN_CHECK: 'all' });
    expect(words).toContain('of ci, alice at 127.0.0.1');
    expect(fake.live(HOST)).toEqual(['other', 'leaked']);
    expect(fake.asked.every(({ method }) => method === 'GET')).toBe(true);
    const applied = await run(`rotate --apply ${path} --approve ada`);
    expect([applied.code, fake.live(HOST)], applied.stderr + applied.stdout).toEqual([0, ['other']]);
    expect(applied.stdout + applied.stderr).toContain('CLOSED');
    expect(fake.asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });
});
