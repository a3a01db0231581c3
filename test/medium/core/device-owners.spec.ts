import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUS } from '#contracts';
import { DeviceConfigRepository, DeviceRepository, MqttMailboxRepository, ReplayRepository } from '#entities';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

const S = DELIVERY_STATUS;

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('al');
  await mc.addUser('bo');
});
afterEach(async () => {
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, device, device_config, mqtt_mailbox',
    ),
  );
});
afterAll(() => mc.close());

const push = only('push');
const entry = { actor: 'admin', action: 'device.put', target: 't' };
const register = (userId: string, over: object = {}): Promise<unknown> =>
  mc.get(DeviceRepository).register(
    {
      token: 't',
      userId,
      appId: '',
      platform: 'android',
      provider: null,
      isTest: false,
      subscription: null,
      mqttPasswordHash: null,
      isNewPassword: false,
      ...over,
    },
    true,
    entry,
  );
const remove = (): Promise<boolean> => mc.get(DeviceRepository).remove('t', null, entry);
const sent = (): unknown[] => mc.provider.sent.map(({ content }) => content.title ?? content.payload?.body);
const states = async (id: string): Promise<unknown[]> =>
  (await mc.deliveries(id)).map(({ status, error_code: error }) => [status, error]);

/** How a device comes to another owner. */
const HAND_OVERS: [string, () => Promise<unknown>][] = [
  ['was removed and registered for somebody else', async () => (await remove()) && register('bo')],
  ['was registered for somebody else', () => register('bo')],
];

/** Who may be meant, and what a push to him says. */
const AUDIENCES: [string, Parameters<CoreSteps['send']>[0]['to']][] = [
  ['its token', { devices: { tokens: ['t'] } }],
  ['its owner, as one of his devices', { devices: { tokens: [], users: ['al'] } }],
  ['its owner, wherever he is', { users: [{ id: 'al' }] }],
  ['its token as an address', { addresses: [{ channel: 'push', address: 't' }] }],
];

describe.each(HAND_OVERS)('a device that %s', (_how, handOver) => {
  it.each(AUDIENCES)('gets nothing that waits for its next try, by %s', async (_whom, to) => {
    await register('al');
    mc.provider.on('push', { class: 'retry', code: 'away' });
    const id = await mc.send({ to, ...push });
    await mc.work('push');
    mc.provider.reset();
    await handOver();
    await mc.makeDue(id);
    await mc.work('push');
    expect(sent()).toEqual([]);
    expect(await states(id)).toEqual([[S.failed, 'unknown_device']]);
  });

  it('gets nothing that named its token before and is fanned out after', async () => {
    await register('al');
    const id = await mc.accept({ to: { devices: { tokens: ['t'] } }, ...push });
    await handOver();
    await mc.fanOut(id);
    expect(await states(id)).toEqual([[S.failed, 'unknown_device']]);
  });

  it('gets nothing of a dead letter that is tried again', async () => {
    await register('al');
    mc.provider.on('push', { class: 'bad_content', code: 'no' });
    const id = await mc.send({ to: { devices: { tokens: ['t'] } }, ...push });
    await mc.work('push');
    await mc.fold();
    mc.provider.reset();
    await handOver();
    await mc.get(ReplayRepository).replay({ filter: {}, perSecond: 1000, actor: 'admin', ip: null, idempotency: null });
    await mc.makeDue(id);
    await mc.work('push');
    expect(sent()).toEqual([]);
  });

  it('gets no configuration of the one before, though it be kept while it changes hands', async () => {
    await register('al');
    const id = await mc.send({
      to: { devices: { tokens: ['t'] } },
      content: { payload: { display: 'config', body: 'v=1', tag: 'limits' } },
      ...push,
    });
    await mc.work('push');
    expect(sent()).toEqual(['v=1']);
    const [kept] = await mc.rows('SELECT * FROM device_config');
    await handOver();
    expect(await mc.rows('SELECT 1 FROM device_config')).toEqual([]);
    await mc
      .get(DeviceConfigRepository)
      .keep([{ appId: 'app', tag: 'limits', deviceToken: 't', messageId: id, seq: Number(kept?.['seq']) }]);
    expect(await mc.get(DeviceConfigRepository).replayFor(['t'])).toBe(0);
  });

  it('gets what is for its owner of now, whenever it was accepted', async () => {
    await register('al');
    const early = await mc.accept({ to: { devices: { tokens: [], users: ['bo'] } }, ...push });
    await handOver();
    await mc.fanOut(early);
    const late = await mc.send({ to: { devices: { tokens: ['t'] } }, ...push });
    for (const id of [early, late]) {
      await mc.makeDue(id);
      await mc.work('push');
      expect(await states(id)).toEqual([[S.sent, null]]);
    }
  });
});

describe('a device that is registered again for the same owner', () => {
  it('gets what waits for it, under a new platform, too', async () => {
    await register('al');
    mc.provider.on('push', { class: 'retry', code: 'away' });
    const ids = [];
    for (const [, to] of AUDIENCES) ids.push(await mc.send({ to, ...push }));
    await mc.work('push');
    mc.provider.reset();
    await register('al', { platform: 'harmony', isTest: true });
    for (const id of ids) await mc.makeDue(id);
    await mc.work('push');
    for (const id of ids) expect(await states(id)).toEqual([[S.sent, null]]);
  });

  it('keeps its configurations and its mailbox', async () => {
    await register('al');
    await mc.rows(`INSERT INTO device_config (app_id, tag, device_token, message_id, seq)
                   VALUES ('app', 'a', 't', gen_random_uuid(), 8)`);
    await mc.get(MqttMailboxRepository).keep([{ token: 't', ref: 'r', payload: '{}' }]);
    await register('al', { platform: 'ios' });
    expect(await mc.rows('SELECT tag FROM device_config')).toEqual([{ tag: 'a' }]);
    expect(await mc.rows('SELECT ref FROM mqtt_mailbox')).toEqual([{ ref: 'r' }]);
    await remove();
    expect(await mc.rows('SELECT tag FROM device_config')).toEqual([]);
    expect(await mc.rows('SELECT ref FROM mqtt_mailbox')).toEqual([]);
  });
});
