import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type FileJob, JobList, newCounters } from '../../src/engine/job-list.ts';

const jobs = Array.from({ length: 10 }, (_, i): FileJob => ({ file: `/root/ä ${i}\n`, path: `ä ${i}\n` }));

function everythingTaken(list: JobList): number[] {
  const taken: number[] = [];
  for (let next = list.take(); next; next = list.take()) for (let job = next.from; job < next.to; job++) taken.push(job);
  return taken;
}

describe('JobList', () => {
  it('gives each job once, whoever asks, in the chunks in which they were passed on', () => {
    const counters = newCounters();
    const { port1, port2 } = new MessageChannel();
    const main = new JobList(counters, null);
    const other = new JobList(counters, port2);
    let passedOn = 0;
    for (const upTo of [3, 9, jobs.length]) {
      for (const { file, path } of jobs.slice(passedOn, upTo)) main.add(file, path);
      port1.postMessage(main.pack(passedOn));
      passedOn = upTo;
    }
    expect(main.length).toBe(jobs.length);
    main.announce(jobs.length);
    expect(other.take()).toEqual({ from: 0, to: 4 });
    expect(main.take()).toEqual({ from: 4, to: 8 });
    expect(everythingTaken(other)).toEqual([8, 9]);
    expect(main.take()).toBe(null);
    expect(jobs.map((_, index) => other.at(index))).toEqual(jobs);
    expect(other.at(jobs.length)).toBe(undefined);
    port1.close();
  });

  it('gives nothing more when it is stopped, and wakes nobody who must wait for ever', () => {
    const { port1, port2 } = new MessageChannel();
    const counters = newCounters();
    new JobList(counters, null).stop();
    expect(new JobList(counters, port2).take()).toBe(null);
    port1.close();
  });

  it('ends where there are no jobs at all', () => {
    const { port1, port2 } = new MessageChannel();
    const counters = newCounters();
    new JobList(counters, null).announce(0);
    expect(new JobList(counters, port2).take()).toBe(null);
    port1.close();
  });
});
