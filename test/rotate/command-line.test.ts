/** The commands of rotations, whole command lines of the built program: what they refuse, what they say, what they leave. */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { RotationHome } from './rotation-home.ts';

const home = new RotationHome('command line');
const planned = home.begin();
const plan = JSON.parse(readFileSync(home.plan, 'utf8')) as { steps: { id: string }[]; warnings: string[]; approvals: number };
afterAll(() => home.remove());
beforeEach(() => home.again());

const UNTOUCHED = {
  takesOld: true,
  takesCurrent: true,
  taken: 1,
  isOldCurrent: true,
  versions: ['1 current'],
  kept: 0,
  closed: false,
  changes: [],
};
const CLOSED = {
  takesOld: false,
  takesCurrent: true,
  taken: 1,
  isOldCurrent: false,
  versions: ['2 current', '1 disabled'],
  kept: 0,
  closed: true,
};
const changePlan = (change: (text: string) => string): void => writeFileSync(home.plan, change(readFileSync(home.plan, 'utf8')));
const LIMIT = { timeout: 60_000 };

describe('leakwarden rotate FINDING', LIMIT, () => {
  it('plans, and changes nothing', async () => {
    expect([planned.status, planned.stderr]).toEqual([0, '']);
    expect(plan.steps.map(({ id }) => id)).toEqual(['command:make', 'command:apply', 'local:write', 'local:disable', 'command:disable']);
    expect(planned.stdout).not.toContain(home.old);
    expect(await home.state()).toEqual(UNTOUCHED);
  });

  it('says what will be done, in words', () => {
    const { stdout, status } = home.run(['rotate', home.finding.slice(0, 8)]);
    expect(status).toBe(0);
    for (const text of [
      'app.env:1, open since',
      'mine: app/db, version 1',
      '[PROMOTED]',
      'taken back:',
      'nobody has read app/db',
      'leakwarden rotate --apply ',
    ])
      expect(stdout).toContain(text);
    expect(stdout).not.toContain(home.old);
  });

  it('takes a line of a file, as fix does, and knows since when it has been open', () => {
    const { stdout, status } = home.run(['rotate', './app.env:1', '--json']);
    const { id, plan: seen } = { id: home.finding, plan: JSON.parse(stdout) as { finding: { id: string; exposedSince: string | null } } };
    expect([status, seen.finding.id]).toEqual([0, id]);
    expect(seen.finding.exposedSince).toMatch(/^\d{4}-/);
    expect(home.run(['rotate', 'app.env:1', home.finding, '--json']).stdout.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['a finding that is not there', ['ffffffff'], 'there is no finding ffffffff in the working directory'],
    ['what is neither id nor place', ['everything'], 'everything is neither FILE:LINE nor the beginning of a finding'],
    ['too little of an id', ['ffff'], 'ffff is neither'],
    ['a line without a finding', ['app.env:2'], 'there is no finding at app.env:2'],
    ['nothing', [], 'name a finding by FILE:LINE or its id'],
    ['a place that does not hold it', ['FINDING', '--at', 'mine:app/other'], 'it is not at mine:app/other, but at mine:app/db'],
    ['a revocation of what nobody can end', ['FINDING', '--revoke'], ' is known '],
    ['approval of what nobody has read', ['FINDING', '--approve', 'alice'], '--approve belongs to --apply'],
  ])('refuses %s', (_what, words, sentence) => {
    const { status, stderr } = home.run(['rotate', ...words.map((word) => (word === 'FINDING' ? home.finding : word))]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('refuses to guess which secret is meant, and takes the one that is named', () => {
    home.run(['store', 'put', 'other/db'], {}, home.old);
    home.run(['store', 'sync']);
    const refused = home.run(['rotate', home.finding]);
    expect(refused.stderr).toContain('several secrets hold it: mine:app/db, mine:other/db');
    expect(home.run(['rotate', home.finding, '--at', 'mine:app/db']).status).toBe(0);
    expect(home.run(['rotate', home.finding, '--at', 'other/db']).stderr).toContain('only holds the value: name in rotators.toml');
  });

  it('reads no rotators that others may write to, and none of a repository', () => {
    const own = join(home.home, '.config/leakwarden/rotators.toml');
    writeFileSync(join(home.home, 'work/rotators.toml'), '[[rotator]]\nname = "x"\nissuer = "nobody"\nrules = ["generic-password"]\n');
    expect(home.run(['rotate', home.finding]).status).toBe(0);
    appendFileSync(own, 'settle = 5\n');
    expect(home.run(['rotate', home.finding]).stderr).toContain('settle must be text');
    appendFileSync(own, 'x'.repeat(10));
    expect(home.run(['rotate', home.finding]).status).toBe(2);
  });
});

describe('leakwarden rotate --apply', LIMIT, () => {
  it('carries the plan out, once, and closes the finding until the value is back', async () => {
    const { status, stdout } = home.apply();
    expect([status, stdout]).toEqual([0, expect.stringContaining('CLOSED: the leaked value is dead')]);
    const { changes: _, ...left } = await home.state();
    expect(left).toEqual(CLOSED);
    expect(home.log()).not.toContain(home.old);
    expect(home.apply().stderr).toContain('it was carried out already');

    const scan = home.run(['scan', '--fail-on', 'live']);
    expect(scan.stdout).toMatch(/retired since .*, was open from .* says command:/);
    expect(scan.status).toBe(0);

    // It appears somewhere else: open again, and said once.
    writeFileSync(join(home.home, 'work/other.env'), `DB_PASSWORD=${home.old}\n`);
    const again = home.run(['scan', '--fail-on', 'live']);
    expect(again.stderr).toContain('was closed, and is open again: it appeared in other.env');
    expect(home.run(['scan', '--fail-on', 'live']).stderr).not.toContain('open again');
  });

  it('opens a closed finding again when its store says that the value is current', () => {
    home.apply();
    home.run(['store', 'rotate', 'app/db', '--stdin'], {}, home.old);
    home.run(['store', 'sync']);
    const scan = home.run(['scan', '--fail-on', 'live']);
    expect([scan.status, scan.stderr]).toEqual([1, expect.stringContaining('open again: it works again')]);
  });

  it.each([
    ['without approval', [], 'it needs somebody who approves it'],
    ['with an empty name', ['--approve', ' '], 'it needs somebody who approves it'],
  ])('refuses %s', async (_what, words, sentence) => {
    const { status, stderr } = home.run(['rotate', '--apply', home.plan, ...words]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(await home.state()).toEqual(UNTOUCHED);
  });

  it.each([
    ['that was changed', (text: string) => text.replace('"approvals":1', '"approvals":0'), 'it needs somebody'],
    ['whose step was changed', (text: string) => text.replace('if version 1 is current still', 'whatever'), 'is not what the plan says'],
    [
      'with more in it than is shown',
      (text: string) => text.replace('{"approvals"', '{"also":"x","approvals"'),
      'it holds what no plan holds',
    ],
    ['of another value', (text: string) => text.replace(/"print":"[0-9a-f]{4}/, '"print":"0000'), 'no longer what the plan is about'],
    ['that is too old', (text: string) => text.replace(/"expiresAt":"\d{4}/, '"expiresAt":"2020'), 'has expired'],
    ['that is none', () => '{}', 'its schema is not'],
  ])('refuses a plan %s', async (_what, change, sentence) => {
    changePlan(change);
    const approve = sentence === 'it needs somebody' ? [] : ['--approve', 'alice'];
    const { status, stderr } = home.run(['rotate', '--apply', home.plan, ...approve]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(await home.state()).toEqual(UNTOUCHED);
  });

  it('refuses a plan when somebody else was there since', async () => {
    home.run(['store', 'rotate', 'app/db']);
    const { status, stderr } = home.apply();
    expect([status, stderr]).toEqual([2, expect.stringMatching(/has changed since|does not hold it any more/)]);
    expect((await home.state()).versions).toEqual(['2 current', '1 superseded']);
  });

  it('refuses two plans at once by hand', () => {
    const { status, stderr } = home.run(['rotate', '--apply', home.plan, '--apply', home.plan, '--approve', 'alice']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('one secret is rotated at a time')]);
  });

  it('lets one of two runs in, and refuses the other', async () => {
    const both = await Promise.all([1, 2].map(() => background(['rotate', '--apply', home.plan, '--approve', 'alice', '--quiet'])));
    expect(both.map(({ status }) => status).sort()).toEqual([0, 2]);
    expect(both.find(({ status }) => status === 2)?.stderr).toMatch(/process \d+ works on the rotation of app\/db|carried out already/);
    const { changes, ...left } = await home.state();
    expect([left, changes]).toEqual([CLOSED, ['apply', 'disable']]);
    expect(home.checkLog().faults).toEqual([]);
  });

  it('takes back what it began when the issuer refuses, and says so', async () => {
    const { status, stdout } = home.apply({ SERVICE_FAILS: 'apply:1' });
    expect([status, stdout]).toEqual([1, expect.stringContaining('ABORTED_SAFE: the new value was thrown away')]);
    expect((await home.state()).versions).toEqual(['1 current']);
    expect((await home.state()).kept).toBe(0);
    expect(home.run(['rotate', 'status']).status).toBe(0);
  });
});

describe('a rotation that waits', LIMIT, () => {
  it('is shown, resumed, and not begun a second time', async () => {
    const stopped = home.apply({ SERVICE_FAILS: 'disable:75' });
    expect([stopped.status, stopped.stdout]).toEqual([
      3,
      expect.stringMatching(/stopped: .*cannot disable at this time; leakwarden rotate resume [0-9a-f]{12}/),
    ]);
    expect(await home.state()).toMatchObject({ takesOld: true, takesCurrent: true, isOldCurrent: false, kept: 2 });
    const status = home.run(['rotate', 'status']);
    expect([status.status, status.stdout]).toEqual([3, expect.stringContaining('SETTLING; stopped:')]);
    home.run(['store', 'sync']);
    expect(home.apply().stderr).toContain('it was begun already');
    expect(home.run(['rotate', 'resume', '--quiet']).status).toBe(0);
    const { changes: _, ...left } = await home.state();
    expect(left).toEqual(CLOSED);
  });

  it('is taken back when somebody wants it', async () => {
    home.apply({ SERVICE_FAILS: 'disable:75' });
    const { status, stdout } = home.run(['rotate', 'abort', '--reason', 'the release is off']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('ROLLED_BACK: the leaked value is in force again, and still exposed: the release is off'),
    ]);
    expect(await home.state()).toMatchObject({ takesOld: true, isOldCurrent: true, taken: 1, kept: 0, closed: false });
    expect(home.run(['rotate', 'resume']).stderr).toContain('no rotation waits');
  });

  it('is over when somebody has put it right by hand', async () => {
    home.apply({ SERVICE_FAILS: 'disable:75' });
    const { status } = home.run(['rotate', 'abort', '--settled-by', 'bob']);
    expect(status).toBe(0);
    expect((await home.state()).kept).toBe(0);
    const shown = home.run(['rotate', 'status', '--json']);
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringContaining('"by": "bob"')]);
    expect(home.checkLog().faults).toEqual([]);
  });
});

describe('--rotate=plan', LIMIT, () => {
  it.each(['scan', 'audit'])('%s: writes plans into the report, and changes nothing', async (command) => {
    const words = [
      command,
      '--rotate=plan',
      '--fail-on',
      'never',
      '--format',
      'json',
      '--output',
      'leaks.json',
      '--format',
      'text',
      '--output',
      '-',
    ];
    const { status, stdout } = home.run(words);
    const report = JSON.parse(readFileSync(join(home.home, 'work/leaks.json'), 'utf8')) as {
      rotations: { finding: string; id: string; plan: object }[];
    };
    expect(report.rotations).toMatchObject([{ finding: home.finding, plan: { schema: 'leakwarden/rotation-plan@1', what: 'replace' } }]);
    const { id = '', plan: written } = report.rotations[0] ?? {};
    expect([status, stdout]).toEqual([0, expect.stringContaining(`planned: leakwarden rotate --apply ${id.slice(0, 12)}`)]);
    expect(await home.state()).toEqual(UNTOUCHED);
    const again = (...of: string[]): string => home.run([...of, '--fail-on', 'never']).stdout;
    expect(JSON.parse(again('report', 'leaks.json', '--format', 'json'))).toEqual(report);
    expect(JSON.parse(again('check', 'leaks.json', '--format', 'json'))).toMatchObject({ rotations: [{ id }] });
    // The plan of the report is a plan.
    writeFileSync(home.plan, JSON.stringify(written, null, 2));
    expect(home.apply().status).toBe(0);
    expect(JSON.parse(again('check', 'leaks.json', '--format', 'json'))).toMatchObject({ rotations: [] });
  });

  it('says why there is no plan', () => {
    writeFileSync(join(home.home, '.config/leakwarden/rotators.toml'), '');
    const { stdout } = home.run(['scan', '--rotate', 'plan', '--fail-on', 'never']);
    expect(stdout).toContain('no plan: ');
    expect(stdout).toContain('only holds the value');
    expect(home.run(['scan', '--rotate', 'apply']).stderr).toContain('--rotate must be one of plan');
  });
});

describe('protected stores', LIMIT, () => {
  it('want two people', async () => {
    const rotators = join(home.home, '.config/leakwarden/rotators.toml');
    writeFileSync(rotators, `protected = ["mine"]\n${readFileSync(rotators, 'utf8')}`, { mode: 0o600 });
    expect(home.run(['rotate', home.finding, '--output', 'two.json']).stdout).toContain('--approve NAME1 --approve NAME2');
    const apply = (...names: readonly string[]) =>
      home.run(['rotate', '--apply', 'two.json', '--quiet', ...names.flatMap((name) => ['--approve', name])]);
    for (const names of [['alice'], ['alice', 'ALICE '], []]) expect(apply(...names).stderr).toContain('it needs 2 people');
    expect(apply('alice', 'bob').status).toBe(0);
    expect(home.log()).toContain('"approvedBy":["alice","bob"]');
  });
});

describe('leakwarden rotate verify-log', LIMIT, () => {
  it('says that it holds, and what was changed', () => {
    home.apply();
    const whole = home.run(['rotate', 'verify-log']);
    expect([whole.status, whole.stdout]).toEqual([0, expect.stringMatching(/^29 lines hold; the last is 29:[0-9a-f]{64}\n$/)]);
    const last = /29:[0-9a-f]{64}/.exec(whole.stdout)?.[0] ?? '';
    expect(home.run(['rotate', 'verify-log', '--expect', last]).status).toBe(0);
    const file = join(home.home, '.local/state/leakwarden/rotation/journal.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"approvedBy":["alice"]', '"approvedBy":["mallory"]'));
    const changed = home.run(['rotate', 'verify-log']);
    expect([changed.status, changed.stdout]).toEqual([1, expect.stringContaining('fault: line 1 was changed')]);
  });
});

function background(words: readonly string[]): Promise<{ status: number | null; stderr: string }> {
  const child = spawn(...home.command(words));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}
