/** Rotation in AWS Secrets Manager over the fake: the contract of rotators for each of its three ways, then what is special to AWS. Over moto: real-aws-rotate.test.ts. */
import { describe, expect, it } from 'vitest';
import { type AwsFake, arnOf, OWN_KEYS, REGION, startAws } from '../../fixtures/stores/aws.ts';
import type { StoredPlace, StoreRotator } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { aws } from '../../src/stores/aws.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import {
  actionOf,
  describeRotator,
  doActions,
  NEW_VALUE,
  OLD_VALUE,
  OTHER_VALUE,
  type RotatorBackend,
  rotationFailure,
  TestRun,
} from './rotator-contract.ts';
import { placeIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const ENV = { AWS_ACCESS_KEY_ID: OWN_KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: OWN_KEYS.secretAccessKey };
const ARN = arnOf('app/db');
const LAYOUT = { host: 'db.example', port: 5432 };

const rowOf = (username: string, password: string, more: object = {}): string =>
  JSON.stringify({ ...LAYOUT, username, password, ...more }, null, 1);
/** What AWS's function for two users wants in the secret. */
const OF_TWO = { masterarn: arnOf('app/db-admin') };
const fieldOf = (text: string, name: string): string | null => (JSON.parse(text) as Record<string, string>)[name] ?? null;

function settingsOf(fake: AwsFake, more: StoreSettings = {}): StoreSettings {
  return { 'region': REGION, 'endpoint': fake.origin, 'sts-endpoint': fake.origin, ...more };
}

function rotatorOf(fake: AwsFake, settings: StoreSettings = {}): StoreRotator {
  const made = aws.createRotator?.(settingsOf(fake, settings), createContext({ env: ENV, now: realTime }));
  if (!made) throw new Error('no rotator');
  return made;
}

const listed = async (fake: AwsFake, field: string): Promise<StoredPlace> =>
  placeIn(aws.create(settingsOf(fake), createContext({ env: ENV, now: realTime })), ARN, field);

const currentText = (fake: AwsFake): string | null =>
  fake.entry(ARN).versions.find(({ stages }) => stages.includes('AWSCURRENT'))?.text ?? null;

/** The function of AWS's own template for one user: another password. */
const oneUser = (text: string): string => rowOf(fieldOf(text, 'username') ?? '', `${NEW_VALUE}-${fieldOf(text, 'password')?.length}`);

/** And the one for two users that alternate. */
function twoUsers(): (text: string) => string {
  let turn = 0;
  return (text) => {
    const user = fieldOf(text, 'username') ?? '';
    return rowOf(user.endsWith('_clone') ? user.slice(0, -6) : `${user}_clone`, `${NEW_VALUE}-${++turn}`, OF_TWO);
  };
}

async function startFake(put: (fake: AwsFake, value: string) => void, field: string): Promise<RotatorBackend & { readonly fake: AwsFake }> {
  const fake = await startAws();
  return {
    fake,
    connect: () => rotatorOf(fake),
    async put(value) {
      put(fake, value);
      return listed(fake, field);
    },
    async read({ field: name }) {
      const text = currentText(fake);
      return text === null || name === '' ? text : fieldOf(text, name);
    },
    async meddle({ field: name }, value) {
      const more = 'masterarn' in (name === '' ? {} : JSON.parse(currentText(fake) ?? '{}')) ? OF_TWO : {};
      fake.put(ARN, name === '' ? value : rowOf('app', value, more));
    },
    proxy: fake.writes,
  };
}

describeRotator('AWS Secrets Manager, a new version of a text (fake)', () => startFake((fake, value) => fake.put(ARN, value), ''), {
  makesValue: false,
  actions: [
    ['aws:write', true],
    ['aws:promote', true],
    ['aws:retire', true],
  ],
  seesMoves: true,
  leaves: 'fresh',
  row: 'AWS Secrets Manager',
});

describeRotator(
  'AWS Secrets Manager, a new version of a field (fake)',
  () => startFake((fake, value) => fake.put(ARN, rowOf('app', value)), 'password'),
  {
    makesValue: false,
    actions: [
      ['aws:write', true],
      ['aws:promote', true],
      ['aws:retire', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'AWS Secrets Manager',
  },
);

describeRotator(
  'AWS Secrets Manager, a rotation function for one user (fake)',
  () =>
    startFake((fake, value) => {
      fake.put(ARN, rowOf('app', value));
      fake.rotateBy(ARN, { next: oneUser, asksUntilDone: 2 });
    }, 'password'),
  {
    makesValue: true,
    actions: [
      ['aws:rotate', false],
      ['aws:read', true],
      ['aws:retire', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'AWS Secrets Manager',
  },
);

describeRotator(
  'AWS Secrets Manager, a rotation function for two users (fake)',
  () =>
    startFake((fake, value) => {
      fake.put(ARN, rowOf('app_clone', 'first-value', OF_TWO));
      fake.put(ARN, rowOf('app', value, OF_TWO));
      fake.rotateBy(ARN, { next: twoUsers() });
    }, 'password'),
  {
    makesValue: true,
    actions: [
      ['aws:rotate', true],
      ['aws:read', true],
      ['aws:rotate-again', false],
      ['aws:read-again', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'AWS Secrets Manager',
  },
);

const newOne = NEW_VALUE;

async function begin(text: string, field: string, settings: StoreSettings = {}) {
  const fake = await startAws();
  fake.put(ARN, text);
  const rotator = rotatorOf(fake, settings);
  return { fake, rotator, place: await listed(fake, field), run: new TestRun(OLD_VALUE, NEW_VALUE) };
}

const textsOf = (fake: AwsFake): Record<string, string> =>
  Object.fromEntries(fake.entry(ARN).versions.flatMap(({ text, stages }) => stages.map((stage) => [stage, text])));

describe('rotation in AWS Secrets Manager, by a new version', () => {
  it('shows the new value to nobody before it is promoted, under the run’s id', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE, '');
    const part = await rotator.plan(place, signal);
    await actionOf(part, 'aws:write').act(run.open());
    expect(textsOf(fake)).toEqual({ AWSCURRENT: OLD_VALUE, AWSPENDING: newOne });
    expect(fake.entry(ARN).versions.at(-1)?.id).toBe(run.id);
    await actionOf(part, 'aws:promote').act(run.open());
    expect(textsOf(fake)).toEqual({ AWSCURRENT: newOne, AWSPREVIOUS: OLD_VALUE });
    await actionOf(part, 'aws:retire').act(run.open());
    expect(textsOf(fake)).toEqual({ AWSCURRENT: newOne });
  });

  it('changes the field and leaves every other byte as it is', async () => {
    const text = `{ "id": 12345678901234567890, "url": "postgres:\\/\\/db",\n "password" : "${OLD_VALUE}", "was": [1.50, "x"] }\n`;
    const { fake, rotator, place, run } = await begin(text, 'password');
    await doActions(await rotator.plan(place, signal), run.open());
    expect(currentText(fake)).toBe(text.replace(OLD_VALUE, newOne));
  });

  it('changes the password of an address, escaped as addresses are', async () => {
    const { fake, rotator, place, run } = await begin(`postgres://app:${OLD_VALUE}@db/app\n`, 'url.password');
    run.kept = new Secret('a/b@c');
    await doActions(await rotator.plan(place, signal), run.open());
    expect(currentText(fake)).toBe('postgres://app:a%2Fb%40c@db/app\n');
  });

  it('writes other fields that change with the value, and says which it can', async () => {
    const { fake, rotator, place, run } = await begin(rowOf('app', OLD_VALUE), 'password');
    const part = await rotator.plan(place, signal, false, { username: 'app_b', account: 'x' });
    expect(part.alsoWrites).toEqual(['username']);
    await doActions(part, run.open());
    expect(JSON.parse(currentText(fake) ?? '')).toEqual({ ...LAYOUT, username: 'app_b', password: newOne });
  });

  it('keeps bytes bytes, where they are text', async () => {
    const { fake, rotator, run } = await begin('x', '');
    const [version] = fake.entry(ARN).versions;
    Object.assign(version ?? {}, { text: '', binary: Buffer.from(OLD_VALUE).toString('base64') });
    await doActions(await rotator.plan(await listed(fake, ''), signal), run.open());
    const current = fake.entry(ARN).versions.find(({ stages }) => stages.includes('AWSCURRENT'));
    expect(Buffer.from(current?.binary ?? '', 'base64').toString()).toBe(newOne);
  });

  it('refuses where the value that leaked does not stand in the field, and changes nothing', async () => {
    const { fake, rotator, place } = await begin(rowOf('app', 'some-thing-else'), 'password');
    const part = await rotator.plan(place, signal);
    const error = await rotationFailure(actionOf(part, 'aws:write').act(new TestRun(OLD_VALUE, NEW_VALUE).open()));
    expect([error.why, error.mayHaveHappened, fake.writes.changes()]).toEqual(['cannot', false, 0]);
  });

  it('says when another has used the run’s id for something else', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE, '');
    const part = await rotator.plan(place, signal);
    fake.entry(ARN).versions.push({ id: run.id, text: OTHER_VALUE, stages: [], created: 1 });
    const error = await rotationFailure(actionOf(part, 'aws:write').act(run.open()));
    expect([error.why, error.mayHaveHappened]).toEqual(['refused', false]);
  });

  it('says in the plan who else reads the old version by a label, and when it was last read', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE, '');
    fake.entry(ARN).versions[0]?.stages.push('BLUE');
    const { warnings, consumers } = await rotator.plan(place, signal, true);
    expect(warnings.join()).toContain('has the label BLUE');
    expect(consumers.join()).toMatch(/last read on \d{4}-\d\d-\d\d/);
  });

  const refusals: readonly (readonly [string, string, (fake: AwsFake) => void])[] = [
    [
      'is under way',
      'a rotation that failed or goes on',
      (fake) => void fake.entry(ARN).versions.push({ id: 'p'.repeat(36), text: '', stages: ['AWSPENDING'], created: 9, isEmpty: true }),
    ],
    ['planned for deletion', 'a secret that goes', (fake) => Object.assign(fake.entry(ARN), { deleted: 1_790_000_000 })],
    ['rotate it in us-east-1', 'a replica', (fake) => Object.assign(fake.entry(ARN), { primary: 'us-east-1' })],
    ['belongs to the AWS service rds', 'a secret of AWS’s own', (fake) => Object.assign(fake.entry(ARN), { owner: 'rds' })],
  ];
  for (const [said, what, change] of refusals)
    it(`refuses ${what}`, async () => {
      const { fake, rotator } = await begin(OLD_VALUE, '');
      const before = await listed(fake, '');
      change(fake);
      const place = await listed(fake, '').catch(() => before);
      const error = await rotationFailure(rotator.plan(place, signal));
      expect([error.why, error.message]).toEqual(['cannot', expect.stringContaining(said)]);
      expect(fake.writes.changes()).toBe(0);
    });

  it('takes no name, no ARN without its end, no ARN of another region, and no old version', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE, '');
    for (const ref of ['app/db', ARN.slice(0, -7), arnOf('app/db', 'us-east-1')])
      expect((await rotationFailure(rotator.plan({ ...place, ref }, signal))).why).toBe('cannot');
    fake.put(ARN, OTHER_VALUE);
    const old = { ...(await listed(fake, '')), version: place.version };
    expect((await rotationFailure(rotator.plan(old, signal))).message).toContain('is not current');
    expect((await rotationFailure(rotator.plan({ ...(await listed(fake, '')), ref: `${ARN}x` }, signal))).why).toBe('not-found');
  });

  it('takes the role for rotations', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE, '', {
      'role': 'arn:aws:iam::1:role/reader',
      'rotate-role': 'arn:aws:iam::1:role/rotator',
    });
    await rotator.plan(place, signal);
    const asked = fake.asked
      .filter(({ body }) => body.includes('Action=AssumeRole'))
      .map(({ body }) => new URLSearchParams(body).get('RoleArn'));
    expect(asked).toEqual(['arn:aws:iam::1:role/rotator']);
  });
});

describe('rotation in AWS Secrets Manager, by a rotation function', () => {
  async function withFunction(
    next: (text: string) => string | null,
    more: { before?: string; settings?: StoreSettings; asks?: number } = {},
  ) {
    const fake = await startAws();
    if (more.before) fake.put(ARN, more.before);
    fake.put(ARN, rowOf('app', OLD_VALUE, more.before ? OF_TWO : {}));
    fake.rotateBy(ARN, { next, asksUntilDone: more.asks ?? 0 });
    const pauses: number[] = [];
    const context = { ...createContext({ env: ENV, now: realTime }), sleep: async (ms: number) => void pauses.push(ms) };
    const rotator = aws.createRotator?.(settingsOf(fake, more.settings), context);
    if (!rotator) throw new Error('no rotator');
    return { fake, rotator, pauses, place: await listed(fake, 'password'), run: new TestRun(OLD_VALUE, null) };
  }
  const rotations = (fake: AwsFake): number => fake.operations().filter((one) => one === 'RotateSecret').length;

  it('waits until the new version is current, AWSPENDING on it or not', async () => {
    const { fake, rotator, pauses, place, run } = await withFunction(oneUser, { asks: 4 });
    await doActions(await rotator.plan(place, signal), run.open());
    expect(pauses.length).toBeGreaterThan(0);
    expect(fake.entry(ARN).versions.at(-1)).toMatchObject({ id: run.id, stages: ['AWSPENDING', 'AWSCURRENT'] });
    expect(run.kept && reveal(run.kept, 'compare')).toBe(fieldOf(currentText(fake) ?? '', 'password'));
  });

  it('says that it does not know when the function fails, and starts no second rotation', async () => {
    const { fake, rotator, pauses, place, run } = await withFunction(() => null);
    const part = await rotator.plan(place, signal);
    const error = await rotationFailure(actionOf(part, 'aws:rotate').act(run.open()));
    expect([error.why, error.mayHaveHappened]).toEqual(['timed-out', true]);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(920_000);
    expect(await actionOf(part, 'aws:rotate').happened(run.open())).toBe('no');
    await rotationFailure(actionOf(part, 'aws:rotate').act(run.open()));
    expect(rotations(fake)).toBe(1);
    expect(fieldOf(currentText(fake) ?? '', 'password')).toBe(OLD_VALUE);
  });

  it('waits until the new version can be read', async () => {
    const { fake, rotator, pauses, place, run } = await withFunction(oneUser);
    const part = await rotator.plan(place, signal);
    await actionOf(part, 'aws:rotate').act(run.open());
    fake.readsUntilSeen = 3;
    await actionOf(part, 'aws:read').act(run.open());
    expect([pauses.length, run.kept === null]).toEqual([3, false]);
    fake.readsUntilSeen = 1000;
    expect((await rotationFailure(actionOf(part, 'aws:read').act(run.open()))).why).toBe('timed-out');
  });

  it('is told when the function left the value as it was', async () => {
    const { rotator, place, run } = await withFunction((text) => text.replace('5432', '5433'));
    const part = await rotator.plan(place, signal);
    const error = await rotationFailure(doActions(part, run.open()));
    expect([error.why, error.message]).toEqual(['refused', expect.stringContaining('left password as it was')]);
  });

  it('rotates twice where two users alternate: only then is the one that leaked changed', async () => {
    const { fake, rotator, place, run } = await withFunction(twoUsers(), { before: rowOf('app_clone', 'first-value', OF_TWO) });
    const part = await rotator.plan(place, signal);
    expect(part.warnings.join()).toContain('rotated twice');
    await doActions(part, run.open(), 'aws:rotate-again');
    expect([fieldOf(currentText(fake) ?? '', 'username'), rotations(fake)]).toEqual(['app_clone', 1]);
    const between = run.kept && reveal(run.kept, 'compare');
    await actionOf(part, 'aws:rotate-again').act(run.open());
    await actionOf(part, 'aws:read-again').act(run.open());
    expect([fieldOf(currentText(fake) ?? '', 'username'), rotations(fake)]).toEqual(['app', 2]);
    expect(run.kept && reveal(run.kept, 'compare')).not.toBe(between);
  });

  it('rotates once where the user of the previous version leaked: it is that one’s turn', async () => {
    const { fake, rotator } = await withFunction(twoUsers(), { before: rowOf('app_clone', OTHER_VALUE, OF_TWO) });
    const [previous] = fake.entry(ARN).versions;
    const place = { ...(await listed(fake, 'password')), version: previous?.id ?? '' };
    const run = new TestRun(OTHER_VALUE, null);
    await doActions(await rotator.plan(place, signal), run.open());
    expect([fieldOf(currentText(fake) ?? '', 'username'), rotations(fake)]).toEqual(['app_clone', 1]);
  });

  it('is taken back after the first of two rotations, and not after the second', async () => {
    const { fake, rotator, place, run } = await withFunction(twoUsers(), { before: rowOf('app_clone', 'first-value', OF_TWO) });
    const part = await rotator.plan(place, signal);
    await doActions(part, run.open(), 'aws:rotate-again');
    await actionOf(part, 'aws:rotate').undo?.act(run.open());
    expect(fieldOf(currentText(fake) ?? '', 'password')).toBe(OLD_VALUE);
    const again = await withFunction(twoUsers(), { before: rowOf('app_clone', 'first-value', OF_TWO) });
    const whole = await again.rotator.plan(again.place, signal);
    await doActions(whole, again.run.open());
    const error = await rotationFailure(actionOf(whole, 'aws:rotate').undo?.act(again.run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['cannot', false]);
  });

  it('works without the right to read values, and says what it cannot see then', async () => {
    const { fake, rotator, place, run } = await withFunction(oneUser);
    fake.forbidden.add('GetSecretValue');
    const part = await rotator.plan(place, signal);
    expect(part.actions.map(({ id }) => id)).toEqual(['aws:rotate']);
    expect(part.warnings.join()).toContain('rotation-users');
    await doActions(part, run.open());
    expect([run.kept, rotations(fake)]).toEqual([null, 1]);
    const told = rotatorOf(fake, { 'rotation-users': 'alternating' });
    expect((await told.plan(await listed(fake, 'password'), signal)).actions.map(({ id }) => id)).toEqual([
      'aws:rotate',
      'aws:rotate-again',
    ]);
  });

  it('starts none where another one is under way', async () => {
    const { fake, rotator, place, run } = await withFunction(oneUser);
    const part = await rotator.plan(place, signal);
    fake.entry(ARN).versions.push({ id: 'p'.repeat(36), text: '', stages: ['AWSPENDING'], created: 9, isEmpty: true });
    expect((await rotationFailure(actionOf(part, 'aws:rotate').act(run.open()))).why).toBe('moved');
    expect(rotations(fake)).toBe(0);
  });

  it('knows no other word for its users', async () => {
    const fake = await startAws();
    expect(() => rotatorOf(fake, { 'rotation-users': 'both' })).toThrow('rotation-users is single or alternating');
  });
});
