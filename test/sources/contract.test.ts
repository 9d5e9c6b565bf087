/** What every source keeps to, whatever it reads. A new source in the registry is covered by adding how to ask for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV } from '../../fixtures/git-repository.ts';
import type { BlobRef, Problem } from '../../src/core/contracts.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { SOURCES, type SourceKind, type SourceRequest } from '../../src/sources/index.ts';

function request(kind: SourceKind): SourceRequest {
  const repository = createRepository();
  repository.write('b.txt', 'one\n');
  repository.commit();
  const head = repository.git('rev-parse', 'HEAD').trim();
  repository.write('b.txt', 'one\ntwo\n');
  repository.write('a/a.txt', 'new\n');
  repository.git('add', '--all');
  const message = join(repository.folder, '.git', 'COMMIT_EDITMSG');
  writeFileSync(message, 'subject\n\n# comment\n# ------------------------ >8 ------------------------\ndiff\n');
  return {
    inputs: [kind === 'message' ? message : '.'],
    cwd: repository.folder,
    env: GIT_TEST_ENV,
    noIgnore: false,
    stdin: Readable.from([Buffer.from('input\n')]),
    texts: [{ path: 'prompt', text: 'words' }],
    pushed: { stage: 'pre-push', remote: 'origin', input: `refs/heads/main ${head} refs/heads/main ${'0'.repeat(40)}\n` },
  };
}

async function read(kind: SourceKind, asked: SourceRequest, signal = new AbortController().signal): Promise<(BlobRef | Problem)[]> {
  const all: (BlobRef | Problem)[] = [];
  for await (const blob of SOURCES[kind](asked).blobs(signal)) all.push(...('length' in blob ? blob : [blob]));
  return all;
}

const EXPECTED: Readonly<Record<SourceKind, readonly [path: string, content: string | null][]>> = {
  files: [
    ['a/a.txt', null],
    ['b.txt', null],
  ],
  stdin: [['stdin', 'input\n']],
  texts: [['prompt', 'words']],
  compared: [['b.txt', 'one\n']],
  pushed: [
    ['.git/commit', 'Ada <ada@example.com>\nAda <ada@example.com>\n\nstep\n'],
    ['b.txt', 'one\n'],
  ],
  message: [['commit message', 'subject\n\n# comment\n']],
  staged: [
    ['a/a.txt', 'new\n'],
    ['b.txt', 'one\ntwo\n'],
  ],
};

describe.each(Object.keys(SOURCES) as SourceKind[])('the source %s', (kind) => {
  it('gives blobs with their kind and path, in order', async () => {
    const asked = request(kind);
    expect(SOURCES[kind](asked).kind).toBe(kind);
    const blobs = await read(kind, asked);
    const shown = blobs.map(
      (blob) =>
        'provenance' in blob && [
          blob.provenance.path.replace(/^(\.git\/commit)\/[0-9a-f]{40}$/, '$1'),
          blob.kind === 'bytes' ? Buffer.from(blob.bytes).toString() : null,
        ],
    );
    expect(shown).toEqual(EXPECTED[kind]);
  });

  it('gives plain data that can go to another thread', async () => {
    const blobs = await read(kind, request(kind));
    expect(structuredClone(blobs)).toHaveLength(blobs.length);
    expect(blobs.length).toBeGreaterThan(0);
  });

  it('ends with a problem when it is interrupted', async () => {
    const all = await read(kind, request(kind), AbortSignal.abort());
    const problems = all.filter((entry): entry is Problem => 'code' in entry);
    expect(problems.map(({ code }) => code)).toEqual(['interrupted']);
    expect(ERRORS.interrupted.kind).toBe('problem');
  });
});

describe('the source staged', () => {
  it('tells the new lines of changed files', async () => {
    const [added, changed] = await read('staged', request('staged'));
    expect(added).not.toHaveProperty('added');
    expect(changed).toHaveProperty('added', [{ first: 2, last: 2 }]);
  });

  it('may be read again, though git was asked before the first time', async () => {
    const source = SOURCES.staged(request('staged'));
    for (const round of [1, 2]) {
      const paths: unknown[] = [];
      for await (const blob of source.blobs(new AbortController().signal)) paths.push('provenance' in blob && blob.provenance.path);
      expect(paths, `round ${round}`).toEqual(['a/a.txt', 'b.txt']);
    }
  });
});

describe('the source files', () => {
  it('leaves "-" to stdin', async () => {
    expect(await read('files', { ...request('files'), inputs: ['-'] })).toEqual([]);
  });
});
