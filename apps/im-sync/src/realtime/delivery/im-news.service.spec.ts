import { expect, it } from '@jest/globals';
import { IM_TOPIC, ImSentV1, MAX_IM_SENT, type ImDelivery } from '#contracts';
import { InProcessTransport } from '#messaging';
import { AppLogger } from '#platform';
import { eventually } from '../../../../../test/broker/messaging/eventually.js';
import { testOptions } from '../../../../../test/broker/messaging/messaging.conformance.js';
import { ImEvents } from '../../im/im-events.js';
import type { ClientConnection } from '../sessions/client-connection.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import { ImNewsService } from './im-news.service.js';

const LOGGER = new AppLogger({ level: 'silent' });
const SOMEBODY = { session: { uid: 'bob', sessionId: 1 } } as ClientConnection;

const delivery = (messageSeq: number): ImDelivery => ({
  message: {
    ...{ noPersist: false, redDot: true, syncOnce: false, setting: 0, messageId: String(messageSeq), clientMsgNo: '' },
    ...{ streamNo: '', streamSeq: 0, messageSeq, fromUid: 'alice', channelId: 'g', channelType: 2, topic: '' },
    ...{ expire: 0, timestamp: 0, payload: '' },
  },
  ...{ isQueued: false, channelKey: 1, recipients: null, origin: null },
});

it('tells what was committed first before what was committed next, in however many parts it travels', async () => {
  const bus = new InProcessTransport({ ...testOptions(), queueBound: 10 });
  const heard: number[] = [];
  const hear = async (news: ImSentV1): Promise<void> => {
    heard.push(...news.messageSeqs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await bus.listen([], [], [{ topic: IM_TOPIC.sent, contract: ImSentV1, hear: (news) => hear(news as ImSentV1) }]);
  const registry = new SessionRegistry();
  registry.add(SOMEBODY);
  const events = new ImEvents(LOGGER);
  new ImNewsService(events, bus, registry, LOGGER).onModuleInit();

  const many = Array.from({ length: 2 * MAX_IM_SENT + 1 }, (_, i) => i + 1);
  const next = many.length + 1;
  events.sent(() => many.map(delivery));
  events.sent(() => [delivery(next)]);

  await eventually(
    () => heard,
    ({ length }) => length === next,
  );
  expect(heard).toEqual([...many, next]);
  await bus.close();
});
