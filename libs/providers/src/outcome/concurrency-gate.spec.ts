import { describe, expect, it } from '@jest/globals';
import { ConcurrencyGate } from './concurrency-gate.js';

/** Tasks that end when they are told to. */
class Tasks {
  readonly started: number[] = [];
  private readonly ends = new Map<number, (error?: Error) => void>();

  readonly task = (n: number) => (): Promise<number> => {
    this.started.push(n);
    return new Promise((resolve, reject) => this.ends.set(n, (error) => (error ? reject(error) : resolve(n))));
  };

  async end(n: number, error?: Error): Promise<void> {
    this.ends.get(n)?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a gate', () => {
  it('lets so many in, and the others in the order they came', async () => {
    const tasks = new Tasks();
    const gate = new ConcurrencyGate(2);
    const all = Promise.all([1, 2, 3, 4].map((n) => gate.run(tasks.task(n))));
    expect(tasks.started).toEqual([1, 2]);
    await tasks.end(2);
    expect(tasks.started).toEqual([1, 2, 3]);
    await tasks.end(1);
    expect(tasks.started).toEqual([1, 2, 3, 4]);
    await tasks.end(3);
    await tasks.end(4);
    await expect(all).resolves.toEqual([1, 2, 3, 4]);
  });

  it('gives a place back when its task fails', async () => {
    const tasks = new Tasks();
    const gate = new ConcurrencyGate(1);
    const first = gate.run(tasks.task(1));
    const second = gate.run(tasks.task(2));
    const failed = expect(first).rejects.toThrow('broken');
    await tasks.end(1, new Error('broken'));
    await failed;
    await tasks.end(2);
    await expect(second).resolves.toBe(2);
    void gate.run(tasks.task(3));
    expect(tasks.started).toEqual([1, 2, 3]);
  });

  it('hands a place on to those who wait, past one who comes that moment', async () => {
    const tasks = new Tasks();
    const gate = new ConcurrencyGate(1);
    const first = gate.run(tasks.task(1)).then(() => gate.run(tasks.task(3)));
    void gate.run(tasks.task(2));
    await tasks.end(1);
    expect(tasks.started).toEqual([1, 2]);
    await tasks.end(2);
    await tasks.end(3);
    await expect(first).resolves.toBe(3);
  });
});
