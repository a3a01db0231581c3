import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProviderNews } from '#providers';
import { coreApp, type CoreApp } from '../support/core-app.js';
import { emptying } from '../support/emptying.js';

let mc: CoreApp;
beforeAll(async () => {
  mc = await coreApp({ running: true, env: { TRUSTED_PROXIES: '127.0.0.1' } });
});
afterEach(async () => {
  await mc.rows(emptying('receipt, uplink, sent_number, rate_window'));
  mc.provider.reset();
});
afterAll(() => mc.close());

interface Call {
  method?: string;
  path?: string;
  token?: string;
  news?: ProviderNews;
  body?: string;
  /** Address of the caller, as the proxy in front says it. */
  from?: string;
  type?: string;
}

async function call({ method = 'POST', path = 'sms/main', token = 'right', news = {}, body, from, type }: Call) {
  const response = await fetch(
    `http://127.0.0.1:${mc.port}/v1/receipts/${path}?token=old&token=${token}&echostr=hello`,
    {
      method,
      headers: {
        'x-kind': 'report',
        ...(from ? { 'x-forwarded-for': from } : {}),
        ...(type ? { 'content-type': type } : {}),
      },
      ...(method === 'GET' ? {} : { body: body ?? JSON.stringify(news) }),
    },
  );
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const receipts = (): Promise<Record<string, unknown>[]> =>
  mc.rows('SELECT account, provider_id, status, code, words, is_address_dead FROM receipt ORDER BY id');

describe('a provider that reports', () => {
  it('hears its own words once everything is stored', async () => {
    const news: ProviderNews = {
      receipts: [
        { providerRef: 'biz:1', status: 'delivered' },
        { providerRef: 'biz:2', status: 'failed', code: '5.1.1', words: 'no such user', isAddressDead: true },
      ],
      uplinks: [{ from: '+8613800138000', text: 'TD', providerId: 'up-1' }],
    };
    const answer = await call({ news, from: '203.0.113.7' });
    const size = JSON.stringify(news).length;
    expect(answer).toMatchObject({ status: 200, text: `sms:main took ${size} bytes from 203.0.113.7 as report` });
    expect(answer.type).toContain('text/plain');
    expect(await receipts()).toEqual([
      { account: 'sms:main', provider_id: 'biz:1', status: 40, code: null, words: null, is_address_dead: false },
      {
        account: 'sms:main',
        provider_id: 'biz:2',
        status: 31,
        code: '5.1.1',
        words: 'no such user',
        is_address_dead: true,
      },
    ]);
    expect(await mc.rows('SELECT account, address, text, message_id FROM uplink')).toEqual([
      { account: 'sms:main', address: '13800138000', text: 'TD', message_id: null },
    ]);
  });

  it('of whatever content type gives its bytes as they came', async () => {
    for (const type of ['text/xml', 'application/x-www-form-urlencoded', 'message/rfc822', 'application/json'])
      expect((await call({ type })).status).toBe(200);
  });

  it('may check the address first', async () => {
    expect(await call({ method: 'GET' })).toMatchObject({ status: 200, text: 'hello' });
  });

  it('reports to an account that is switched off, too', async () => {
    await mc.rows(`UPDATE provider_account SET enabled = false WHERE channel = 'sms'`);
    await mc.refresh();
    const answer = await call({ news: { receipts: [{ providerRef: 'late', status: 'read' }] } });
    await mc.rows(`UPDATE provider_account SET enabled = true WHERE channel = 'sms'`);
    await mc.refresh();
    expect([answer.status, (await receipts()).length]).toEqual([200, 1]);
  });

  it('may send text that no database takes: the rest of it is stored', async () => {
    const words = 'a\0b\ud83d';
    await call({
      news: { receipts: [{ providerRef: 'x\0y', status: 'failed', words }], uplinks: [{ from: '1', text: words }] },
    });
    expect(await receipts()).toMatchObject([{ provider_id: 'xy', words: 'ab' }]);
    expect(await mc.rows('SELECT text FROM uplink')).toEqual([{ text: 'ab' }]);
  });

  it('is asked to repeat itself where it could not be stored, and nothing of it is', async () => {
    await mc.rows(`ALTER TABLE uplink ADD CONSTRAINT broken CHECK (text <> 'break') NOT VALID`);
    const news: ProviderNews = {
      receipts: [{ providerRef: 'a', status: 'delivered' }],
      uplinks: [{ from: '13800138000', text: 'break' }],
    };
    const failed = await call({ news });
    const left = await receipts();
    await mc.rows('ALTER TABLE uplink DROP CONSTRAINT broken');
    expect([failed.status, JSON.parse(failed.text)]).toMatchObject([503, { code: 'unavailable' }]);
    expect(left).toEqual([]);
    expect((await call({ news })).status).toBe(200);
    expect(await receipts()).toHaveLength(1);
  });
});

describe('a call that is not a provider’s', () => {
  it.each(['sms/nobody', 'nowhere/main', 'portal/main', 'sms'])('to %s finds nothing', async (path) => {
    const answer = await call({ path });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([404, { code: 'not_found' }]);
  });

  it('is too large beyond two megabytes', async () => {
    expect((await call({ body: JSON.stringify({ x: 'x'.repeat(2 * 1024 * 1024 - 10) }) })).status).toBe(200);
    const answer = await call({ body: 'x'.repeat(2 * 1024 * 1024 + 1) });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([413, { code: 'body_too_large' }]);
  });

  it('with a wrong signature stores nothing, and is slowed down by itself alone', async () => {
    const news: ProviderNews = { receipts: [{ providerRef: 'forged', status: 'failed' }] };
    const wrong = await call({ news, token: 'wrong', from: '203.0.113.9' });
    expect([wrong.status, wrong.text]).toEqual([403, 'no']);
    // Ten a minute; a minute may end in between.
    const statuses: number[] = [];
    for (let i = 0; i < 25; i++) statuses.push((await call({ news, token: 'wrong', from: '203.0.113.9' })).status);
    expect(new Set(statuses)).toEqual(new Set([403, 429]));
    expect(statuses.at(-1)).toBe(429);
    expect(await receipts()).toEqual([]);
    expect((await call({ news, from: '203.0.113.10' })).status).toBe(200);
    expect((await call({ news, from: '203.0.113.9', path: 'mail/main' })).status).toBe(200);
  });
});

describe('what came', () => {
  it('is matched to its delivery within a moment', async () => {
    const { token } = await mc.addApp('app');
    await mc.addUser('u1', { sms: '13800138001' });
    const sent = await fetch(`http://127.0.0.1:${mc.port}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        to: { users: ['u1'] },
        channels: { mode: 'list', list: ['sms'] },
        content: { text: 'hi' },
      }),
    });
    const { id } = (await sent.json()) as { id: string };
    const [delivery] = await mc.until(
      'the message is sent',
      () => Promise.resolve(mc.provider.sentTo('13800138001')),
      (deliveries) => deliveries.length === 1,
    );
    await call({ news: { receipts: [{ providerRef: delivery?.ref ?? '', status: 'delivered' }] } });
    await mc.until(
      'the delivery is delivered',
      () => mc.row<{ status: number }>('SELECT status FROM delivery WHERE message_id = $1', [id]),
      ({ status }) => status === 40,
    );
  });
});
