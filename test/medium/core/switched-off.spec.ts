import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adminCaller } from '../../../apps/gateway/src/doors/native/auth/caller.js';
import { SetUpChannelService } from '../../../apps/gateway/src/doors/native/channels/set-up-channel.service.js';
import { only } from '../../support/core-steps.js';
import { accountsCore, users, type AccountsCore } from './accounts.fixture.js';

let mc: AccountsCore;
beforeAll(async () => {
  mc = await accountsCore({ SANDBOX: 'on' });
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001', mail: 'u1@example.com' });
});
afterEach(async () => {
  await setEnabled(true);
  await mc.fold();
  const violations = await mc.violations();
  await mc.tidy();
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const ADMIN = adminCaller('127.0.0.1');
const setEnabled = async (enabled: boolean): Promise<void> => {
  await mc.get(SetUpChannelService).put('sms', { enabled }, ADMIN);
  await mc.refresh();
};
const sentOn = (): string[] => mc.provider.sent.map(({ channel }) => channel);

describe('a channel that is switched off', () => {
  it('sends nothing of what waits, uncounted, until it is switched on', async () => {
    const id = await mc.send({ to: users('u1'), ...only('sms') });
    await setEnabled(false);
    await mc.work();
    expect(sentOn()).toEqual([]);
    const [waiting] = (await mc.waiting(id)).filter(({ kind }) => kind === 'deliver');
    expect(waiting).toMatchObject({ attempts: 0, seqs: [0] });
    expect(waiting?.due_in_s).toBeGreaterThan(50);
    expect(waiting?.due_in_s).toBeLessThan(80);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 0, attempts: 0, is_open: true }]);

    await setEnabled(true);
    await mc.work();
    expect(sentOn()).toEqual(['sms']);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 1 }]);
  });

  it('lets its deliveries expire', async () => {
    const id = await mc.send({ to: users('u1'), ...only('sms') });
    await setEnabled(false);
    await mc.work();
    await mc.rows(`UPDATE work SET expires_at = now() - interval '1 second', due_at = now() WHERE message_id = $1`, [
      id,
    ]);
    await mc.work();
    expect(sentOn()).toEqual([]);
    expect(await mc.deliveries(id)).toMatchObject([{ is_open: false, error_code: 'expired' }]);
  });

  it('gives way at once to the next channel where there is one', async () => {
    const id = await mc.send({ to: users('u1') });
    await setEnabled(false);
    await mc.work();
    await mc.makeDue(id);
    await mc.work();
    expect(sentOn()).toEqual(['mail']);
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, error_code: 'channel_off', attempts: 0 },
      { channel: 'mail', status: 20 },
    ]);
  });
});

describe('a channel of which every account is switched off', () => {
  it('is not the sandbox’s: what waits goes on waiting', async () => {
    const id = await mc.send({ to: users('u1'), ...only('sms') });
    await mc.setMain({ enabled: false });
    await mc.work();
    expect(await mc.rows('SELECT 1 FROM sandbox_message')).toEqual([]);
    expect(await mc.deliveries(id)).toMatchObject([{ is_open: true, error_code: 'not_configured' }]);
    const [view] = await mc.get(SetUpChannelService).show(['sms']);
    expect(view?.status).toBe('not configured');
    await expect(mc.accept({ to: users('u1'), ...only('sms') })).rejects.toThrow();
  });
});
