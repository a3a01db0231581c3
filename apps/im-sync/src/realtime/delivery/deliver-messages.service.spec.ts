import { expect, it } from '@jest/globals';
import type { ImDelivery } from '#contracts';
import type { ImCommandRepository } from '#entities';
import { AppLogger, Metrics } from '#platform';
import type { Push } from '../protocol/client-protocol.port.js';
import type { ClientConnection } from '../sessions/client-connection.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import type { ChannelAudiences } from './channel-audiences.js';
import { DeliverMessagesService } from './deliver-messages.service.js';

const toBob = (messageId: string): ImDelivery => ({
  message: {
    ...{ noPersist: false, redDot: true, syncOnce: false, setting: 0, messageId, clientMsgNo: '', streamNo: '' },
    ...{ streamSeq: 0, messageSeq: 1, fromUid: 'alice', channelId: 'bob', channelType: 1, topic: '' },
    ...{ expire: 0, timestamp: 0, payload: '' },
  },
  ...{ isQueued: false, channelKey: null, recipients: ['bob'], origin: null },
});

it('pushes what comes at whichever moment while the last message before it is being done with', async () => {
  for (let moment = 0; moment < 12; moment += 1) {
    const pushed: string[] = [];
    let second: Promise<void> | undefined;
    const comeLater = async (): Promise<void> => {
      for (let tick = 0; tick < moment; tick += 1) await Promise.resolve();
      second = service.deliver([toBob('2')]);
    };
    const push = ({ messageId }: Push): boolean => {
      pushed.push(messageId);
      if (messageId === '1') void comeLater();
      return true;
    };
    const registry = new SessionRegistry();
    registry.add({ session: { uid: 'bob', sessionId: 1 }, push } as unknown as ClientConnection);
    // A message to named people that is in no queue asks neither who is in the channel nor for numbers.
    const service = new DeliverMessagesService(
      registry,
      {} as ChannelAudiences,
      {} as ImCommandRepository,
      new Metrics(),
      new AppLogger({ level: 'silent' }),
    );
    await service.deliver([toBob('1')]);
    await new Promise((resolve) => setImmediate(resolve));
    await second;
    expect(pushed).toEqual(['1', '2']);
  }
});
