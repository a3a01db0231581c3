import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

let mc: MessagesFixture;
let shop: ReturnType<MessagesFixture['as']>;
let other: ReturnType<MessagesFixture['as']>;

beforeAll(async () => {
  mc = await messagesFixture();
  shop = mc.as(await mc.addApp('shop'));
  other = mc.as(await mc.addApp('other'));
  await mc.rows(
    `INSERT INTO report_hour (hour, app_id, channel, status, count) VALUES
       ('2026-03-01T00:00Z', 'shop', 'sms', 20, 5), ('2026-03-01T01:00Z', 'shop', 'sms', 31, 2),
       ('2026-03-01T16:00Z', 'shop', 'mail', 40, 3), ('2026-03-01T16:00Z', 'other', 'mail', 40, 9),
       ('2026-03-01T17:00Z', 'shop', 'mail', 0, 0)`,
  );
});
afterAll(() => mc.close());

const RANGE = 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z';

describe('summary', () => {
  it.each([
    [
      'hour',
      [
        { group: '2026-03-01T00:00:00Z', counts: { sent: 5 } },
        { group: '2026-03-01T01:00:00Z', counts: { failed: 2 } },
        { group: '2026-03-01T16:00:00Z', counts: { delivered: 12 } },
      ],
    ],
    ['day', [{ group: '2026-03-01T00:00:00Z', counts: { sent: 5, failed: 2, delivered: 12 } }]],
    [
      'channel',
      [
        { group: 'mail', counts: { delivered: 12 } },
        { group: 'sms', counts: { sent: 5, failed: 2 } },
      ],
    ],
    [
      'app',
      [
        { group: 'other', counts: { delivered: 9 } },
        { group: 'shop', counts: { sent: 5, failed: 2, delivered: 3 } },
      ],
    ],
  ])('groups by %s', async (groupBy, items) => {
    const answer = await mc.admin('GET', `/v1/reports/summary?${RANGE}&groupBy=${groupBy}`);
    expect(answer).toMatchObject({ status: 200, body: { groupBy } });
    expect(answer.body.items).toEqual(items);
  });

  it('begins a day in the asked zone', async () => {
    const { body } = await mc.admin('GET', `/v1/reports/summary?${RANGE}&groupBy=day&timeZone=Asia/Shanghai`);
    expect(body.items.map((line: { group: string }) => line.group)).toEqual([
      '2026-02-28T16:00:00Z',
      '2026-03-01T16:00:00Z',
    ]);
  });

  it('shows a client app its own', async () => {
    const { body } = await other('GET', `/v1/reports/summary?${RANGE}&groupBy=app`);
    expect(body.items).toEqual([{ group: 'other', counts: { delivered: 9 } }]);
  });

  it.each([
    'from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
    'groupBy=status',
    'groupBy=hour&from=2025-01-01T00:00:00Z',
    'from=x',
    'timeZone=Mars/Base',
  ])('refuses ?%s', async (query) => {
    await expect(mc.admin('GET', `/v1/reports/summary?${query}`)).resolves.toMatchObject({ status: 400 });
  });
});

describe('export', () => {
  const url = (): string =>
    `/v1/reports/export?from=${new Date(Date.now() - 60_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
  const lines = (text: string): string[][] =>
    text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(','));

  it('streams every delivery once, more than one query takes, and is audited', async () => {
    await mc.rows(`INSERT INTO recipient (user_id) SELECT 'r' || i FROM generate_series(1, 4500) i`);
    const list = { channels: { mode: 'list', list: ['portal'] }, content: { text: 'x' } };
    for (const to of [{ all: true }, { users: ['r1'] }, { all: true }, { users: ['r2', 'r3'] }]) {
      const { body } = await shop('POST', '/v1/messages', { to, ...list });
      await mc.fanOut(body.id);
    }
    const answer = await shop('GET', url());
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const keys = lines(answer.text).map(([id, seq]) => `${id} ${seq}`);
    expect(keys).toHaveLength(9003);
    expect(new Set(keys).size).toBe(9003);
    await expect(mc.rows(`SELECT actor FROM audit_log WHERE action = 'report.export'`)).resolves.toEqual([
      { actor: 'app:shop' },
    ]);
  });

  it('gives a client app its own only, without addresses of the directory', async () => {
    expect(lines((await other('GET', url())).text)).toEqual([]);
    await mc.addUser('d1', { mail: 'secret@example.com' });
    const { body } = await other('POST', '/v1/messages', {
      to: { users: ['d1'], addresses: [{ channel: 'mail', address: 'given@example.com' }] },
      channels: { mode: 'list', list: ['mail'] },
      content: { title: 't', text: 'x' },
    });
    await mc.fanOut(body.id);
    const own = await other('GET', url());
    expect(own.text).toContain('given@example.com');
    expect(own.text).not.toContain('secret@example.com');
    expect((await mc.admin('GET', url())).text).toContain('secret@example.com');
  });

  it('never lets a cell be a formula', async () => {
    await mc.addUser('=cmd()', { sms: '+8613800000000' });
    const { body } = await other('POST', '/v1/messages', {
      to: { users: ['=cmd()'] },
      channels: { mode: 'list', list: ['sms'] },
      content: { text: 'x' },
    });
    await mc.fanOut(body.id);
    const { text } = await mc.admin('GET', url());
    expect(text).toContain(",'=cmd(),sms,'+8613800000000,");
  });

  it.each(['', '?from=2026-03-01T00:00:00Z', '?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z'])(
    'refuses %j',
    async (query) => {
      await expect(mc.admin('GET', `/v1/reports/export${query}`)).resolves.toMatchObject({ status: 400 });
    },
  );
});
