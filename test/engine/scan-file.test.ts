import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { type FileResult, scanFile } from '../../src/engine/scan-file.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRules } from '../../src/ruleset/load.ts';
import { createFilesSource } from '../../src/sources/files.ts';
import { makeScanners } from './rules-scanner.ts';
import { scanGiven } from './scan-given.ts';

const rule = builtInRules().find(({ id }) => id === 'github-pat-classic');
const secret = `${fillExample(rule?.examples[0] ?? '', 'scan-file')}\n`;

function makeFifo(file: string): void {
  expect(spawnSync('mkfifo', [file]).status).toBe(0);
}

function listenAt(socket: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
}

/** The files of a folder as the files source and the engine see them together. */
function scan(folder: string, noIgnore = false): ReturnType<typeof scanGiven> {
  const source = createFilesSource(['.'], { cwd: folder, env: GIT_TEST_ENV, noIgnore });
  return scanGiven((onSeen) => source.blobs(new AbortController().signal, onSeen));
}

describe('scanFile', () => {
  const { usual } = makeScanners();
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-scan-file-'));
  const open = (name: string): FileResult => scanFile(usual, join(folder, name), name);
  const nothing = { result: null, problem: null };

  it('scans files, empty ones too', () => {
    writeFileSync(join(folder, 'a'), secret);
    writeFileSync(join(folder, 'empty'), '');
    expect(open('a').result?.matches).toHaveLength(1);
    expect(open('empty')).toMatchObject({ result: { bytes: 0, isBinary: false }, problem: null });
  });

  it('says nothing of what is gone, of a folder, and of a link, wherever it leads', () => {
    mkdirSync(join(folder, 'folder'));
    symlinkSync('a', join(folder, 'link'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    for (const name of ['gone', 'folder', 'link', 'dangling', 'gone/a']) expect([name, open(name)]).toEqual([name, nothing]);
  });

  it('names links that lead back to themselves, and what is no file', () => {
    symlinkSync('loop', join(folder, 'loop'));
    makeFifo(join(folder, 'fifo'));
    listenAt(join(folder, 'socket'));
    expect(open('loop')).toEqual({ result: null, problem: { code: 'link-loop', where: 'loop', data: { path: 'loop' } } });
    for (const kind of ['fifo', 'socket'])
      expect(open(kind)).toEqual({ result: null, problem: { code: 'not-a-file', where: kind, data: { path: kind, kind } } });
    // One that is empty, and one that never ends.
    for (const file of ['/dev/null', '/dev/zero'])
      expect(scanFile(usual, file, file).problem).toEqual({ code: 'not-a-file', where: file, data: { path: file, kind: 'device' } });
  });

  it('says why a file could not be read', () => {
    const name = 'd'.repeat(300);
    expect(open(name)).toEqual({
      result: null,
      problem: { code: 'unreadable', where: name, data: { path: name, reason: 'enametoolong' } },
    });
  });
});

describe('a scan of a work tree', () => {
  it('reads the files that are there, whatever the index says', async () => {
    const outside = temporaryFolder();
    mkdirSync(join(outside, 'sub'));
    for (const name of ['secret', 'sub/secret']) writeFileSync(join(outside, name), secret);
    const repository = createRepository();
    for (const name of ['dir/secret', 'dir/sub/secret', 'to-fifo', 'to-folder', 'to-link', 'gone', 'gone-too/a', 'stays'])
      repository.write(name, secret);
    symlinkSync('stays', join(repository.folder, 'to-file'));
    repository.commit();
    for (const name of ['dir', 'to-fifo', 'to-folder', 'to-link', 'gone', 'gone-too', 'to-file'])
      rmSync(join(repository.folder, name), { recursive: true });
    symlinkSync(outside, join(repository.folder, 'dir'));
    symlinkSync(join(outside, 'secret'), join(repository.folder, 'to-link'));
    symlinkSync(join(outside, 'secret'), join(repository.folder, 'untracked-link'));
    symlinkSync('self', join(repository.folder, 'self'));
    makeFifo(join(repository.folder, 'to-fifo'));
    repository.write('to-folder/inside', secret);
    repository.write('to-file', secret);
    for (const noIgnore of [false, true]) {
      const { matches, problems, counts } = await scan(repository.folder, noIgnore);
      expect(matches.map(({ place }) => place.path)).toEqual(['stays', 'to-file', 'to-folder/inside']);
      expect(problems.map(({ code, where }) => [code, where])).toEqual([
        ['link-loop', 'self'],
        ['not-a-file', 'to-fifo'],
      ]);
      expect(counts).toMatchObject({ files: 3, bytes: 3 * secret.length, binaryFiles: 0 });
    }
  });
});
