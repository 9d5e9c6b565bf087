/** A program of the owner's as issuer: what it is asked, what it sees, what its answers mean. The programs are written here, for one question each. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Issuer, RotationError, type RotationRun } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { command } from '../../src/issuers/command.ts';

const root = mkdtempSync(join(tmpdir(), 'leakwarden-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const signal = new AbortController().signal;
const OLD = 'old-value-3301-AbCdEfGh';
const NEW = 'new-value-7712-IjKlMnOp';

let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
});

/** `body` sees `question`, and answers with answer(object). */
function issuer(body: string, settings: Readonly<Record<string, string>> = {}): Issuer {
  const program = join(root, `program-${++count}.mjs`);
  writeFileSync(
    program,
    `#!${process.execPath}
import { appendFileSync, readFileSync, writeSync } from 'node:fs';
const text = readFileSync(0, 'utf8');
const question = JSON.parse(text);
appendFileSync(${JSON.stringify(`${program}.asked`)}, text);
appendFileSync(${JSON.stringify(`${program}.seen`)}, JSON.stringify({ argv: process.argv.slice(2), env: process.env }) + '\\n');
const answer = (value) => writeSync(3, typeof value === 'string' ? value : JSON.stringify(value));
${body}
`,
  );
  chmodSync(program, 0o755);
  return command.create(
    { program, ...settings },
    {
      env: { PATH: process.env['PATH'], APP_TOKEN: 'of the environment', APP_HOST: 'db.example' },
      folder: root,
      createClient: () => {
        throw new Error('no network');
      },
      readFile: async () => '',
      now: () => new Date(),
    },
  );
}

const DESCRIBES = "if (question.operation === 'describe') answer({ identity: 'user app', disables: true, enables: true, discards: true });";
const programOf = ({ id }: Issuer): string => id.slice('command:'.length);
const asked = (one: Issuer): Record<string, unknown>[] =>
  readFileSync(`${programOf(one)}.asked`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function run(fresh: string | null): RotationRun & { readonly kept: Secret[] } {
  const kept: Secret[] = [];
  return {
    kept,
    id: 'the-run',
    old: new Secret(OLD),
    fresh: fresh === null ? null : new Secret(fresh),
    keep: async (value) => void kept.push(value),
    fact: () => undefined,
    setFact: async () => undefined,
    signal,
  };
}

const failureOf = async (doing: Promise<unknown>): Promise<RotationError> => {
  const thrown: unknown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof RotationError) return thrown;
  throw new Error(`no RotationError: ${inspect(thrown)}`);
};

describe('the command issuer', () => {
  it('plans what the program says that it can', async () => {
    const shapes = async (described: object): Promise<string[]> => {
      const one = issuer(`answer(${JSON.stringify({ identity: 'user app', ...described })})`);
      const part = await one.plan('replace', new Secret(OLD), signal);
      return part.actions.map(({ id, reaches, undo }) => `${id} ${reaches} ${undo ? 'back' : 'final'}`);
    };
    expect(await shapes({})).toEqual(['command:make CREATED back', 'command:apply APPLIED final']);
    expect(await shapes({ disables: true, enables: true, discards: true })).toEqual([
      'command:make CREATED back',
      'command:apply APPLIED back',
      'command:disable OLD_DISABLED back',
    ]);
    expect(await shapes({ creates: true, discards: true })).toEqual(['command:create CREATED back', 'command:apply APPLIED final']);
  });

  it('gives secrets on standard input, and nowhere else', async () => {
    const one = issuer(`${DESCRIBES} else answer({ happened: 'no' });`, { variables: 'APP_HOST' });
    const part = await one.plan('replace', new Secret(OLD), signal);
    const apply = part.actions.find(({ id }) => id === 'command:apply');
    await apply?.happened(run(NEW));
    await apply?.act(run(NEW));
    expect(asked(one)).toEqual([
      { protocol: 'leakwarden/rotator@1', operation: 'describe', what: 'replace', isBegun: false, old: OLD },
      { protocol: 'leakwarden/rotator@1', operation: 'happened', rotation: 'the-run', old: OLD, new: NEW, step: 'apply' },
      { protocol: 'leakwarden/rotator@1', operation: 'apply', rotation: 'the-run', old: OLD, new: NEW },
    ]);
    for (const line of readFileSync(`${programOf(one)}.seen`, 'utf8')
      .trim()
      .split('\n')) {
      const { argv, env } = JSON.parse(line) as { argv: string[]; env: Record<string, string> };
      expect([argv, Object.keys(env).filter((name) => name.startsWith('APP_'))]).toEqual([[], ['APP_HOST']]);
      expect(line).not.toMatch(/(?:old|new)-value/);
    }
    expect(inspect([part, one], { depth: 9 })).not.toMatch(/(?:old|new)-value/);
  });

  it('keeps a value that the program made before anybody is told, and asks for it again when it was not kept', async () => {
    const one = issuer("answer(question.operation === 'describe' ? { identity: 'a', creates: true } : { value: 'made by the program' })");
    const [create] = (await one.plan('replace', new Secret(OLD), signal)).actions;
    const first = run(null);
    expect(await create?.happened(first)).toBe('no');
    await create?.act(first);
    expect(first.kept.map((value) => reveal(value, 'compare'))).toEqual(['made by the program']);
    expect([create?.repeat, await create?.happened(run('made by the program'))]).toEqual(['always', 'yes']);
  });

  it.each([
    ['exit 1', 'process.exit(1);', 'refused', false],
    ['exit 75', 'process.exit(75);', 'unreachable', false],
    ['exit 2', 'process.exit(2);', 'odd-reply', true],
    ['a signal', "process.kill(process.pid, 'SIGKILL');", 'odd-reply', true],
    ['no JSON', "answer('done: new-value-7712');", 'odd-reply', true],
    ['a list', 'answer([1]);', 'odd-reply', true],
    ['too much', "answer('x'.repeat(2 << 20));", 'odd-reply', true],
  ] as const)('tells what is known after %s', async (_what, body, why, mayHaveHappened) => {
    const one = issuer(`${DESCRIBES} else { ${body} }`);
    const apply = (await one.plan('replace', new Secret(OLD), signal)).actions.find(({ id }) => id === 'command:apply');
    const error = await failureOf(apply?.act(run(NEW)) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual([why, mayHaveHappened]);
    expect(inspect(error)).not.toMatch(/(?:old|new)-value/);
  });

  it('reads answers about values, and takes no odd one for a refusal', async () => {
    const answers = async (body: string): Promise<unknown> => issuer(body).check(new Secret(OLD), signal);
    expect(await answers("answer({ state: 'accepted', identity: 'user app' })")).toEqual({ state: 'accepted', identity: 'user app' });
    expect(await answers("answer({ state: 'refused' })")).toEqual({ state: 'refused' });
    for (const body of ["answer({ state: 'dead' })", 'process.exit(2)', 'answer({})', "answer('')"])
      expect(await answers(body)).toEqual({ state: 'unknown', why: 'odd-reply' });
    expect(await answers('process.exit(75)')).toEqual({ state: 'unknown', why: 'unreachable' });
  });

  it('does not guess whether something happened', async () => {
    const one = issuer(`${DESCRIBES} else answer({ happened: 'perhaps' });`);
    const { actions } = await one.plan('replace', new Secret(OLD), signal);
    expect(await actions.find(({ id }) => id === 'command:disable')?.happened(run(NEW))).toBe('unclear');
  });

  it('refuses what cannot be: no program, no identity, no end of it alone', async () => {
    expect((await failureOf(issuer('answer({})').plan('replace', new Secret(OLD), signal))).why).toBe('odd-reply');
    expect((await failureOf(issuer("answer({ identity: 'a' })").plan('revoke', new Secret(OLD), signal))).why).toBe('cannot');
    const gone = issuer('answer({})', { program: join(root, 'gone') });
    const error = await failureOf(gone.plan('replace', new Secret(OLD), signal));
    expect([error.why, error.mayHaveHappened, existsSync(folder)]).toEqual(['cannot', false, false]);
    expect(() => issuer('', { length: 'ten' })).toThrow('length is no number');
  });

  it('takes sentences of the program into the plan, and bounds them', async () => {
    const one = issuer("answer({ identity: 'a', warnings: ['w', 3, 'x'.repeat(1000)], effects: Array(90).fill('e') })");
    const part = await one.plan('replace', new Secret(OLD), signal);
    expect(part.warnings).toEqual(['w']);
    expect(part.actions.at(-1)?.effects.length).toBeLessThan(60);
  });
});
