import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deadLetterQueueOf } from '#contracts';
import { MAX_ATTEMPTS, UnroutableError, type RabbitOptions, type RabbitTransport } from '#messaging';
import { hasRabbitServer, startPrivateRabbit, startTcpProxy, type PrivateRabbit } from '../../support/rabbit.js';
import { eventually, gate } from './eventually.js';
import { answerer, consumer, hearer, TEST_QUEUES } from './messaging.conformance.js';
import { Inspector, rabbitTransport } from './rabbit-bench.js';

const [QUEUE = '', OTHER = '', THIRD = ''] = TEST_QUEUES;
const noop = (): Promise<void> => Promise.resolve();

const suite = hasRabbitServer() ? describe : describe.skip;
if (!hasRabbitServer()) console.warn('SKIPPED: broker faults need an installed rabbitmq-server');

suite('RabbitMQ faults, on a broker of our own', () => {
  let rabbit: PrivateRabbit;
  let inspector: Inspector;
  let transports: RabbitTransport[] = [];
  const open = async (overrides: Partial<RabbitOptions> = {}, url = rabbit.url): Promise<RabbitTransport> => {
    const transport = rabbitTransport(url, overrides);
    transports.push(transport);
    await transport.open();
    return transport;
  };
  const isWell = (transport: RabbitTransport): Promise<unknown> =>
    eventually(
      () => transport.state(),
      ({ connected, detail }) => connected && detail === undefined,
      40_000,
    );
  const depthIs = (transport: RabbitTransport, queue: string, expected: number): Promise<number> =>
    eventually(
      () => transport.depth(queue).catch(() => -1),
      (depth) => depth === expected,
    );

  beforeAll(async () => {
    rabbit = await startPrivateRabbit();
    await open();
    inspector = await Inspector.open(rabbit.url);
  });
  afterEach(async () => {
    await Promise.all(
      transports.map(async (transport) => {
        await transport.stopListening();
        await transport.close();
      }),
    );
    transports = [];
    await inspector.close();
    inspector = await Inspector.open(rabbit.url);
    await inspector.purge();
  });
  afterAll(async () => {
    await inspector.close();
    await rabbit.stop();
  });

  it('parks what is not JSON, not UTF-8, too large or no object, and never shows it to the handler', async () => {
    const transport = await open();
    const seen: number[] = [];
    await transport.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.push(n)))], []);
    const poison = [
      '{"n":',
      Buffer.from([0x7b, 0xff, 0x7d]),
      `{"n":1,"x":"${'x'.repeat(2 ** 20)}"}`,
      '[1]',
      'null',
      '',
    ];
    for (const body of poison) inspector.send(QUEUE, Buffer.from(body));
    inspector.send(QUEUE, Buffer.from(`{"n":1,"deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}`));
    inspector.send(QUEUE, Buffer.from('{"n":7}'));
    await depthIs(transport, deadLetterQueueOf(QUEUE), poison.length + 1);
    await eventually(
      () => seen,
      ({ length }) => length > 0,
    );
    expect(seen).toEqual([7]);
    const reasons = (await inspector.take(deadLetterQueueOf(QUEUE))).map(({ reason }) => reason);
    expect(reasons.sort()).toEqual([
      'larger than 1048576 bytes',
      'not JSON',
      'not JSON',
      'not UTF-8',
      'not a JSON object',
      'not a JSON object',
      'not readable by its contract',
    ]);
  });

  it('counts attempts by its own header and not by what brokers write (facts 1, 2)', async () => {
    const transport = await open();
    let calls = 0;
    const fail = (): Promise<void> => Promise.reject(new Error(`no ${(calls += 1)}`));
    await transport.listen([consumer(QUEUE, fail)], []);
    const death = { queue: QUEUE, reason: 'rejected', count: 99, exchange: '', 'routing-keys': [QUEUE] };
    inspector.send(QUEUE, Buffer.from('{"n":1}'), { 'x-attempt': MAX_ATTEMPTS - 1, 'x-death': [death] });
    await depthIs(transport, deadLetterQueueOf(QUEUE), 1);
    expect(calls).toBe(2);
  });

  it('delivers everything after all connections were closed, and publishes again (fact 3)', async () => {
    const transport = await open();
    const seen = new Set<number>();
    await transport.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.add(n)), 5)], []);
    const publishUntilTaken = async (n: number): Promise<void> => {
      await eventually(
        () => transport.publish(QUEUE, { n }).then(() => true, () => false), // prettier-ignore
        (isTaken) => isTaken,
      );
    };
    const publishing = Promise.all(Array.from({ length: 200 }, (_, n) => publishUntilTaken(n)));
    await rabbit.ctl('close_all_connections', 'test');
    await publishing;
    await publishUntilTaken(200);
    await eventually(
      () => seen.size,
      (size) => size === 201,
    );
    await isWell(transport);
    await depthIs(transport, QUEUE, 0);
  });

  it('tells when a queue is gone, and puts it back with its consumer (fact 4)', async () => {
    const transport = await open();
    const seen: number[] = [];
    await transport.listen([consumer(OTHER, ({ n }) => Promise.resolve(seen.push(n)))], []);
    await inspector.channel.deleteQueue(QUEUE);
    await expect(transport.publish(QUEUE, { n: 1 })).rejects.toThrow(UnroutableError);
    await eventually(
      () => transport.publish(QUEUE, { n: 2 }).then(() => 'taken', () => 'refused'), // prettier-ignore
      (outcome) => outcome === 'taken',
    );
    await inspector.channel.deleteQueue(OTHER); // its consumer gets `null`
    await eventually(
      () => transport.publish(OTHER, { n: 3 }).then(() => 'taken', () => 'refused'), // prettier-ignore
      (outcome) => outcome === 'taken',
    );
    await eventually(
      () => seen,
      ({ length }) => length === 1,
    );
    await isWell(transport);
  });

  it('gets what is sent to a queue that was deleted and declared again in one moment', async () => {
    const transport = await open({ refreshIdleMs: 600_000 });
    const seen: number[] = [];
    const listening = await open({ refreshIdleMs: 500 });
    await listening.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.push(n)))], []);
    const deleted = inspector.channel.deleteQueue(QUEUE);
    const declared = inspector.channel.assertQueue(QUEUE, {
      durable: true,
      arguments: inspector.queueArguments(QUEUE),
    });
    await Promise.all([deleted, declared]);
    await inspector.channel.bindQueue(QUEUE, 'mc.events', QUEUE);
    await transport.publish(QUEUE, { n: 1 });
    await eventually(
      () => seen,
      ({ length }) => length === 1,
    );
    expect(listening.state()).toEqual({ connected: true, blocked: false });
  });

  it('gives up on publications in time when the broker is silent, stays bounded, and recovers (fact 5)', async () => {
    const transport = await open({ heartbeatS: 5, publishDeadlineMs: 1_000 });
    await transport.listen([consumer(OTHER, noop)], []);
    process.kill(rabbit.pid, 'SIGSTOP');
    try {
      const publications = Array.from({ length: 12_000 }, (_, n) => transport.publish(QUEUE, { n }));
      const outcomes = await Promise.allSettled(publications);
      const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'taken'));
      expect(new Set(codes)).toEqual(new Set(['PUBLISH_TIMEOUT', 'BUS_UNAVAILABLE']));
      expect(codes.filter((code) => code === 'BUS_UNAVAILABLE').length).toBeGreaterThan(0); // more than may wait
      const { detail } = await eventually(
        () => transport.state(),
        ({ connected }) => !connected,
        30_000,
      );
      expect(detail).toContain('publishing');
    } finally {
      process.kill(rabbit.pid, 'SIGCONT');
    }
    await isWell(transport);
    await transport.publish(THIRD, { n: 1 });
  });

  it('keeps consuming while an alarm blocks publishing, and refuses to publish at once (fact 6)', async () => {
    const transport = await open();
    const { opened, open: release } = gate();
    let calls = 0;
    let done = 0;
    const handle = async (): Promise<void> => {
      calls += 1;
      await opened;
      done += 1;
    };
    await Promise.all([0, 1, 2].map((n) => transport.publish(QUEUE, { n })));
    await transport.listen([consumer(QUEUE, handle, 1)], []);
    await eventually(
      () => calls,
      (count) => count === 1,
    );
    await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '1');
    try {
      // A connection is blocked only once it publishes; what it publishes then is not confirmed.
      await eventually(
        async () => {
          await transport.publish(OTHER, { n: 1 }).catch(() => undefined);
          return transport.state();
        },
        ({ blocked }) => blocked,
      );
      expect(transport.state().detail).toContain('blocked');
      await expect(transport.publish(OTHER, { n: 2 })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
      await expect(transport.request('conformance.any', { n: 1 }, 5_000)).rejects.toMatchObject({
        code: 'RPC_UNAVAILABLE',
      });
      release();
      await eventually(
        () => done,
        (count) => count === 3,
      );
    } finally {
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
    }
    await isWell(transport);
    await transport.publish(OTHER, { n: 3 });
  });

  it('keeps a channel error on its channel: the handler that runs is acknowledged once (fact 9)', async () => {
    const transport = await open();
    const { opened, open: release } = gate();
    let calls = 0;
    const handle = (): Promise<void> => {
      calls += 1;
      return opened;
    };
    await transport.listen([consumer(QUEUE, handle), consumer(OTHER, noop)], []);
    await transport.publish(QUEUE, { n: 1 });
    await eventually(
      () => calls,
      (count) => count === 1,
    );
    await inspector.channel.deleteExchange('mc.events'); // the next publication closes the publishing channel with 404
    await expect(transport.publish(OTHER, { n: 2 })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    await inspector.channel.deleteQueue(OTHER); // and this ends the other consumer
    await eventually(
      () => transport.publish(OTHER, { n: 3 }).then(() => 'taken', () => 'refused'), // prettier-ignore
      (outcome) => outcome === 'taken',
    );
    release();
    await isWell(transport);
    await transport.stopListening();
    expect(calls).toBe(1);
    await depthIs(transport, QUEUE, 0);
  });

  it('never acknowledges on another channel than the one that delivered (fact 10)', async () => {
    const transport = await open({ drainDeadlineMs: 100 });
    const gates = [gate(), gate(), gate()];
    let calls = 0;
    const handle = (): Promise<void> => gates[calls++]?.opened ?? noop();
    await transport.listen([consumer(QUEUE, handle, 2)], []);
    await transport.publish(QUEUE, { n: 1 });
    await eventually(
      () => calls,
      (count) => count === 1,
    );
    await rabbit.ctl('close_all_connections', 'test');
    await eventually(
      () => calls,
      (count) => count === 2, // delivered again, as tag 1 of a new channel
    );
    gates[0]?.open(); // the first handler ends: its tag 1 belongs to a channel that is gone
    await isWell(transport);
    await eventually(
      () => transport.publish(QUEUE, { n: 2 }).then(() => true, () => false), // prettier-ignore
      (isTaken) => isTaken,
    );
    await eventually(
      () => calls,
      (count) => count === 3,
    );
    await transport.stopListening(); // both are unacknowledged still, so both come back
    await depthIs(transport, QUEUE, 2);
    gates.forEach(({ open: release }) => release());
  });

  it('bounds handlers by prefetch across a reconnect, however long the old ones run', async () => {
    const transport = await open({ drainDeadlineMs: 100 });
    const { opened, open: release } = gate();
    let running = 0;
    let most = 0;
    const handle = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await opened;
      running -= 1;
    };
    await Promise.all([0, 1, 2, 3].map((n) => transport.publish(QUEUE, { n })));
    await transport.listen([consumer(QUEUE, handle, 2)], []);
    await eventually(
      () => running,
      (count) => count === 2,
    );
    await rabbit.ctl('close_all_connections', 'test');
    await isWell(transport);
    release();
    await depthIs(transport, QUEUE, 0);
    expect(most).toBe(2);
  });

  it('comes back after the broker was stopped and started, with every confirmed message', async () => {
    const transport = await open();
    await Promise.all(Array.from({ length: 100 }, (_, n) => transport.publish(QUEUE, { n })));
    await rabbit.stopApp();
    const late = await open(); // a process that starts meanwhile is not kept from starting
    const seen = new Set<number>();
    await late.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.add(n)))], []);
    expect(late.state()).toMatchObject({ connected: false });
    await expect(transport.publish(QUEUE, { n: 100 })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    await rabbit.startApp();
    await Promise.all([isWell(transport), isWell(late)]);
    await transport.publish(QUEUE, { n: 100 });
    await eventually(
      () => seen.size,
      (size) => size === 101,
    );
  });

  it('reports a queue that exists with other arguments, stays red, and works on with the rest', async () => {
    await inspector.channel.deleteQueue(QUEUE);
    await inspector.channel.assertQueue(QUEUE, { durable: true });
    const transport = await open();
    const seen: number[] = [];
    const handle = ({ n }: { n: number }): Promise<unknown> => Promise.resolve(seen.push(n));
    await transport.listen([consumer(QUEUE, handle), consumer(OTHER, handle)], []);
    expect(transport.state().detail).toContain(QUEUE);
    await transport.publish(OTHER, { n: 1 });
    await transport.publish(QUEUE, { n: 2 });
    await eventually(
      () => [...seen].sort(),
      (numbers) => numbers.join() === '1,2',
    );
    await transport.stopListening();
    await inspector.channel.deleteQueue(QUEUE);
    await open(); // puts it back as it should be
  });

  it('lets every process hear a broadcast once and in order, again after its connection was cut, and none while it is away', async () => {
    const proxy = await startTcpProxy(rabbit.url);
    try {
      const speaker = await open();
      const listener = await open({}, proxy.url);
      const heard: Record<'speaker' | 'listener', number[]> = { speaker: [], listener: [] };
      const hear = (who: keyof typeof heard) => hearer('faults.news', ({ n }) => Promise.resolve(heard[who].push(n)));
      await Promise.all([speaker.listen([], [], [hear('speaker')]), listener.listen([], [], [hear('listener')])]);
      for (const n of [1, 2, 3]) await speaker.broadcast('faults.news', { n });
      await eventually(
        () => heard.listener.length,
        (count) => count === 3,
      );
      await listener.broadcast('faults.news', { n: 4 });
      await eventually(
        () => heard.speaker.length,
        (count) => count === 4,
      );
      expect(heard).toEqual({ speaker: [1, 2, 3, 4], listener: [1, 2, 3, 4] });
      proxy.freeze();
      proxy.cut();
      await expect(listener.broadcast('faults.news', { n: 5 })).rejects.toMatchObject({ kind: 'transient' });
      expect(heard.listener.at(-1)).toBe(5); // the own process hears it all the same
      proxy.thaw();
      await isWell(listener);
      await speaker.broadcast('faults.news', { n: 6 });
      await eventually(
        () => heard.listener,
        (numbers) => numbers.at(-1) === 6,
      );
      expect(heard.listener).toEqual([1, 2, 3, 4, 5, 6]);
      expect(heard.speaker.filter((n) => n !== 5)).toEqual([1, 2, 3, 4, 6]);
    } finally {
      await proxy.close();
    }
  });

  it('carries a request out at most once: a caller whose answerer was cut off learns that it may have been', async () => {
    const proxy = await startTcpProxy(rabbit.url);
    try {
      const { opened, open: release } = gate();
      let calls = 0;
      const work = (): Promise<void> => {
        calls += 1;
        return opened;
      };
      const answering = await open({}, proxy.url);
      await answering.listen([], [answerer('conformance.once', work)]);
      const asking = await open();
      const asked = asking.request('conformance.once', { n: 1 }, 20_000);
      const refused = expect(asked).rejects.toMatchObject({ code: 'RPC_INTERRUPTED', kind: 'transient' });
      await eventually(
        () => calls,
        (count) => count === 1,
      );
      await asking.listen([], [answerer('conformance.once', work)]); // a second replica
      proxy.cut();
      await refused;
      expect(calls).toBe(1);
      release();
    } finally {
      await proxy.close();
    }
  });
});
