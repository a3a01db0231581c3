import { describe, expect, it, jest } from '@jest/globals';
import {
  consumer,
  describeTransport,
  TEST_QUEUES,
  testOptions,
} from '../../../../test/broker/messaging/messaging.conformance.js';
import { eventually, gate } from '../../../../test/broker/messaging/eventually.js';
import { InProcessTransport } from './in-process-transport.js';

const [QUEUE = ''] = TEST_QUEUES;

describeTransport('in-process', () => {
  let transport: InProcessTransport;
  return Promise.resolve({
    open: async () => {
      transport = new InProcessTransport({ ...testOptions(), queueBound: 1_000 });
      await transport.open();
      return transport;
    },
    dead: (queue) => Promise.resolve(transport.deadLetters(queue).map((letter) => ({ ...letter }))),
    silence: async (_, queue) => {
      await transport.listen([consumer(queue, () => new Promise(() => undefined), 1)], []);
      for (let n = 0; n <= 1_000; n += 1) await transport.publish(queue, { n });
    },
    close: () => Promise.resolve(),
  });
});

describe('in-process transport', () => {
  it('makes publishers wait for room and lets them in in the order they came', async () => {
    const transport = new InProcessTransport({ ...testOptions(), queueBound: 2 });
    const { opened, open } = gate();
    const seen: number[] = [];
    const handle = async ({ n }: { n: number }): Promise<void> => {
      await opened;
      seen.push(n);
    };
    await transport.listen([consumer(QUEUE, handle, 1)], []);
    const published = Promise.all([0, 1, 2, 3, 4, 5].map((n) => transport.publish(QUEUE, { n })));
    await eventually(
      () => transport.depth(QUEUE),
      (depth) => depth === 2,
    );
    open();
    await published;
    await eventually(
      () => seen,
      ({ length }) => length === 6,
    );
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps the newest messages of a queue nobody handles, and says so once', async () => {
    const warn = jest.fn();
    const options = testOptions();
    const transport = new InProcessTransport({ ...options, logger: { ...options.logger, warn }, queueBound: 3 });
    for (const n of [0, 1, 2, 3, 4, 5]) await transport.publish(QUEUE, { n });
    expect(warn).toHaveBeenCalledTimes(1);
    const seen: number[] = [];
    await transport.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.push(n)))], []);
    await eventually(
      () => seen,
      ({ length }) => length === 3,
    );
    expect(seen).toEqual([3, 4, 5]);
  });
});
