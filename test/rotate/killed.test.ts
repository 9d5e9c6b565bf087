/** The built program, ended by SIGKILL at each state and each step of a rotation, before, in and after the line of its log, and by its own far side; then resumed. */
import { afterAll, describe, expect, it } from 'vitest';
import { RotationHome } from './rotation-home.ts';

const STATES = ['APPROVED', 'LOCKED', 'CREATED', 'APPLIED', 'TESTED', 'PROMOTED', 'SETTLING', 'OLD_DISABLED', 'OLD_DEAD', 'CLOSED'];
const STEPS = ['command:make', 'command:apply', 'local:write', 'local:disable', 'command:disable'];
/** Canonical JSON has its names in order. */
const LINES: readonly (readonly [name: string, text: string])[] = [
  ['begin', '"event":"begin"'],
  ...STATES.map((state) => [`state ${state}`, `"state":"${state}"`] as const),
  ...STEPS.flatMap((step) => ['doing', 'done'].map((word) => [`${word} ${step}`, `"action":"${step}","event":"${word}"`] as const)),
  ['kept', '"event":"kept"'],
  ['end', '"event":"end"'],
];
/** Before, in and after a line, where each tells something else; a kill before a line is one after the line before it. */
const WHENS: readonly (readonly [when: string, names: RegExp])[] = [
  ['before', /^(?:begin|doing|end)/],
  ['after', /./],
  ['next', /^(?:begin|kept|end)/],
];

const DONE = {
  takesOld: false,
  takesCurrent: true,
  taken: 1,
  isOldCurrent: false,
  versions: ['2 current', '1 disabled'],
  kept: 0,
  closed: true,
};

describe('a rotation that is killed', () => {
  const home = new RotationHome('killed');
  home.begin();
  const rows: string[] = [];
  afterAll(() => {
    home.remove();
    process.stdout.write(
      `\nkilled (SIGKILL), or out of room, then resumed:\n${rows.join('\n')}\n${rows.length} times, the same end or a safe one\n`,
    );
  });

  /** Goes on as a person would, and returns what that was. */
  function goOn(): string {
    const resumed = home.run(['rotate', 'resume', '--quiet']);
    if (resumed.status === 0) return 'resumed';
    expect(resumed.stderr).toContain('no rotation waits');
    if (home.log().includes('"event":"begin"')) return 'was over';
    const again = home.apply();
    expect([again.status, again.stderr]).toEqual([0, '']);
    return 'begun again';
  }

  async function check(name: string, env: Readonly<Record<string, string>>): Promise<void> {
    home.again();
    const killed = home.apply(env);
    expect([name, killed.signal ?? killed.status, killed.stdout]).toEqual([name, 'SIGKILL', '']);
    const lines = home.log().split('\n').length - 1;
    const how = goOn();
    const { changes, ...left } = await home.state();
    rows.push(
      `${name.padEnd(32)} ${String(lines).padStart(2)} lines in the log   ${how.padEnd(12)} ${left.versions.join(', ')}; ${changes.join(', ')}`,
    );
    expect([name, left]).toEqual([name, DONE]);
    expect([name, home.checkLog().faults]).toEqual([name, []]);
    // Nothing was done twice that the far side had heard of.
    expect([name, changes]).toEqual([name, ['apply', 'disable']]);
  }

  it.each(WHENS)('comes to the same end, killed %s a line of its log is written', { timeout: 300_000 }, async (when, names) => {
    for (const [name, text] of LINES)
      if (names.test(name)) await check(`${when} ${name}`, { LEAKWARDEN_KILL_AT: text, LEAKWARDEN_KILL_WHEN: when });
  });

  it('comes to the same end, killed by the far side before or after that did it', { timeout: 120_000 }, async () => {
    for (const operation of ['describe', 'check', 'happened', 'apply', 'disable'])
      for (const when of ['before', 'after']) await check(`${when} ${operation} of the issuer`, { SERVICE_KILLS: `${operation}:${when}` });
  });

  it('says so, and goes on when there is room again, where the disk is full', { timeout: 120_000 }, async () => {
    const values = [
      ['the kept old value', '"ref":"old"'],
      ['the kept new value', '"ref":"new"'],
      ['the store', 'local-secret@1","ref":"app/db"'],
    ] as const;
    const lines = LINES.filter(([name]) =>
      /^(?:begin|state CREATED|doing local:write|done command:apply|state PROMOTED|done command:disable|end)$/.test(name),
    );
    for (const [name, text] of [...values, ...lines]) {
      home.again();
      const full = home.apply({ LEAKWARDEN_KILL_AT: text, LEAKWARDEN_KILL_WHEN: 'full' });
      expect([name, full.status === 1 || full.status === 2, `${full.stdout}${full.stderr}`.includes('no space left on the disk')]).toEqual([
        name,
        true,
        true,
      ]);
      const how = full.status === 1 ? 'taken back' : goOn();
      const { changes, ...left } = await home.state();
      rows.push(
        `no room for ${name.padEnd(20)} exit ${full.status}              ${how.padEnd(12)} ${left.versions.join(', ')}; ${changes.join(', ')}`,
      );
      if (how === 'taken back') expect([name, left.taken, left.takesOld, left.isOldCurrent, left.kept]).toEqual([name, 1, true, true, 0]);
      else expect([name, left, changes]).toEqual([name, DONE, ['apply', 'disable']]);
      expect([name, home.checkLog().faults]).toEqual([name, []]);
    }
  });
});
