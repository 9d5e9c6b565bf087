/** The audit log's route, over logs written here and the fake's hashes; over a real OpenBao in vault-real.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditHash, startFakeVault } from '../../fixtures/stores/vault.ts';
import { Secret } from '../../src/core/secret.ts';
import { StoreError } from '../../src/core/stores.ts';
import { createSession } from '../../src/stores/vault.ts';
import { askAuditTrail } from '../../src/stores/vault-audit-hash.ts';
import { createContext, realTime } from './store-context.ts';
import { signal } from './vault-start.ts';

type Line = {
  type?: string;
  time?: string;
  by?: string;
  path?: string;
  namespace?: string;
  token?: string;
  data?: unknown;
  answer?: unknown;
};

function line({
  type = 'request',
  time = '2026-05-01T10:00:00Z',
  by = 'ci',
  path = 'secret/data/app',
  namespace,
  token = 'x',
  data,
  answer,
}: Line): string {
  return JSON.stringify({
    time,
    type,
    auth: { client_token: auditHash(token), display_name: by },
    request: {
      path,
      client_token: auditHash(token),
      namespace: namespace ? { id: 'n', path: namespace } : { id: 'root' },
      ...(data ? { data } : {}),
    },
    ...(answer ? { response: { data: answer } } : {}),
  });
}

async function search(
  content: string | Buffer,
  values: readonly string[],
  options: { device?: string; maxBytes?: number; file?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'audit.log');
  writeFileSync(file, content);
  const fake = await startFakeVault({ flavour: 'openbao', engine: 2 });
  const session = createSession({ address: fake.origin }, createContext({ env: { VAULT_TOKEN: 'root' }, now: realTime }));
  const { device = 'file', maxBytes } = options;
  const trail = { device, files: [options.file ?? file], ...(maxBytes === undefined ? {} : { maxBytes }) };
  return askAuditTrail(
    session,
    trail,
    values.map((value) => new Secret(value)),
    signal,
  );
}

describe('the audit log of Vault', () => {
  const leaked = auditHash('leaked-5521');
  const noise = line({ path: 'secret/data/other', data: { data: { k: auditHash('other') } } });

  it('tells where a value was written and read, when, how often and by whom', async () => {
    const text = [
      noise,
      line({ data: { data: { user: 'u', deep: [{ password: leaked }] } }, by: 'admin' }),
      line({ type: 'response', data: { data: { password: leaked } }, by: 'admin', answer: { version: 1 } }),
      line({ type: 'response', time: '2026-05-03T10:00:00Z', by: 'app', answer: { data: { password: leaked } } }),
      line({ type: 'response', time: '2026-05-02T10:00:00Z', by: 'ci', answer: { data: { password: leaked } } }),
      line({ type: 'response', namespace: 'team-a/', path: 'db/creds/x', answer: { password: leaked } }),
    ].join('\n');
    const { uses, isWhole, oddLines, bytes } = await search(`${text}\n`, ['leaked-5521', 'never-seen']);
    expect(uses).toEqual([
      [
        {
          how: 'written',
          path: 'secret/data/app',
          firstAt: '2026-05-01T10:00:00Z',
          lastAt: '2026-05-01T10:00:00Z',
          times: 1,
          by: ['admin'],
        },
        {
          how: 'read',
          path: 'secret/data/app',
          firstAt: '2026-05-02T10:00:00Z',
          lastAt: '2026-05-03T10:00:00Z',
          times: 2,
          by: ['app', 'ci'],
        },
        { how: 'read', path: 'team-a/db/creds/x', firstAt: '2026-05-01T10:00:00Z', lastAt: '2026-05-01T10:00:00Z', times: 1, by: ['ci'] },
      ],
      [],
    ]);
    expect([isWhole, oddLines, bytes]).toEqual([true, 0, Buffer.byteLength(text) + 1]);
  });

  it('knows a token of the store by its use', async () => {
    const { uses } = await search(line({ token: 'token-3391', path: 'secret/data/db' }), ['token-3391']);
    expect(uses[0]).toMatchObject([{ how: 'presented', path: 'secret/data/db', times: 1 }]);
  });

  it('does not take its own question, or anybody’s, for a use', async () => {
    const own = { path: 'sys/audit-hash/file', data: { input: leaked } };
    const text = [line(own), line({ ...own, type: 'response', answer: { hash: leaked } })].join('\n');
    expect((await search(text, ['leaked-5521'])).uses).toEqual([[]]);
  });

  it('finds lines that lie across pieces, and a last one without an end', async () => {
    const wanted = line({ data: { data: { password: leaked } } });
    const filler = `${noise}\n`.repeat(Math.ceil((1 << 20) / (noise.length + 1)) - 1);
    const text = `${filler}${wanted}\n${filler}${wanted}\n${filler}${filler}${wanted}`;
    expect((await search(text, ['leaked-5521'])).uses[0]?.[0]?.times).toBe(3);
  });

  it('counts what it cannot read, and goes on', async () => {
    const wanted = line({ data: { data: { password: leaked } } });
    const long = Buffer.alloc((4 << 20) + 10, `"${leaked}"`);
    const text = Buffer.concat([Buffer.from(`{ broken ${leaked}\n[${JSON.stringify(leaked)}]\n`), long, Buffer.from(`\n${wanted}\n`)]);
    const { uses, oddLines } = await search(text, ['leaked-5521']);
    expect([uses[0]?.[0]?.times, oddLines]).toEqual([1, 3]);
  });

  it('reads a file that is too large from its end, and says so', async () => {
    const text = [line({ path: 'old', data: leaked }), noise, line({ path: 'recent', data: leaked })].join('\n');
    const { uses, isWhole } = await search(text, ['leaked-5521'], { maxBytes: noise.length });
    expect([uses[0]?.map(({ path }) => path), isWhole]).toEqual([['recent'], false]);
  });

  it('keeps a bounded number of paths, and says so', async () => {
    const text = Array.from({ length: 1001 }, (_, n) => line({ path: `secret/data/${n}`, data: leaked })).join('\n');
    const { uses, isWhole } = await search(text, ['leaked-5521']);
    expect([uses[0]?.length, isWhole]).toEqual([1000, false]);
  });

  it('says which device or file there is not', async () => {
    const fail = async (options: object): Promise<unknown> => search('', ['x'], options).then(null, (error: unknown) => error);
    for (const [options, word] of [
      [{ device: 'syslog' }, 'syslog'],
      [{ file: '/no/such/audit.log' }, '/no/such/audit.log'],
      [{ file: tmpdir() }, 'no file'],
    ] as const) {
      const error = await fail(options);
      expect(error).toBeInstanceOf(StoreError);
      expect([(error as StoreError).why, (error as StoreError).message.includes(word)]).toEqual(['misconfigured', true]);
    }
  });
});
