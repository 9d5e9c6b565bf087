import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV } from '../../fixtures/git-repository.ts';
import { readAddedLinesOf } from '../../src/git/added-lines.ts';
import { Ancestry } from '../../src/git/ancestry.ts';
import { type LogChange, type LogCommit, LogParser, walkLog } from '../../src/git/log.ts';
import { ObjectIds } from '../../src/git/object-ids.ts';

const signal = new AbortController().signal;
const ID = (digit: string): string => digit.repeat(40);

type Event = string;

/** Parses output in pieces of `step` bytes; gives what was seen, shortly. */
function parse(output: string, step: number): Event[] {
  const events: Event[] = [];
  const parser = new LogParser({
    commit: ({ id, parents, author, message, authorTime }: LogCommit) =>
      events.push(`${id.slice(0, 2)} ${parents.map((parent) => parent.slice(0, 2)).join()} ${authorTime} ${author.name} ${message}`),
    change: ({ before, after, path, mode }: LogChange) =>
      events.push(`${mode} ${before.map((id) => id.slice(0, 2)).join()} ${after.slice(0, 2)} ${path}`),
  });
  const bytes = Buffer.from(output);
  for (let at = 0; at < bytes.length; at += step) parser.push(bytes.subarray(at, at + step));
  parser.end();
  return events;
}

describe('LogParser', () => {
  const header = (id: string, parents: string, message: string): string =>
    `${id}\0${parents}\0${7}\0${8}\0Ada\0a@b\0Bob\0b@c\0${message}\0`;
  const output = [
    header(ID('a'), `${ID('b')} ${ID('c')}`, 'merge\n:100644 not a change\n'),
    `\0::100644 000000 100644 ${ID('1')} ${ID('0')} ${ID('2')} MA\0:100644 x\ny\0`,
    header(ID('b'), '', ''),
    `\n:000000 100644 ${ID('0')} ${ID('1')} A\0${ID('d')}\0`,
    `:100644 100755 ${ID('1')} ${ID('2')} R090\0old\0new\0:100644 000000 ${ID('1')} ${ID('0')} D\0gone\0`,
    header(ID('c'), ID('b'), 'empty\n'),
  ].join('');
  const expected = [
    'aa bb,cc 7 Ada merge\n:100644 not a change\n',
    '100644 11,00 22 :100644 x\ny',
    'bb  7 Ada ',
    `100644 00 11 ${ID('d')}`,
    '100755 11 22 new',
    '000000 11 00 gone',
    'cc bb 7 Ada empty\n',
  ];

  it.each([1, 7, 1 << 20])('tells commits and changes apart, in pieces of %i bytes', (step) =>
    expect(parse(output, step)).toEqual(expected),
  );

  it('gives a message without its end', () => expect(parse(output.slice(0, -1), 5)).toEqual(expected));

  it('cuts a message that is too long, and goes on', () => {
    const seen: number[] = [];
    const parser = new LogParser({ commit: ({ message, cutBytes }) => seen.push(message.length, cutBytes), change: () => undefined });
    parser.push(Buffer.from(header(ID('a'), '', 'x').slice(0, -2)));
    for (let megabyte = 0; megabyte < 20; megabyte++) parser.push(Buffer.alloc(1 << 20, 'x'));
    parser.push(Buffer.from(`\0${header(ID('b'), '', 'short')}`));
    expect(seen).toEqual([16 << 20, 4 << 20, 5, 0]);
  });
});

describe('ObjectIds', () => {
  it('numbers ids in their order, and finds them again', () => {
    const ids = Array.from({ length: 5000 }, (_, at) => ((at * 2654435761) % 4294967296).toString(16).padStart(8, '0').repeat(5));
    const table = new ObjectIds();
    expect(table.numberOf(ID('a'))).toBe(-1);
    expect(ids.map((id) => table.add(id))).toEqual(ids.map((_, at) => at));
    expect(ids.map((id) => table.add(id))).toEqual(ids.map((_, at) => at));
    expect(ids.every((id, at) => table.numberOf(id) === at && table.at(at) === id)).toBe(true);
    expect(table.has(ID('a'))).toBe(false);
    expect(table.size).toBe(5000);
  });
});

describe('Ancestry', () => {
  it('knows the tips of each commit, as git does', async () => {
    const repository = createRepository();
    for (let step = 0; step < 25; step++) {
      const branch = `b${step % 4}`;
      if (step < 4) repository.git('checkout', '--quiet', '--orphan', branch);
      else repository.git('checkout', '--quiet', branch);
      repository.write(`f${step}`, `${step}\n`);
      repository.commit(String(step));
      if (step > 8 && step % 3 === 0) repository.git('merge', '--quiet', '--allow-unrelated-histories', '-m', 'm', `b${(step + 1) % 4}`);
    }
    const lines = (...args: string[]): string[] =>
      repository
        .git(...args)
        .trim()
        .split('\n');
    const tips = lines('for-each-ref', '--format=%(refname) %(objectname)').map((line) => ({
      name: line.split(' ')[0] ?? '',
      id: line.split(' ')[1] ?? '',
    }));
    const ancestry = new Ancestry();
    const asked: string[] = [];
    const visitor = {
      commit: ({ id, parents }: LogCommit) => {
        asked.push(id);
        ancestry.add(id, parents);
      },
      change: () => undefined,
    };
    await walkLog(
      { cwd: repository.folder, env: GIT_TEST_ENV, signal, tips: tips.map(({ id }) => id), not: [], findRenames: false },
      visitor,
    );
    expect(asked.length).toBeGreaterThan(25);
    const holders = ancestry.holders(asked, tips);
    for (const commit of asked) {
      expect(holders(commit).map(({ name }) => name)).toEqual(lines('for-each-ref', '--format=%(refname)', '--contains', commit));
    }
    expect(holders(ID('9'))).toEqual([]);
  });
});

describe('readAddedLinesOf', () => {
  it('gives for a merge the lines that none of its parents has', async () => {
    const repository = createRepository();
    const commit = (content: string): string => {
      repository.write('a', content);
      repository.commit('x');
      return repository.git('rev-parse', 'HEAD').trim();
    };
    commit('1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    repository.git('checkout', '--quiet', '-b', 'dev');
    commit('1\n2\n3\n4\n5\n6\n7\n8\n9\ndev\n');
    repository.git('checkout', '--quiet', 'main');
    commit('main\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    repository.git('merge', '--quiet', '--no-commit', 'dev');
    const merge = commit('main\n1\nown\n++ own\n@@@ own\n3\n4\n5\n6\n7\n8\n9\ndev\nlast');
    const lines = await readAddedLinesOf([merge], { cwd: repository.folder, env: GIT_TEST_ENV, signal });
    const [before, other, after] = ['HEAD~1:a', 'HEAD^2:a', 'HEAD:a'].map((name) => repository.git('rev-parse', name).trim());
    expect([...lines]).toEqual([
      [
        `${before},${other}..${after}`,
        [
          { first: 3, last: 5 },
          { first: 14, last: 14 },
        ],
      ],
    ]);
  });
});
