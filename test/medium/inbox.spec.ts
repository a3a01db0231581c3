import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INBOX_STATE, type InboxState } from '#contracts';
import { InboxRepository, encodeDeliveryRef, newMessageId, type InboxQuestion } from '#entities';
import { inboxContent, inboxHeading } from '../../apps/gateway/src/inbox/inbox-content.js';
import { coreApp, type CoreApp } from '../support/core-app.js';

let core: CoreApp;
let inbox: InboxRepository;
beforeAll(async () => {
  core = await coreApp({ running: false });
  inbox = core.get(InboxRepository);
  await core.addApp('shop');
});
afterAll(() => core.close());

interface Given {
  content?: object;
  templateVersionId?: number;
  params?: object;
  /** Of the recipient. */
  own?: object;
  state?: InboxState | null;
  ageS?: number;
  seq?: number;
}

/** Answers the per-delivery reference. */
async function put(
  userId: string,
  { content, templateVersionId, params, own, state = 'unread', ageS = 0, seq = 0 }: Given,
): Promise<string> {
  const id = newMessageId(Date.now() - ageS * 1000);
  const ref = randomUUID();
  await core.rows(
    `INSERT INTO message (id, client_app_id, door, kind, priority, content, template_version_id, params, audience, plan, reply, accepted_at)
     VALUES ($1, 'shop', 'native', $2, 1, $3, $4, $5, '{}', '{"mode":"list","steps":[]}', true, now())`,
    [
      id,
      state === 'open' || state === 'done' ? 'todo' : 'notice',
      content ? JSON.stringify(content) : null,
      templateVersionId ?? null,
      params ? JSON.stringify(params) : null,
    ],
  );
  await core.rows(
    `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, params, delivered_at, inbox_state)
     VALUES ($1, $2, 40, false, 'portal', $3, $3, $4, $5, now(), $6)`,
    [id, seq, userId, ref, own ? JSON.stringify(own) : null, state && INBOX_STATE[state]],
  );
  return encodeDeliveryRef(id, seq, ref);
}

const titles = async (userId: string, question: Partial<InboxQuestion>): Promise<(string | undefined)[]> =>
  (await inbox.page(userId, { offset: 0, limit: 100, ...question })).rows.map((row) => inboxContent(row)?.title);

describe('a page of an inbox', () => {
  beforeAll(async () => {
    const states = ['unread', 'open', 'read', 'done', 'unread', null] as const;
    for (const [i, state] of states.entries())
      await put('pager', { content: { title: `t${i}` }, state, ageS: 100 - i });
    await put('somebody-else', { content: { title: 'not his' } });
  });

  it.each<[InboxState | undefined, string[]]>([
    [undefined, ['t4', 't3', 't2', 't1', 't0']],
    ['unread', ['t4', 't0']],
    ['read', ['t2']],
    ['open', ['t1']],
    ['done', ['t3']],
  ])('is in order, newest first: %s', async (state, expected) => {
    expect(await titles('pager', state ? { state } : {})).toEqual(expected);
  });

  it('knows its total beyond its end, too', async () => {
    expect(await inbox.page('pager', { offset: 3, limit: 2 })).toMatchObject({
      total: 5,
      rows: [{ kind: 'todo' }, { kind: 'notice' }],
    });
    expect(await inbox.page('pager', { offset: 5, limit: 2 })).toEqual({ total: 5, rows: [] });
    expect(await inbox.page('nobody', { offset: 0, limit: 2 })).toEqual({ total: 0, rows: [] });
    expect(await inbox.page('pager', { search: 't', state: 'unread', offset: 9, limit: 2 })).toEqual({
      total: 2,
      rows: [],
    });
  });

  it('counts every state', async () => {
    expect(await inbox.counts('pager')).toEqual({ read: 1, unread: 2, done: 1, open: 1 });
    expect(await inbox.counts('nobody')).toEqual({ read: 0, unread: 0, done: 0, open: 0 });
  });

  it('carries titles, not texts', async () => {
    await put('skimmer', { content: { title: 'Title', text: 'x'.repeat(5000), html: '<p>y</p>' }, ageS: 3 });
    await put('skimmer', { content: { text: 'Words\nof a message '.repeat(50) }, ageS: 2 });
    await put('skimmer', { content: { html: `<p>${'Rich words '.repeat(500)}</p>` }, ageS: 1 });
    const { rows } = await inbox.page('skimmer', { offset: 0, limit: 10 });
    expect(rows.map(inboxHeading)).toEqual([
      'Rich words '.repeat(6).slice(0, 64).trimEnd(),
      'Words of a message '.repeat(4).slice(0, 64),
      'Title',
    ]);
    expect(JSON.stringify(rows).length).toBeLessThan(5000);
  });
});

describe('a search in titles', () => {
  it.each([
    ['%', ['100% wool']],
    ['_', ['under_score']],
    ['\\', ['back\\slash']],
    ['WOOL', ['100% wool']],
    ['äpfel', ['ÄPFEL']],
    ['通知', ['放假通知']],
    ['two lines', ['two lines']],
    ["'; DROP TABLE delivery; --", []],
    ['text of it', []],
  ])('finds %j as it stands', async (search, expected) => {
    expect(await titles('finder', { search })).toEqual(expected);
  });
  beforeAll(async () => {
    for (const title of ['100% wool', 'under_score', 'back\\slash', 'ÄPFEL', '放假通知', 'two\nlines']) {
      await put('finder', { content: { title, text: 'text of it' } });
    }
    await put('somebody-else', { content: { title: '100% wool' } });
  });

  /** What a template shows is what is found: the SQL and the renderer read placeholders alike. */
  it.each([
    ['{{name}}, {{ code }}', { name: 'Ada', code: '7' }],
    ['{{first.DATA}} {{姓名}} {{x_1-y}}', { first: '1', 姓名: '张三', 'x_1-y': '5' }],
    ['{{#each a}} {{/each}} {{a.b}} {{}} {{{ }} ${a} {{a b}}', { a: 'A', b: 'B' }],
    ['{{a}}{{b}}', { a: '{{', b: 'b}} \\1 $& %' }],
    ['{{a}}', { a: '{{b}}', b: 'secret' }],
    ['no placeholder', {}],
    ['{{e\u0301}}{{constructor}}', { 'e\u0301': 'é', constructor: 'own' }],
  ])('finds %j by exactly what it becomes', async (title, params) => {
    const userId = `reader of ${title}`;
    const templateVersionId = await core.addTemplate(randomUUID(), { portal: { title, text: 'x' } });
    await put(userId, { templateVersionId, params });
    const [shown] = await titles(userId, {});
    expect(shown).toBeTruthy();
    expect(await titles(userId, { search: shown as string })).toEqual([shown]);
    expect(await titles(userId, { search: `${shown} ` })).toEqual([]);
    if (title !== shown) expect(await titles(userId, { search: title })).toEqual([]);
  });

  it('reads the recipient’s own params before the message’s, and no title that lacks one', async () => {
    const templateVersionId = await core.addTemplate('greeting', { portal: { title: 'Dear {{name}}', text: 'x' } });
    await put('own', { templateVersionId, params: { name: 'customer' }, own: { name: 'Grace' } });
    await put('own', { templateVersionId, params: {} });
    expect(await titles('own', { search: 'dear grace' })).toEqual(['Dear Grace']);
    expect(await titles('own', { search: 'customer' })).toEqual([]);
    expect(await titles('own', { search: 'dear' })).toEqual(['Dear Grace']);
  });
});

describe('an inbox that is watched', () => {
  it('tells badges of many people in one answer', async () => {
    await put('w1', { state: 'unread', content: { title: 'a' }, ageS: 5 });
    const newest = await put('w1', { state: 'open', content: { title: 'b' } });
    const only = await put('w2', { state: 'done', content: { title: 'c' } });
    expect(await inbox.countsOf(['w1', 'w2', 'w1', 'nobody'])).toEqual(
      new Map([
        ['w1', { unread: 1, open: 1, newestId: newest }],
        ['w2', { unread: 0, open: 0, newestId: only }],
        ['nobody', { unread: 0, open: 0, newestId: null }],
      ]),
    );
  });

  it('goes on after what was seen, oldest first', async () => {
    const seen = await put('live', { content: { title: 'seen' }, ageS: 50 });
    for (const [i, state] of (['open', 'unread', 'read'] as const).entries()) {
      await put('live', { content: { title: `new ${i}` }, state, ageS: 40 - i });
    }
    const after = async (userId: string, id: string, limit = 10): Promise<string[]> =>
      (await inbox.newer(userId, id, limit)).map(inboxHeading);
    expect(await after('live', seen)).toEqual(['new 0', 'new 1', 'new 2']);
    expect(await after('live', seen, 2)).toEqual(['new 0', 'new 1']);
    expect(await after('somebody-else', seen)).toEqual([]);
    expect(await after('live', 'nonsense')).toEqual([]);
  });

  it('shows one message to whoever holds its reference', async () => {
    await core.addUser('holder');
    const id = await put('holder', { content: { title: 'T', text: 'whole text' }, state: 'open', seq: 15 });
    expect(await inbox.findByRef(id)).toMatchObject({
      recipient: 'holder',
      reply: true,
      kind: 'todo',
      seq: 15,
      content: { title: 'T', text: 'whole text' },
    });
    const outside = await put('holder', { content: { title: 'no inbox row' }, state: null });
    expect(await inbox.findByRef(outside)).toBeNull();
    expect(await inbox.findByRef(`${id.slice(0, -1)}${id.endsWith('A') ? 'Q' : 'A'}`)).toBeNull();
  });
});
