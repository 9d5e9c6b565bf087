import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV } from '../../fixtures/git-repository.ts';
import { type GitObject, parseObjects, readObjects } from '../../src/git/cat-file.ts';

async function collect(objects: AsyncIterable<GitObject>): Promise<GitObject[]> {
  const all: GitObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

async function* pieces(output: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < output.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield output.subarray(at, at + size);
    at += size;
  }
}

describe('readObjects', () => {
  it('gives the objects in the order asked for', async () => {
    const repository = createRepository();
    repository.write('a', 'alpha\n');
    repository.write('empty', '');
    repository.write('large', 'x'.repeat(5000));
    repository.commit();
    const idOf = (name: string): string => repository.git('rev-parse', `:${name}`).trim();
    const ids = [idOf('large'), idOf('empty'), '0'.repeat(40), idOf('a'), idOf('a')];
    const options = { cwd: repository.folder, env: GIT_TEST_ENV, signal: new AbortController().signal, limitBytes: 4999 };
    expect(await collect(readObjects(ids, options))).toEqual([
      { state: 'too-large', sizeBytes: 5000 },
      { state: 'read', bytes: Buffer.alloc(0) },
      { state: 'missing' },
      { state: 'read', bytes: Buffer.from('alpha\n') },
      { state: 'read', bytes: Buffer.from('alpha\n') },
    ]);
    expect(await collect(readObjects([], { ...options, cwd: '/nonexistent' }))).toEqual([]);
  });
});

describe('parseObjects', () => {
  it('gives the same objects however the output is cut', async () => {
    const contents = ['', '\n', 'a\nb\n', `${'0'.repeat(40)} missing\n`, 'x'.repeat(300)];
    const output = Buffer.concat([
      ...contents.map((text) => Buffer.from(`${'a'.repeat(40)} blob ${text.length}\n${text}\n`)),
      Buffer.from(`${'b'.repeat(40)} missing\n`),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        const objects = await collect(parseObjects(pieces(output, sizes), 299));
        expect(objects).toEqual([
          ...contents.slice(0, 4).map((text) => ({ state: 'read', bytes: Buffer.from(text) })),
          { state: 'too-large', sizeBytes: 300 },
          { state: 'missing' },
        ]);
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  it('refuses what git does not write', async () => {
    await expect(collect(parseObjects(pieces(Buffer.from('nonsense\n'), [3]), 10))).rejects.toMatchObject({ code: 'git-failed' });
    await expect(collect(parseObjects(pieces(Buffer.alloc(1000, 'a'), [100]), 10))).rejects.toMatchObject({ code: 'git-failed' });
  });
});
