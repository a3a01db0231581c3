import { deadLetterQueueOf } from '#contracts';
import { openBrokerScope, startTcpProxy } from '../../support/rabbit.js';
import { describeTransport, TEST_QUEUES } from './messaging.conformance.js';
import { Inspector, rabbitTransport } from './rabbit-bench.js';

describeTransport('RabbitMQ', async () => {
  const scope = await openBrokerScope();
  const proxy = await startTcpProxy(scope.url);
  const inspector = await Inspector.open(scope.url, scope.prefix);
  return {
    open: async () => {
      proxy.thaw();
      const transport = rabbitTransport(proxy.url, { prefix: scope.prefix });
      await transport.open();
      await inspector.purge();
      return transport;
    },
    dead: (queue) => inspector.take(deadLetterQueueOf(queue)),
    silence: () => Promise.resolve(proxy.freeze()),
    close: async () => {
      const names = TEST_QUEUES.flatMap((name) => [name, deadLetterQueueOf(name)]);
      for (const name of names) await inspector.channel.deleteQueue(inspector.queue(name));
      for (const name of ['events', 'rpc', 'dead', 'broadcast'])
        await inspector.channel.deleteExchange(inspector.queue(`mc.${name}`));
      await inspector.close();
      await proxy.close();
      await scope.drop();
    },
  };
});
