import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Sink } from '../support/sink.js';
import { wholeCenter, type WholeCenter } from '../support/whole-center.js';

let center: WholeCenter;
let sink: Sink;
beforeAll(async () => {
  sink = await Sink.open();
  center = await wholeCenter();
  for (const id of ['ada', 'bob']) await center.person(id, {});
});
beforeEach(() => sink.forget());
afterAll(async () => {
  await center.close();
  await sink.close();
});

const todo = { kind: 'todo', content: { title: 'Report', text: 'Hand it in.' } };
const send = async (more: object = {}): Promise<string> => {
  const id = await center.send(['ada', 'bob'], ['portal'], '', { ...todo, ...more });
  await center.untilStatuses(id, 'delivered', 'delivered');
  return id;
};
const asApp = (path: string, body?: object): ReturnType<WholeCenter['call']> =>
  center.call('POST', path, { token: center.appToken, ...(body ? { body } : {}) });
/** Where the to-do stands, by receiver. */
const standing = async (id: string): Promise<Record<string, string>> => {
  const { body } = await center.admin('GET', `/v1/messages/${id}/deliveries`);
  return Object.fromEntries(body.items.map((item: { recipient: string; todo: string }) => [item.recipient, item.todo]));
};
const refOf = async (id: string, userId: string): Promise<string> => {
  const { body } = await center.admin('GET', `/v1/users/${userId}/inbox`);
  const [newest] = body.items as { id: string }[];
  expect(await standing(id)).toHaveProperty(userId);
  return newest?.id ?? '';
};
interface Told {
  uid: string;
  state: string;
  ref_no: string;
}
/** What the app was told of the to-do. */
const told = (id: string): string[] =>
  sink.callbacks
    .map(({ body }) => JSON.parse(body) as { type: string; data: { items: Told[] } })
    .filter(({ type }) => type === 'todo.status')
    .flatMap(({ data }) => data.items.filter(({ ref_no }) => ref_no === id).map(({ uid, state }) => `${uid} ${state}`));
const untilTold = (id: string, ...words: string[]): Promise<unknown> =>
  center.until(
    `the app hears ${words.join(', ')}`,
    () => Promise.resolve(told(id)),
    (heard) => heard.length === words.length && words.every((word) => heard.includes(word)),
  );

describe('a to-do', () => {
  it('that a person does and opens again is told to the app, each once', async () => {
    const id = await send({ statusCallback: sink.callbackUrl });
    const ref = await refOf(id, 'ada');
    for (let times = 0; times < 2; times++)
      expect(await center.admin('POST', `/v1/users/ada/inbox/${ref}/done`)).toMatchObject({ status: 204 });
    expect(await standing(id)).toEqual({ ada: 'done', bob: 'open' });
    await untilTold(id, 'ada done');
    expect(await center.admin('POST', `/v1/users/ada/inbox/${ref}/reopen`)).toMatchObject({ status: 204 });
    await untilTold(id, 'ada done', 'ada open');
    expect(await standing(id)).toEqual({ ada: 'open', bob: 'open' });
  });

  it('that its app sets for everybody is told to it, too', async () => {
    const id = await send({ statusCallback: sink.callbackUrl });
    await center.admin('POST', `/v1/users/ada/inbox/${await refOf(id, 'ada')}/done`);
    expect((await asApp(`/v1/messages/${id}/todo`, { state: 'done' })).body).toEqual({
      id,
      state: 'done',
      receivers: 2,
      changed: 1,
    });
    expect((await asApp(`/v1/messages/${id}/todo`, { state: 'done' })).body).toMatchObject({ changed: 0 });
    await untilTold(id, 'ada done', 'bob done');
    expect(await standing(id)).toEqual({ ada: 'done', bob: 'done' });
    await center.keepsItsPromises();
  });

  it('is not read by being done, nor done by being read', async () => {
    const id = await send();
    const ref = await refOf(id, 'ada');
    await center.admin('POST', `/v1/users/ada/inbox/${ref}/read`);
    expect(await standing(id)).toMatchObject({ ada: 'open' });
    await center.admin('POST', `/v1/users/bob/inbox/${await refOf(id, 'bob')}/done`);
    const { body } = await center.admin('GET', '/v1/users/bob/inbox?type=done');
    expect(body.items[0]).toMatchObject({ state: 'done', readAt: null });
  });

  it('has a link of its own for computers', async () => {
    const id = await send({
      content: { ...todo.content, url: 'https://m.example.com/7', pcUrl: 'https://desk.example.com/7' },
    });
    expect(await center.rows('SELECT content FROM message WHERE id = $1', [id])).toMatchObject([
      { content: { url: 'https://m.example.com/7', pcUrl: 'https://desk.example.com/7' } },
    ]);
  });
});

describe('what is refused', () => {
  it('another app’s to-do, an unknown one, a notice, a state there is not', async () => {
    const id = await send();
    const stranger = await center.clientApp({ name: 'Stranger' });
    const notice = await center.send(['ada'], ['portal'], 'Hello');
    await center.untilStatuses(notice, 'delivered');
    const set = (of: string, body: object, token = center.appToken): Promise<{ status: number }> =>
      center.call('POST', `/v1/messages/${of}/todo`, { token, body });
    expect(await set(id, { state: 'done' }, stranger.token)).toMatchObject({ status: 404 });
    expect(await set('nothing', { state: 'done' })).toMatchObject({ status: 404 });
    expect(await set(notice, { state: 'done' })).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
    expect(await set(id, { state: 'skipped' })).toMatchObject({ status: 400, body: { errors: [{ field: 'state' }] } });
    const ref = await refOf(notice, 'ada');
    expect(await center.admin('POST', `/v1/users/ada/inbox/${ref}/done`)).toMatchObject({ status: 400 });
    expect(await center.admin('POST', `/v1/users/bob/inbox/${ref}/done`)).toMatchObject({ status: 404 });
    expect(await asApp(`/v1/users/ada/inbox/${ref}/done`)).toMatchObject({ status: 403 });
    expect(await standing(id)).toEqual({ ada: 'open', bob: 'open' });
  });

  it('a to-do that is still on its way', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const id = await center.send(['ada'], ['portal'], '', { ...todo, sendAt });
    expect(await asApp(`/v1/messages/${id}/todo`, { state: 'done' })).toMatchObject({ status: 409 });
  });

  it.each([
    ['for a notice', { kind: 'notice', remindEvery: 3600 }],
    ['by the portal only', { remindEvery: 3600 }],
    ['too often', { remindEvery: 59 }],
    ['too rarely', { remindEvery: 2_592_001 }],
  ])('reminders %s', async (_, more) => {
    const body = { to: { users: ['ada'] }, channels: { mode: 'list', list: ['portal'] }, ...todo, ...more };
    expect(await asApp('/v1/messages', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'remindEvery' }] },
    });
  });
});
