import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { startDeadline } from '../../src/core/deadline.ts';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));

describe('a deadline', () => {
  it('comes when the time is up, whatever the collector of garbage does', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const deadline = startDeadline(new AbortController().signal, 300);
    const collecting = setInterval(() => typeof collect === 'function' && collect(), 20);
    try {
      await aborted(deadline.signal);
    } finally {
      clearInterval(collecting);
    }
    expect(deadline.isOver()).toBe(true);
    expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('comes with the other signal, before or after it was started', async () => {
    const controller = new AbortController();
    const before = startDeadline(controller.signal, 60_000);
    controller.abort('why');
    await aborted(before.signal);
    const after = startDeadline(controller.signal, 60_000);
    for (const deadline of [before, after]) {
      expect([deadline.signal.aborted, deadline.isOver(), deadline.signal.reason]).toEqual([true, false, 'why']);
      deadline.end();
    }
  });

  it('does not come when it was ended', async () => {
    const controller = new AbortController();
    const deadline = startDeadline(controller.signal, 20);
    deadline.end();
    await new Promise((resolve) => setTimeout(resolve, 60));
    controller.abort();
    expect([deadline.signal.aborted, deadline.isOver()]).toEqual([false, false]);
  });
});
