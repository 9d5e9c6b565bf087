import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { BlobRef, Problem } from '../../src/core/contracts.ts';
import { createStdinSource } from '../../src/sources/stdin.ts';

async function read(stream: Readable, limitBytes?: number, signal = new AbortController().signal): Promise<(BlobRef | Problem)[]> {
  const all: (BlobRef | Problem)[] = [];
  for await (const blob of createStdinSource(stream, limitBytes).blobs(signal)) all.push(...('length' in blob ? blob : [blob]));
  return all;
}

function blob(text: string): BlobRef {
  return { kind: 'bytes', provenance: { kind: 'stdin', path: 'stdin' }, bytes: Buffer.from(text) };
}

describe('the stdin source', () => {
  it('gives all that arrives as one blob', async () => {
    expect(await read(Readable.from([Buffer.from('one\n'), Buffer.from('two')]))).toEqual([blob('one\ntwo')]);
    expect(await read(Readable.from([]))).toEqual([blob('')]);
  });

  it('gives what is within the limit, and says that there was more', async () => {
    const endless = Readable.from(
      (function* (): Generator<Buffer> {
        for (;;) yield Buffer.from('abc');
      })(),
    );
    const [first, second] = await read(endless, 7);
    expect(first).toEqual(blob('abcabca'));
    expect(second).toMatchObject({ code: 'too-large', where: 'stdin', data: { limit: 7 } });
    expect(endless.destroyed).toBe(true);
    expect(await read(Readable.from([Buffer.from('abc')]), 3)).toEqual([blob('abc')]);
  });

  it('gives what came before an error or an interruption', async () => {
    const broken = new PassThrough();
    broken.write('abc');
    setImmediate(() => broken.destroy(new Error('EIO: i/o error, read')));
    expect(await read(broken)).toEqual([
      blob('abc'),
      { code: 'unreadable', where: 'stdin', data: { path: 'stdin', reason: 'EIO: i/o error' } },
    ]);
    const controller = new AbortController();
    const silent = new PassThrough();
    silent.write('abc');
    setImmediate(() => controller.abort());
    expect(await read(silent, undefined, controller.signal)).toEqual([blob('abc'), { code: 'interrupted', where: 'the scan', data: {} }]);
  });
});
