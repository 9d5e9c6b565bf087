/** The user's list of rotators: what is read, what is refused, which rotator is for which credential. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRotators, rotatorOfPlace, rotatorOfRule } from '../../src/cli/rotators-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'leakwarden-rotators-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'rotators.toml');

const read = (text: string) => {
  writeFileSync(path, text, { mode: 0o600 });
  return readRotators(path);
};
const rotator = (more: string): string => `[[rotator]]\nname = "app"\nissuer = "command"\n${more}\n`;
const PLACED = 'store = "team"\nref = "secret/app/db"\nfield = "password"';

describe('rotators.toml', () => {
  it('may be missing', async () => {
    expect(await readRotators(join(folder, 'none.toml'))).toEqual({ rotators: [], protected: [], planMinutes: 15 });
  });

  it('is read', async () => {
    const text = `protected = ["prod"]\nplan-minutes = 240\n${rotator(`${PLACED}\nsettle-seconds = 5\napprovals = 2\nprogram = "x"\nvariables = ["A", "B"]`)}`;
    expect(await read(text)).toEqual({
      protected: ['prod'],
      planMinutes: 240,
      rotators: [
        {
          name: 'app',
          kind: 'command',
          place: { store: 'team', ref: 'secret/app/db', field: 'password' },
          rules: [],
          settlingSeconds: 5,
          proofSeconds: 60,
          approvals: 2,
          settings: { program: 'x', variables: 'A,B' },
        },
      ],
    });
  });

  it('is for the exact place alone', async () => {
    const rotators = await read(`${rotator(PLACED)}[[rotator]]\nname = "tokens"\nissuer = "command"\nrules = ["our-token"]\n`);
    const nameAt = (store: string, ref: string, field: string) => rotatorOfPlace(rotators, store, { ref, field })?.name;
    expect(nameAt('team', 'secret/app/db', 'password')).toBe('app');
    for (const [store, ref, field] of [
      ['team', 'secret/app/db', ''],
      ['team', 'secret/app/db', 'api_key'],
      ['team', 'secret/app', 'password'],
      ['team', 'secret/app/db/2', 'password'],
      ['other', 'secret/app/db', 'password'],
    ] as const)
      expect(nameAt(store, ref, field)).toBe(undefined);
    expect([rotatorOfRule(rotators, 'our-token')?.name, rotatorOfRule(rotators, 'our')?.name]).toEqual(['tokens', undefined]);
  });

  it.each([
    ['a word of its own', 'rotators = 1', 'rotators means nothing here'],
    ['no list', 'rotator = 1', 'it is a list of at most'],
    ['no name', '[[rotator]]\nissuer = "command"', 'rotator 1: name must be'],
    ['no issuer', '[[rotator]]\nname = "a"', 'rotator 1: issuer is missing'],
    ['nothing that it is for', rotator(''), 'it says of no credential that it is for it'],
    ['half a place', rotator('store = "team"'), 'store and ref belong together'],
    ['a field of nothing', rotator('rules = ["our-token"]\nfield = "x"'), 'field belongs to store and ref'],
    ['three people', rotator(`${PLACED}\napprovals = 3`), 'approvals is 1 or 2'],
    ['a wait without end', rotator(`${PLACED}\nsettle-seconds = 9999999`), 'settle-seconds must be a whole number'],
    ['half a second', rotator(`${PLACED}\nproof-seconds = 0.5`), 'proof-seconds must be a whole number'],
    ['plans for ever', 'plan-minutes = 100000', 'plan-minutes must be'],
    ['protected that is no list', 'protected = "prod"', 'protected is a list'],
    ['a setting that is no text', rotator(`${PLACED}\nlength = 40`), 'length must be text'],
    ['the same name twice', rotator(PLACED) + rotator(PLACED), 'two rotators are called app'],
    ['no TOML', '[[rotator', ''],
  ])('is refused with %s', async (_what, text, reason) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'rotators-invalid', message: expect.stringContaining(reason) });
  });

  it.skipIf(process.platform === 'win32')('is refused where others may write to it', async () => {
    writeFileSync(path, rotator(PLACED), { mode: 0o600 });
    chmodSync(path, 0o666);
    await expect(readRotators(path)).rejects.toThrow('others may write to it');
    chmodSync(path, 0o600);
  });
});
