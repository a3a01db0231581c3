import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { msgDoor, type MsgDoor } from '../msg-door.fixture.js';

let mc: MsgDoor;
let token: string;
let apps = 0;
let appId: string;
beforeAll(async () => {
  mc = await msgDoor();
  await mc.rows(
    `INSERT INTO provider_account (channel, id, provider) VALUES ('sms', 'main', 'sandbox') ON CONFLICT DO NOTHING`,
  );
  await mc.addTemplate('plain', { sms: { text: 'plain' } });
  await mc.addUser('u1', { sms: '13800000001' });
});
beforeEach(async () => {
  appId = `app-${++apps}`;
  ({ token } = await mc.addApp(appId, { channels: ['sms', 'portal'] }));
});
afterAll(() => mc.close());

const limit = (smsQuota: object | null): Promise<{ status: number; body: Record<string, unknown> }> =>
  mc.admin('PATCH', `/v1/client-apps/${appId}`, { smsQuota });
const shown = async (): Promise<Record<string, unknown>> =>
  (await mc.admin('GET', `/v1/client-apps/${appId}`)).body as Record<string, unknown>;
const send = (text: string): Promise<{ status: number; body: Record<string, unknown> }> =>
  mc.call('POST', '/v1/messages', {
    token,
    body: { to: { users: ['u1'] }, channels: { mode: 'list', list: ['sms'] }, content: { text } },
  });

describe('the SMS quota of a client app', () => {
  it('is shown with what is used of it', async () => {
    expect(await shown()).toMatchObject({ smsQuota: null, smsUsed: { total: 0, today: 0 }, weight: 1 });
    await limit({ total: 100, perDay: 5 });
    await send('短'.repeat(71));
    expect(await shown()).toMatchObject({ smsQuota: { total: 100, perDay: 5 }, smsUsed: { total: 2, today: 2 } });
    const list = await mc.admin('GET', '/v1/client-apps?limit=200');
    const items = list.body.items as { appId: string; smsUsed: object }[];
    expect(items.find((item) => item.appId === appId)?.smsUsed).toEqual({ total: 2, today: 2 });
  });

  it('is replaced as a whole, taken away by null, and left alone where it is not named', async () => {
    await limit({ total: 100, perDay: 5 });
    await limit({ perDay: 7 });
    expect((await shown())['smsQuota']).toEqual({ total: null, perDay: 7 });
    await mc.admin('PATCH', `/v1/client-apps/${appId}`, { weight: 5 });
    expect(await shown()).toMatchObject({ smsQuota: { total: null, perDay: 7 }, weight: 5 });
    await limit(null);
    expect((await shown())['smsQuota']).toBeNull();
    expect((await limit({ total: 1.5 })).status).toBe(400);
  });

  it('refuses what it does not cover with a code of its own: 429 here, 42900 at the door msg', async () => {
    await limit({ total: 1 });
    expect((await send('短')).status).toBe(202);
    const refused = await send('短');
    expect(refused).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded' } });
    expect(String(refused.body['detail'])).toContain('SMS segments: 1');
    const body = { uid: 'u1', template: 'plain', channel: 'mobile' };
    expect((await mc.msg('send', body, token)).body).toMatchObject({
      code: 42900,
      message: expect.stringContaining('短信额度不足'),
    });
    await limit({ total: 2 });
    expect((await mc.msg('send', body, token)).body).toMatchObject({ code: 0 });
  });

  it('ends with the app', async () => {
    await limit({ total: 1 });
    await send('短');
    expect((await mc.admin('DELETE', `/v1/client-apps/${appId}`)).status).toBe(204);
    expect(await mc.rows('SELECT 1 FROM sms_budget WHERE app_id = $1', [appId])).toEqual([]);
  });
});
