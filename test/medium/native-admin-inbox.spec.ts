import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUS, INBOX_STATE, type InboxState } from '#contracts';
import { newMessageId } from '#entities';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
let sender: { appId: string };
beforeAll(async () => {
  gateway = await gatewayApp();
  sender = await gateway.clientApp({ name: 'Sender' });
});
afterAll(() => gateway.close());

interface Given {
  userId: string;
  text: string;
  /** Default: as fan-out leaves it. Null: it is no inbox row. */
  state?: InboxState | null;
  kind?: string;
  channel?: string;
  agoMs?: number;
}

/** A portal delivery as the fan-out would have made it. */
async function deliver({
  userId,
  text,
  kind = 'notice',
  channel = 'portal',
  state = channel !== 'portal' ? null : kind === 'todo' ? 'open' : 'unread',
  agoMs = 0,
}: Given): Promise<void> {
  const id = newMessageId(Date.now() - agoMs);
  await gateway.database.query(
    `INSERT INTO message (id, client_app_id, door, kind, priority, content, audience, plan, accepted_at)
     VALUES ($1, $2, 'native', $3, 1, $4, '{}', '{"mode":"list","steps":[]}', now())`,
    [id, sender.appId, kind, JSON.stringify({ title: `About ${text}`, text })],
  );
  await gateway.database.query(`INSERT INTO message_state (message_id, status) VALUES ($1, 'dispatched')`, [id]);
  await gateway.database.query(
    `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, delivered_at, inbox_state)
     VALUES ($1, 0, $2, false, $3, $4, $4, $5, now(), $6)`,
    [
      id,
      DELIVERY_STATUS[state === 'read' ? 'read' : 'delivered'],
      channel,
      userId,
      randomUUID(),
      state && INBOX_STATE[state],
    ],
  );
}

const textsOf = (answer: Answer): string[] => answer.body.items.map((item: { text: string }) => item.text);

describe('inbox', () => {
  it('shows a person’s portal messages newest first, page by page, and nothing of others', async () => {
    for (const [i, text] of ['oldest', 'middle', 'newest'].entries()) {
      await deliver({ userId: 'reader', text, agoMs: 30_000 - i * 10_000 });
    }
    await deliver({ userId: 'somebody-else', text: 'not his' });
    await deliver({ userId: 'reader', text: 'a mail', channel: 'mail' });
    const first = await gateway.admin('GET', '/v1/users/reader/inbox?limit=2');
    expect(textsOf(first)).toEqual(['newest', 'middle']);
    expect(first.body.items[0]).toMatchObject({
      title: 'About newest',
      source: 'Sender',
      state: 'unread',
      kind: 'notice',
    });
    const rest = await gateway.admin('GET', `/v1/users/reader/inbox?limit=2&cursor=${first.body.nextCursor}`);
    expect(textsOf(rest)).toEqual(['oldest']);
    expect(rest.body.nextCursor).toBeNull();
  });

  it('keeps notices apart from to-dos, which are open or done', async () => {
    await deliver({ userId: 'sorter', text: 'unread' });
    await deliver({ userId: 'sorter', text: 'read', state: 'read' });
    await deliver({ userId: 'sorter', text: 'open to-do', kind: 'todo' });
    await deliver({ userId: 'sorter', text: 'closed to-do', kind: 'todo', state: 'done' });
    const of = async (type: string): Promise<string[]> =>
      textsOf(await gateway.admin('GET', `/v1/users/sorter/inbox?type=${type}`)).sort();
    expect(await of('unread')).toEqual(['unread']);
    expect(await of('read')).toEqual(['read']);
    expect(await of('todo')).toEqual(['open to-do']);
    expect(await of('done')).toEqual(['closed to-do']);
    expect(await of('all')).toHaveLength(4);
    expect((await gateway.admin('GET', '/v1/users/sorter/inbox/count')).body).toEqual({
      read: 1,
      unread: 1,
      done: 1,
      open: 1,
    });
    expect((await gateway.admin('GET', '/v1/users/sorter/inbox?type=spam')).status).toBe(400);
  });

  it('finds by a part of the title, page by page', async () => {
    for (const [i, text] of ['50% off', '500 off', 'Half OFF', 'nothing'].entries()) {
      await deliver({ userId: 'seeker', text, agoMs: 40_000 - i * 10_000 });
    }
    const find = (query: string): Promise<Answer> => gateway.admin('GET', `/v1/users/seeker/inbox?${query}`);
    expect(textsOf(await find('search=50%25'))).toEqual(['50% off']);
    const first = await find('search=off&limit=2');
    expect(textsOf(first)).toEqual(['Half OFF', '500 off']);
    expect(textsOf(await find(`search=off&limit=2&cursor=${first.body.nextCursor}`))).toEqual(['50% off']);
    expect(textsOf(await find('search=off&type=read'))).toEqual([]);
  });

  it('marks as read once and lets the counters know', async () => {
    await deliver({ userId: 'clicker', text: 'one' });
    const [item] = (await gateway.admin('GET', '/v1/users/clicker/inbox')).body.items as [{ id: string }];
    expect((await gateway.admin('GET', '/v1/users/clicker/inbox/count')).body).toMatchObject({ unread: 1 });
    const url = `/v1/users/clicker/inbox/${item.id}/read`;
    expect([(await gateway.admin('POST', url)).status, (await gateway.admin('POST', url)).status]).toEqual([204, 204]);
    expect((await gateway.admin('GET', '/v1/users/clicker/inbox/count')).body).toMatchObject({ unread: 0, read: 1 });
    const deltas = await gateway.database.query(`SELECT to_status, count FROM settlement WHERE to_status = 50`);
    expect(deltas).toEqual([{ to_status: 50, count: 1 }]);
  });

  it('answers another person’s message like an unknown one', async () => {
    await deliver({ userId: 'owner', text: 'private' });
    const [item] = (await gateway.admin('GET', '/v1/users/owner/inbox')).body.items as [{ id: string }];
    const foreign = await gateway.admin('POST', `/v1/users/thief/inbox/${item.id}/read`);
    const unknown = await gateway.admin('POST', `/v1/users/thief/inbox/nonsense/read`);
    const said = ({ requestId: _, ...rest }: Record<string, unknown>): object => rest;
    expect([foreign.status, said(foreign.body)]).toEqual([404, said(unknown.body)]);
    expect((await gateway.admin('GET', '/v1/users/owner/inbox/count')).body).toMatchObject({ unread: 1 });
  });

  it('asks client apps for the feature', async () => {
    const plain = await gateway.clientApp();
    const portal = await gateway.clientApp({ features: ['user-list'] });
    expect((await gateway.call('GET', '/v1/users/owner/inbox', { token: plain.token })).status).toBe(403);
    expect(textsOf(await gateway.call('GET', '/v1/users/owner/inbox', { token: portal.token }))).toEqual(['private']);
    expect((await gateway.call('GET', '/v1/users/owner/inbox/count', { token: portal.token })).status).toBe(403);
  });
});
