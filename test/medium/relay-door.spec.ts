import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '#platform';
import type { Answer } from '../support/gateway-app.js';
import { BLOCKED, DONE, WRONG, atOnce, relayDoor, type Party, type RelayDoor } from './relay-door.fixture.js';

/** The example of the published interface, word for word. */
const MESSAGE = `{
  "nickname": "昵称",
  "content": "what's up man!",
  "icon": "http://xxx.jpg",
  "redirect": "http://xxx",
  "type": "0"
}`;
const PERSON = `{
  "nickname":"昵称",
  "icon":"http://xxx.jpg",
}`;

/** In no directory of ours. */
const STRANGER = 'a-token-that-nobody-was-ever-given';
const NOBODY = '0'.repeat(32);

let door: RelayDoor;
let desk: Party;
let alice: Party;
let bob: Party;
beforeAll(async () => {
  door = await relayDoor();
});
afterAll(() => door?.close());
beforeEach(async () => {
  [desk, alice, bob] = await Promise.all([door.relayAdmin({ rateExempt: true }), door.relayUser(), door.relayUser()]);
});

describe('messages', () => {
  it('are counted when they are accepted, and only then', async () => {
    const metrics = door.app.get(Metrics, { strict: false });
    const accepted = async (): Promise<number> =>
      Number(/mc_accepted_total\{door="relay"\} (\d+)/.exec(await metrics.exposition())?.[1] ?? 0);
    const before = await accepted();
    expect(await door.send(desk, alice)).toEqual(DONE);
    expect(await door.send(alice, bob)).not.toEqual(DONE);
    expect((await accepted()) - before).toBe(1);
  });

  it('are relayed as they came, with their time and the id of their sender', async () => {
    const before = Math.floor(Date.now() / 1000);
    expect(await door.send(desk, alice, MESSAGE)).toEqual(DONE);
    const [message, ...others] = await door.pull(alice);
    expect(others).toEqual([]);
    expect(message).toEqual({
      time: expect.any(Number),
      content: "what's up man!",
      md5_id: createHash('md5').update(desk.token).digest('hex'),
      nickname: '昵称',
      icon: 'http://xxx.jpg',
      redirect: 'http://xxx',
      type: '0',
    });
    expect(Math.abs(Number(message?.['time']) - before)).toBeLessThan(30);
  });

  it('come oldest first, and are gone once they were pulled', async () => {
    for (const content of ['1', '2', '3']) await door.send(desk, alice, { content });
    expect((await door.pull(alice)).map(({ content }) => content)).toEqual(['1', '2', '3']);
    expect(await door.relay(alice, 'message', 'get')).toEqual(DONE);
  });

  it.each<[string, object, object]>([
    ['no field but the content', { content: '你' }, {}],
    ['empty fields', { content: 'a', nickname: '', icon: '', type: '' }, { nickname: '', icon: '', type: '' }],
    ['a type that is a number', { content: 'a', type: 7 }, { type: 7 }],
    ['fields that are null', { content: 'a', nickname: null, icon: null, redirect: null, type: null }, {}],
    ['fields nobody knows', { content: 'a', mood: 'good' }, {}],
    ['the longest content', { content: '字'.repeat(2000), nickname: '😀'.repeat(64) }, { nickname: '😀'.repeat(64) }],
    ['line breaks, quotes and marks', { content: '"\\\n\t\u0001\u2028😀' }, {}],
    ['a link of an app', { content: 'a', redirect: 'myapp://page/1?x=你' }, { redirect: 'myapp://page/1?x=你' }],
  ])('may have %s', async (_, body, relayed) => {
    expect(await door.send(desk, alice, body)).toEqual(DONE);
    const { content } = body as { content: string };
    expect(await door.pull(alice)).toEqual([{ time: expect.any(Number), content, md5_id: desk.md5Id, ...relayed }]);
  });

  it.each<[string, object | string]>([
    ['no body', ''],
    ['no content', { nickname: 'a' }],
    ['an empty content', { content: '' }],
    ['a content that is a number', { content: 1 }],
    ['a content that is too long', { content: 'a'.repeat(2001) }],
    ['a NUL', { content: 'a\u0000' }],
    ['half a character', '{"content":"\\ud800"}'],
    ['a nickname that is too long', { content: 'a', nickname: 'a'.repeat(65) }],
    ['a redirect that is no URL', { content: 'a', redirect: 'nowhere' }],
    ['an icon that is too long', { content: 'a', icon: `http://${'a'.repeat(1020)}` }],
    ['a type that is a list', { content: 'a', type: ['0'] }],
    ['a list', '[]'],
    ['no JSON', 'content=a'],
    ['JSON of another depth', `{"content":"a","x":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['more than a body may be', `{"content":"a","x":"${'a'.repeat(1024 * 1024)}"}`],
  ])('are refused with %s', async (_, body) => {
    expect(await door.send(desk, alice, body)).toEqual(WRONG);
    expect(await door.pull(alice)).toEqual([]);
  });

  it('are JSON whatever the Content-Type says', async () => {
    const url = `/app/message?type=message&do=set&token=${desk.token}&md5_id=${alice.md5Id}`;
    const types = ['application/x-www-form-urlencoded', 'text/plain', 'nonsense', 'application/ndjson; charset=utf-8'];
    for (const type of types) {
      const answer = await door.call('POST', url, { headers: { 'content-type': type }, body: '{"content":"a"}' });
      expect([type, answer.body]).toEqual([type, DONE]);
    }
    expect(await door.pull(alice)).toHaveLength(types.length);
  });

  it('are emptied out of the own mailbox alone', async () => {
    await door.send(desk, alice);
    await door.send(desk, bob);
    expect(await door.relay(alice, 'message', 'del')).toEqual(DONE);
    expect(await door.pull(alice)).toEqual([]);
    expect(await door.pull(bob)).toHaveLength(1);
  });

  it('never come out of a mailbox 3 days after they were sent', async () => {
    await door.send(desk, alice, { content: 'old' });
    await door.send(desk, alice, { content: 'new' });
    await door.rows(`UPDATE relay_message SET sent_at = now() - interval '3 days' WHERE body->>'content' = 'old'`);
    expect((await door.pull(alice)).map(({ content }) => content)).toEqual(['new']);
  });

  it('come whole where a mailbox holds more than a message of the broker', async () => {
    const content = '字'.repeat(2000);
    await atOnce(250, () => door.send(desk, alice, { content }));
    const pulled = await door.pull(alice);
    expect(pulled.map((message) => message['content'] === content)).toEqual(Array(250).fill(true));
    expect(await door.pull(alice, { again: '1' })).toEqual(pulled);
  });
});

describe('who may write', () => {
  it('a user answers those who wrote to him, and nobody else', async () => {
    expect(await door.send(alice, desk)).toEqual(WRONG);
    await door.send(desk, alice);
    expect(await door.send(alice, desk)).toEqual(DONE);
    expect(await door.send(alice, bob)).toEqual(WRONG);
    await door.pull(alice);
    expect(await door.send(alice, desk)).toEqual(DONE);
    await door.rows(`UPDATE relay_contact SET sent_at = now() - interval '3 days' WHERE owner = $1`, [alice.md5Id]);
    expect(await door.send(alice, desk)).toEqual(WRONG);
  });

  it('nobody writes to somebody unknown', async () => {
    expect(await door.send(desk, '0'.repeat(32))).toEqual(WRONG);
  });

  it('an answer without a redirect gets that of the last message it answers', async () => {
    await door.send(desk, alice, { content: 'a', redirect: 'http://first' });
    await door.send(desk, alice, { content: 'a', redirect: 'http://last' });
    await door.send(alice, desk, { content: 'b' });
    await door.send(alice, desk, { content: 'b', redirect: 'http://own' });
    await door.send(alice, desk, { content: 'b', redirect: '' });
    const redirects = (await door.pull(desk)).map(({ redirect }) => redirect);
    expect(redirects).toEqual(['http://last', 'http://own', 'http://last']);
  });

  it('a message of an admin has no redirect but its own, whatever link an answer brought back to him', async () => {
    await door.send(desk, alice, { content: '1', redirect: 'http://r1' });
    await door.send(alice, desk, { content: '2' });
    await door.send(desk, alice, { content: '3', redirect: 'http://r3' });
    await door.send(desk, alice, { content: '4' });
    expect((await door.pull(alice)).map(({ redirect }) => redirect)).toEqual(['http://r1', 'http://r3', undefined]);
    await door.send(alice, desk, { content: '5' });
    expect((await door.pull(desk)).map(({ redirect }) => redirect)).toEqual(['http://r1', undefined]);
  });
});

describe('customer service', () => {
  it('shares one mailbox among the admins of a key', async () => {
    const [ann, ben] = await atOnce(2, () => door.relayAdmin({ key: 'service' }));
    const other = await door.relayAdmin({ key: 'other' });
    if (!ann || !ben) throw new Error('two admins');
    await door.send(ann, alice);
    await door.send(ben, alice);
    await door.send(alice, ann, { content: 'to ann' });
    await door.send(alice, ben, { content: 'to ben' });
    expect(await door.relay(other, 'message', 'get', { key: 'service' })).toEqual(WRONG);
    expect(await door.relay(alice, 'message', 'get', { key: 'service' })).toEqual(WRONG);
    expect(await door.relay(ann, 'message', 'get', { key: 'unknown' })).toEqual(WRONG);
    expect(await door.relay(ann, 'message', 'get', { key: '' })).toEqual(WRONG);
    const shared = await door.pull(ann, { key: 'service' });
    expect(shared.map(({ content, md5_id, to_md5_id }) => [content, md5_id, to_md5_id])).toEqual([
      ['to ann', alice.md5Id, ann.md5Id],
      ['to ben', alice.md5Id, ben.md5Id],
    ]);
    expect(await door.pull(ben)).toEqual([]);
    expect(await door.pull(ann, { key: 'service', again: '1' })).toEqual(shared);
    expect(await door.pull(ann, { again: '1' })).toEqual([]);
    expect(await door.pull(ben, { key: 'service', again: '1' })).toEqual([]);
  });

  it('leaves to an admin without the key what was sent to him alone', async () => {
    const [ann, ben] = await atOnce(2, () => door.relayAdmin({ key: 'alone' }));
    if (!ann || !ben) throw new Error('two admins');
    for (const admin of [ann, ben]) {
      await door.send(admin, alice);
      await door.send(alice, admin, { content: 'a' });
    }
    const [own, ...others] = await door.pull(ann);
    expect([own?.['content'], 'to_md5_id' in (own ?? {}), others]).toEqual(['a', false, []]);
    expect(await door.pull(ann, { key: 'alone' })).toMatchObject([{ to_md5_id: ben.md5Id }]);
  });
});

describe('what an answer lost on its way held', () => {
  it('comes once more for 10 minutes, whatever was asked in between', async () => {
    await door.send(desk, alice, { content: 'a' });
    const pulled = await door.pull(alice);
    expect(await door.pull(alice)).toEqual([]);
    expect(await door.pull(alice, { again: '1' })).toEqual(pulled);
    expect(await door.pull(alice, { again: '1' })).toEqual(pulled);
    await door.send(desk, alice, { content: 'b' });
    await door.pull(alice);
    expect((await door.pull(alice, { again: '1' })).map(({ content }) => content)).toEqual(['b']);
    await door.rows(`UPDATE relay_pull SET pulled_at = now() - interval '10 minutes' WHERE reader = $1`, [alice.md5Id]);
    expect(await door.pull(alice, { again: '1' })).toEqual([]);
  });

  it('does not come when it has expired meanwhile', async () => {
    await door.send(desk, alice);
    await door.rows(
      `UPDATE relay_message SET sent_at = now() - interval '3 days' + interval '1 hour' WHERE receiver = $1`,
      [alice.md5Id],
    );
    expect(await door.pull(alice)).toHaveLength(1);
    await door.rows(
      `UPDATE relay_pull SET entries = json_build_array(json_build_object('time', (entries->0->>'time')::bigint - 3600,
              'sender', '', 'receiver', '', 'redirect', null, 'body', '{}'::json)) WHERE reader = $1`,
      [alice.md5Id],
    );
    expect(await door.pull(alice, { again: '1' })).toEqual([]);
  });
});

describe('the black list', () => {
  it('keeps its entries as they were shown, the latest word counting', async () => {
    expect(await door.relay(alice, 'blacklist', 'get')).toEqual(DONE);
    expect(await door.relay(alice, 'blacklist', 'set', { md5_id: bob.md5Id }, PERSON)).toEqual(DONE);
    expect(await door.block(alice, desk)).toEqual(DONE);
    const shown = { nickname: '昵称', icon: 'http://xxx.jpg' };
    const listed = (await door.relay(alice, 'blacklist', 'get')).data;
    expect(listed).toEqual([{ md5_id: bob.md5Id, ...shown }, { md5_id: desk.md5Id }]);
    await door.block(alice, bob, { nickname: 'B' });
    expect((await door.relay(alice, 'blacklist', 'get')).data?.[0]).toEqual({ md5_id: bob.md5Id, nickname: 'B' });
  });

  it('stops whoever is on it until he is taken off', async () => {
    await door.send(alice, desk);
    await door.block(alice, desk);
    expect(await door.send(desk, alice)).toEqual(BLOCKED);
    expect(await door.send(desk, bob)).toEqual(DONE);
    expect(await door.relay(alice, 'blacklist', 'del', { md5_id: bob.md5Id })).toEqual(DONE);
    expect(await door.send(desk, alice)).toEqual(BLOCKED);
    expect(await door.relay(alice, 'blacklist', 'del', { md5_id: desk.md5Id })).toEqual(DONE);
    expect(await door.send(desk, alice)).toEqual(DONE);
  });

  it.each<[string, Record<string, string>]>([
    ['no md5_id', {}],
    ['an empty md5_id', { md5_id: '' }],
  ])('is emptied by a del with %s', async (_, more) => {
    await door.block(alice, desk);
    await door.block(alice, bob);
    await door.block(bob, desk);
    expect(await door.relay(alice, 'blacklist', 'del', more)).toEqual(DONE);
    expect(await door.relay(alice, 'blacklist', 'get')).toEqual(DONE);
    expect((await door.relay(bob, 'blacklist', 'get')).data).toHaveLength(1);
  });

  it('stops a user whom more than 300 users have on theirs, but no admin', async () => {
    await door.send(desk, alice);
    const blockedBy = (n: number, whom: Party) =>
      door.rows(
        `INSERT INTO relay_block (owner, md5_id) SELECT md5('blocker' || k), $1 FROM generate_series(1, $2::int) k ON CONFLICT DO NOTHING`,
        [whom.md5Id, n],
      );
    await blockedBy(301, desk);
    expect(await door.send(desk, alice)).toEqual(DONE);
    await blockedBy(300, alice);
    expect(await door.send(alice, desk)).toEqual(DONE);
    await door.block(bob, alice);
    expect(await door.send(alice, desk)).toEqual(BLOCKED);
    await door.relay(bob, 'blacklist', 'del', { md5_id: alice.md5Id });
    expect(await door.send(alice, desk)).toEqual(DONE);
  });
});

describe('a call', () => {
  it.each<[string, (own: URLSearchParams) => void]>([
    ['no token', (q) => q.delete('token')],
    ['an unknown token', (q) => q.set('token', 'x'.repeat(32))],
    ['an unknown token that is very long', (q) => q.set('token', 'x'.repeat(4096))],
    ['two tokens', (q) => q.append('token', alice.token)],
    ['no type', (q) => q.delete('type')],
    ['an unknown type', (q) => q.set('type', 'messages')],
    ['no do', (q) => q.delete('do')],
    ['an unknown do', (q) => q.set('do', 'GET')],
    ['two dos', (q) => q.append('do', 'get')],
    ['a set by GET', (q) => q.set('do', 'set')],
    ['a malformed md5_id', (q) => q.set('md5_id', 'abc')],
    ['a malformed again', (q) => q.set('again', 'yes')],
  ])('is refused with %s', async (_, change) => {
    await door.send(desk, alice);
    const query = new URLSearchParams({ type: 'message', do: 'get', token: alice.token });
    change(query);
    const answer = await door.call('GET', `/app/message?${query.toString()}`);
    expect([answer.status, answer.body]).toEqual([200, WRONG]);
    expect(await door.pull(alice)).toHaveLength(1);
  });

  it.each<[string, string, Record<string, string>]>([
    ['message', 'set', {}],
    ['blacklist', 'set', {}],
    ['blacklist', 'set', { md5_id: '0'.repeat(32) }],
    ['blacklist', 'set', { md5_id: '' }],
    ['blacklist', 'del', { md5_id: 'x' }],
  ])('%s %s is refused with md5_id %j', async (type, action, more) => {
    expect(await door.relay(alice, type, action, more, { content: 'a' })).toEqual(WRONG);
  });

  it('get and del may be POSTed; nothing may be cached or read by another site', async () => {
    await door.send(desk, alice);
    const url = `/app/message?type=message&do=get&token=${alice.token}`;
    const answer = await door.call('POST', url, { body: '', headers: { origin: 'https://evil.example' } });
    expect(answer.body.data).toHaveLength(1);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it.each<[string, Record<string, string>]>([
    ['HEAD', {}],
    ['OPTIONS', { origin: 'https://evil.example', 'access-control-request-method': 'GET' }],
    ['PUT', {}],
    ['DELETE', {}],
    ['GET', { purpose: 'prefetch' }],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['POST', { 'sec-purpose': 'prefetch' }],
  ])('by %s %j leaves the mailbox as it is', async (method, headers) => {
    await door.send(desk, alice);
    await new Promise<void>((resolve, reject) => {
      const path = `/app/message?type=message&do=get&token=${alice.token}`;
      request({ host: '127.0.0.1', port: door.port, method, path, headers, agent: false }, (response) => {
        expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
        response.resume().once('end', () => resolve());
      })
        .once('error', reject)
        .end();
    });
    expect(await door.pull(alice)).toHaveLength(1);
  });
});

describe('the audit log', () => {
  let from: string;
  let last = 40;
  beforeEach(() => {
    from = `127.0.0.${last++}`; // what is written down is limited by address
  });
  const call = (query: Record<string, string>, body?: object): Promise<Answer> => {
    const url = `/app/message?${new URLSearchParams(query).toString()}`;
    return door.call(body === undefined ? 'GET' : 'POST', url, { from, ...(body === undefined ? {} : { body }) });
  };
  const entries = async (): Promise<object[]> =>
    (
      await door.rows<{ ip: string }>(`SELECT actor, action, target, host(ip::inet) AS ip, details FROM audit_log`)
    ).filter(({ ip }) => ip === from);
  const refused = (refusal: string): object => ({
    actor: 'anonymous',
    action: 'token.refused',
    target: 'door:relay',
    ip: from,
    details: { refusal },
  });

  it.each<[string, string, Record<string, string>, object | undefined]>([
    ['missing', 'no token', { type: 'message', do: 'get' }, undefined],
    ['missing', 'an empty token', { type: 'message', do: 'get', token: '' }, undefined],
    ['unknown', 'a token that is too short to be one', { type: 'message', do: 'get', token: 'guess' }, undefined],
    ['unknown', 'a pull', { type: 'message', do: 'get', token: STRANGER }, undefined],
    ['unknown', 'a pull of a key', { type: 'message', do: 'get', token: STRANGER, key: 'service' }, undefined],
    ['unknown', 'the last batch once more', { type: 'message', do: 'get', again: '1', token: STRANGER }, undefined],
    ['unknown', 'an emptied mailbox', { type: 'message', do: 'del', token: STRANGER }, undefined],
    ['unknown', 'a message', { type: 'message', do: 'set', token: STRANGER, md5_id: NOBODY }, { content: 'a' }],
    ['unknown', 'a black list', { type: 'blacklist', do: 'get', token: STRANGER }, undefined],
    ['unknown', 'an entry of it', { type: 'blacklist', do: 'set', token: STRANGER, md5_id: NOBODY }, {}],
    ['unknown', 'an entry taken off', { type: 'blacklist', do: 'del', token: STRANGER }, undefined],
  ])('has a refused token (%s): %s', async (refusal, _, query, body) => {
    expect((await call(query, body)).body).toEqual(WRONG);
    expect(await entries()).toEqual([refused(refusal)]);
    expect(JSON.stringify(await door.rows('SELECT * FROM audit_log'))).not.toContain(STRANGER);
  });

  it('has nothing of a token that is right', async () => {
    const token = alice.token;
    const wrong = [
      await call({ type: 'message', do: 'get', token, key: 'service' }),
      await call({ type: 'message', do: 'nothing', token }),
      await call({ type: 'message', do: 'set', token, md5_id: bob.md5Id }, { content: 'a' }),
      await call({ type: 'blacklist', do: 'set', token, md5_id: NOBODY }, {}),
    ];
    expect(wrong.map(({ body }) => body as object)).toEqual(wrong.map(() => WRONG));
    expect((await call({ type: 'message', do: 'get', token })).body).toEqual(DONE);
    expect(await entries()).toEqual([]);
  });

  it('is not flooded by one address', async () => {
    await atOnce(130, () => call({ type: 'message', do: 'get', token: STRANGER }));
    const { length } = await entries();
    expect(length).toBeGreaterThanOrEqual(60);
    expect(length).toBeLessThanOrEqual(120); // 60 a minute, which may have just begun
  });
});
