import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { listFiles } from '../../src/sources/files.ts';
import { makeHostile, removeHostile } from './make-hostile.ts';

describe('a hostile folder', () => {
  it('is listed completely: what can be scanned, and a problem for what cannot', async () => {
    const folder = path.join(temporaryFolder(), 'hostile');
    onTestFinished(() => removeHostile(folder));
    mkdirSync(folder);
    const hostile = makeHostile(folder, { secretLine: 'the secret', longLineBytes: 5_000_000 });
    expect(statSync(path.join(folder, 'long-line.txt')).size).toBe(5_000_000 + ' the secret'.length);
    for (const noIgnore of [false, true]) {
      const { blobs, problems } = await listFiles(['.'], {
        cwd: folder,
        env: GIT_TEST_ENV,
        signal: new AbortController().signal,
        noIgnore,
      });
      const paths = blobs.map((blob) => blob.provenance.path);
      expect(hostile.withSecret.filter((name) => !paths.includes(name))).toEqual([]);
      // That one is met when it is opened, and only where the tests do not run as root.
      const expected = hostile.problems.filter((problem) => problem.where !== 'locked.txt');
      const where = (problem: { where: string }): string => problem.where;
      expect(problems.map(where).sort()).toEqual(expected.map(where).sort());
      expect(problems.map(({ code }) => code).sort()).toEqual(expected.map(({ code }) => code).sort());
    }
  });
});
