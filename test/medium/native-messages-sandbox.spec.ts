import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FanOutRepository, SandboxRepository, encodeDeliveryRef } from '#entities';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

let mc: MessagesFixture;
let sandbox: SandboxRepository;

beforeAll(async () => {
  mc = await messagesFixture({ HOST: '127.0.0.1' });
  sandbox = mc.app.get(SandboxRepository);
});
afterAll(() => mc.close());

const took = (channel: 'sms' | 'mail', address: string, text: string, ref = 'test'): Promise<void> =>
  sandbox.store([{ channel, address, ref, content: { text }, at: new Date() }]);
const list = (query = ''): ReturnType<typeof mc.call> => mc.call('GET', `/v1/sandbox/messages${query}`);

describe('what the sandbox took', () => {
  it('is listed newest first with its message', async () => {
    const shop = mc.as(await mc.addApp('shop'));
    const { body } = await shop('POST', '/v1/messages', {
      to: { addresses: [{ channel: 'sms', address: '13900000000' }] },
      channels: { mode: 'list', list: ['sms'] },
      content: { text: 'x' },
    });
    await mc.app.get(FanOutRepository).fanOutSmall([body.id]);
    const [delivery] = await mc.rows<{ seq: number; ref: string }>(
      'SELECT seq, ref FROM delivery WHERE message_id = $1',
      [body.id],
    );
    await took('mail', 'a@example.com', 'first');
    await took('sms', '13900000000', 'second', encodeDeliveryRef(body.id, delivery?.seq ?? 0, delivery?.ref ?? ''));
    const answer = await list();
    expect(answer.body.items).toEqual([
      {
        channel: 'sms',
        address: '13900000000',
        messageId: body.id,
        content: { text: 'second' },
        at: expect.stringMatching(/Z$/),
      },
      {
        channel: 'mail',
        address: 'a@example.com',
        messageId: null,
        content: { text: 'first' },
        at: expect.any(String),
      },
    ]);
  });

  it('is filtered and paged', async () => {
    await expect(list('?channel=mail')).resolves.toMatchObject({
      body: { items: [{ channel: 'mail' }], nextCursor: null },
    });
    await expect(list('?address=13900000000')).resolves.toMatchObject({ body: { items: [{ channel: 'sms' }] } });
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.body.nextCursor}`);
    expect([first.body.items[0].channel, second.body.items[0].channel]).toEqual(['sms', 'mail']);
    expect(second.body.nextCursor).toBeNull();
  });

  it('schedules receipts that are matched later', async () => {
    await sandbox.scheduleReceipts([{ ref: 'r1', status: 'failed', code: 'bounced', words: 'w', afterMs: 60_000 }]);
    await expect(
      mc.rows(
        `SELECT account, provider_id, status, code, words, due_at > now() + interval '50 seconds' AS later FROM receipt`,
      ),
    ).resolves.toEqual([
      { account: 'sandbox', provider_id: 'r1', status: 31, code: 'bounced', words: 'w', later: true },
    ]);
  });

  it('keeps the newest only', async () => {
    for (const text of ['a', 'b', 'c', 'd']) await took('mail', 'prune@example.com', text);
    expect(await sandbox.prune(1, 2)).toBe(1);
    while ((await sandbox.prune(100, 2)) > 0);
    const { body } = await list();
    expect(body.items.map((item: { content: { text: string } }) => item.content.text)).toEqual(['d', 'c']);
  });

  it('is emptied', async () => {
    await expect(mc.call('DELETE', '/v1/sandbox/messages')).resolves.toMatchObject({
      status: 200,
      body: { deleted: 2 },
    });
    await expect(list()).resolves.toMatchObject({ body: { items: [] } });
    const log = await mc.admin('GET', '/v1/audit-log?action=sandbox.clear');
    expect(log.body.items).toMatchObject([{ actor: 'anonymous', ip: '127.0.0.1', details: { deleted: 2 } }]);
  });
});

describe('the page', () => {
  it('shows what was said as text and never runs it', async () => {
    await took('mail', '"><script>alert(1)</script>@example.com', '<img src=x onerror=alert(1)>');
    const { status, headers, text } = await mc.call('GET', `/sandbox?address=${encodeURIComponent('"><script>x')}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'/);
    expect(text).not.toContain('<script');
    const all = await mc.call('GET', '/sandbox');
    expect(all.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(all.text).not.toMatch(/<img|<script/);
  });

  it('speaks Chinese and English and lists the simulated recipients', async () => {
    const { text } = await mc.call('GET', '/sandbox');
    for (const words of ['沙箱', 'Sandbox', 'fail@example.com', '13700000001', '立即拒绝'])
      expect(text).toContain(words);
  });

  it('takes the empty fields of its own form', async () => {
    await expect(mc.call('GET', '/sandbox?channel=&address=')).resolves.toMatchObject({ status: 200 });
  });
});

describe('who may look', () => {
  it('wants an administrator when the question came through another name', async () => {
    const headers = { host: 'message.example.com' };
    await expect(mc.call('GET', '/v1/sandbox/messages', { headers })).resolves.toMatchObject({ status: 401 });
    await expect(mc.call('GET', '/v1/sandbox/messages', { headers, token: mc.adminToken })).resolves.toMatchObject({
      status: 200,
    });
  });

  it('lets a browser log in with the token as the password', async () => {
    const host = 'message.example.com';
    const asked = await mc.call('GET', '/sandbox', { headers: { host } });
    expect(asked).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringMatching(/^Basic /) } });
    const basic = (password: string): Record<string, string> => ({
      host,
      authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
    });
    await expect(mc.call('GET', '/sandbox', { headers: basic('wrong-wrong-wrong') })).resolves.toMatchObject({
      status: 401,
    });
    await expect(mc.call('GET', '/sandbox', { headers: basic(mc.adminToken) })).resolves.toMatchObject({ status: 200 });
  });
});
