import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeDeliveryRef } from '#entities';
import { msgDoor, type MsgDoor } from './msg-door.fixture.js';

const UID = 'f9b442e9270a44c185ad23680da98389';
const OTHER_UID = 'f9b442e9270a44c185ad23680da98310';
const DONE = { code: 0, message: '' };

let mc: MsgDoor;
let token: string;
let otherToken: string;
beforeAll(async () => {
  mc = await msgDoor({ OUTGOING_ALLOW: '' });
  ({ token } = await mc.addApp('app'));
  ({ token: otherToken } = await mc.addApp('other'));
  await mc.addTemplate('template1', { portal: { title: 'T', text: 'p1 is {{p1}}' } });
  await mc.addTemplate('plain', { portal: { text: 'plain' } });
  await mc.addTemplate('mail-only', { mail: { subject: 's', html: '<p>x</p>' } });
  await mc.addTemplate('hostile', { portal: { text: '{{constructor}} {{toString}}' } });
  await mc.addUser('known', { mail: 'known@example.com' });
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('forbidden-word')`);
  await mc.refresh();
});
afterAll(() => mc.close());

const codeOf = async (path: string, body: unknown, as: string | undefined = token): Promise<number> => {
  const answer = await mc.msg(path, body, as);
  expect(answer.status).toBe(200);
  return answer.body.code;
};
const plain = (more: object = {}): object => ({ uid: 'known', template: 'plain', ...more });
async function send(body: object = plain(), path = 'send'): Promise<string> {
  const answer = await mc.msg(path, body, token);
  expect(answer.body).toEqual({ ...DONE, data: { ref_no: expect.any(String) } });
  return answer.body.data.ref_no;
}
const reportOf = async (refNo: string): Promise<{ uid: string; status: string }[]> =>
  (await mc.msg('send_report', { ref_no: refNo })).body.data.report;

describe('the examples of the published document', () => {
  it('work as printed, one after the other', async () => {
    await expect(
      mc.msg('register', { uid: UID, channel: 'mobile', address: '13790000123' }, token),
    ).resolves.toMatchObject({ status: 200, body: DONE });
    const members = { tag: 'temp', uids: [UID, OTHER_UID] };
    await expect(mc.msg('tag/add', members, token)).resolves.toMatchObject({ body: DONE });
    const message = { template: 'template1', params: { p1: 'bbb' }, status_callback: 'http://xxxxxxx' };
    const one = await send({ uid: UID, ...message, channel: 'any' });
    await send({ uid: UID, ...message, channel: 'all' });
    await send({ uid: UID, ...message, channel: 'mobile' });
    const many = await send({ tag: 'temp', ...message, channel: 'any' }, 'send_tag');
    await expect(mc.msg('ack', { ref_no: one, read_time: 19203939440 })).resolves.toMatchObject({
      status: 200,
      body: DONE,
    });
    for (const id of [one, many]) await mc.fanOut(id);
    await expect(mc.msg('send_report', { ref_no: many })).resolves.toMatchObject({
      body: {
        ...DONE,
        data: {
          report: [
            { uid: OTHER_UID, status: 'delivered' },
            { uid: UID, status: 'pending', channel: 'sms' },
          ],
          total: 2,
        },
      },
    });
    await expect(mc.msg('tag/user/remove', members, token)).resolves.toMatchObject({ body: DONE });
    await expect(mc.msg('tag/remove', { tag: 'temp' }, token)).resolves.toMatchObject({ body: DONE });
    expect(await mc.row(`SELECT address, app_id FROM recipient_address WHERE user_id = $1`, [UID])).toEqual({
      address: '13790000123',
      app_id: 'app',
    });
  });

  it('a ref_no that was never given out is unknown, not malformed', async () => {
    expect(await codeOf('ack', { ref_no: '10086', read_time: 19203939440 })).toBe(40006);
    expect(await codeOf('send_report', { ref_no: '10086' })).toBe(40006);
  });
});

describe('a parameter that is wrong', () => {
  it.each<[string, string, object]>([
    ['uid', '必填', { template: 'plain' }],
    ['uid', '应为 字符串', { uid: 7, template: 'plain' }],
    ['template', '不能为空', { uid: 'known', template: '' }],
    ['template', '最多 128 个字符', { uid: 'known', template: 'x'.repeat(129) }],
  ])('%s is named, with what is expected: %s', async (field, expected, body) => {
    const answer = await mc.msg('send', body, token);
    expect(JSON.stringify(answer.body)).toContain(`参数 ${field} 缺失或格式不正确（${expected}）`);
  });
});

describe('each code by name', () => {
  const big = 'x'.repeat(1024 * 1024);
  const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`;
  const cases: [number, string, string, unknown][] = [
    [40002, 'a field is missing', 'send', { template: 'plain' }],
    [40002, 'a field has another type', 'send', { uid: 7, template: 'plain' }],
    [40002, 'params hold an object', 'send', plain({ params: { p1: {} } })],
    [40002, 'params are an array', 'send', plain({ params: [] })],
    [40002, 'a body that is an array', 'send', []],
    [40002, 'a body that is a text', 'send', '"text"'],
    [40002, 'a body that is null', 'send', 'null'],
    [40002, 'a body that is no JSON', 'send', '{"uid":'],
    [40002, 'an empty body', 'send', ''],
    [40002, 'broken UTF-8', 'send', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    [40002, 'a body of 1 MiB and one byte', 'send', `{"uid":"${big.slice(0, 1024 * 1024 - 9 + 1)}"}`],
    [40002, 'JSON 33 deep', 'send', deep],
    [40002, '__proto__ as a key', 'send', '{"uid":"known","template":"plain","params":{"__proto__":"x"}}'],
    [40002, 'NUL in a text', 'send', plain({ params: { p: 'a\u0000' } })],
    [40002, 'a lone surrogate', 'send', '{"uid":"known","template":"plain","params":{"p":"\\ud83d"}}'],
    [40002, 'NUL in a user id', 'register', { uid: 'a\u0000', channel: 'email', address: 'a@b.example' }],
    [40002, 'NUL in a tag', 'tag/add', { tag: 't\u0000', uids: ['a'] }],
    [40002, 'NUL in a tag that is sent to', 'send_tag', { tag: 't\u0000', template: 'plain' }],
    [40002, 'NUL in a client_ref', 'send', plain({ client_ref: 'r\u0000' })],
    [
      40002,
      'CRLF in a mail address',
      'register',
      { uid: 'a', channel: 'email', address: 'a@b.example\r\nBcc: c@d.example' },
    ],
    [40002, 'two mail addresses', 'register', { uid: 'a', channel: 'email', address: 'a@b.example,c@d.example' }],
    [
      40002,
      'a number that lost digits',
      'send',
      '{"uid":"known","template":"plain","params":{"p":12345678901234567890}}',
    ],
    [40002, 'a value of 20,001 characters', 'send', plain({ params: { p: 'x'.repeat(20_001) } })],
    [
      40002,
      'a public account that is no text',
      'register',
      { uid: 'a', channel: 'wechat', address: 'o', public_id: 5 },
    ],
    [40002, 'a phone number that is none', 'register', { uid: 'a', channel: 'mobile', address: '12345' }],
    [40002, 'CRLF in a phone number', 'register', { uid: 'a', channel: 'mobile', address: '13790000123\r\n' }],
    [
      40002,
      'a webhook with credentials',
      'register',
      { uid: 'a', channel: 'webhook', address: 'http://a:b@c.example/' },
    ],
    [40002, 'an empty list of uids', 'tag/add', { tag: 't', uids: [] }],
    [40002, 'too many uids', 'tag/add', { tag: 't', uids: Array.from({ length: 10_001 }, (_, i) => `u${i}`) }],
    [40002, 'an empty uid among others', 'tag/add', { tag: 't', uids: ['a', ''] }],
    [40002, 'a callback that is no URL', 'send', plain({ status_callback: 'xxxxxxx' })],
    [40003, 'an unknown channel to register', 'register', { uid: 'a', channel: 'pigeon', address: 'x' }],
    [40003, 'the portal to register', 'register', { uid: 'a', channel: 'portal', address: 'x' }],
    [40003, 'a mode instead of a channel', 'register', { uid: 'a', channel: 'any', address: 'x' }],
    [40003, 'an unknown channel to send on', 'send', plain({ channel: 'pigeon' })],
    [40004, 'an unknown template', 'send', plain({ template: 'nothing' })],
    [40004, 'a template without content for the channel', 'send', plain({ template: 'mail-only', channel: 'portal' })],
    [40004, 'a placeholder without a param', 'send', plain({ template: 'template1' })],
    [40004, 'a placeholder named like a property of every object', 'send', plain({ template: 'hostile' })],
    [40005, 'an unknown tag to send to', 'send_tag', { tag: 'nothing', template: 'plain' }],
    [40005, 'an unknown tag to remove', 'tag/remove', { tag: 'nothing' }],
    [40005, 'an unknown tag to remove users from', 'tag/user/remove', { tag: 'nothing', uids: ['a'] }],
    [40006, 'an unknown message', 'send_report', { ref_no: '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c' }],
    [40006, 'an unknown reference', 'ack', { ref_no: 'A'.repeat(35) }],
    [40007, 'an unknown user', 'send', plain({ uid: 'nobody' })],
    [40007, 'a user without an address on the channel', 'send', plain({ channel: 'mobile' })],
    [40010, 'a sensitive word', 'send', plain({ template: 'template1', params: { p1: 'a forbidden-word' } })],
  ];

  it.each(cases)('%i: %s', async (code, _what, path, body) => {
    const stored = (): Promise<object> =>
      mc.row(
        `SELECT (SELECT count(*) FROM message) AS m, (SELECT count(*) FROM recipient) AS r, (SELECT count(*) FROM tag) AS t, (SELECT count(*) FROM recipient_address) AS a`,
      );
    const before = await stored();
    expect(await codeOf(path, body)).toBe(code);
    expect(await stored()).toEqual(before);
  });

  it('40002 and 40004 name what is wrong', async () => {
    expect((await mc.msg('send', { uid: 'known' }, token)).body.message).toContain('template');
    expect((await mc.msg('send', plain({ template: 'template1' }), token)).body.message).toContain('p1');
  });

  it('40001: missing, unknown, repeated, expired', async () => {
    expect((await mc.msg('send', plain())).body.code).toBe(40001);
    expect(await codeOf('send', plain(), '3f0c1d8e-6c1b-4b9e-8d55-0a4c5f1f9b12')).toBe(40001);
    expect(await codeOf('send', plain(), `${token}&access_token=${token}`)).toBe(40001);
    const { token: old } = await mc.addApp('aged');
    await mc.rows(`UPDATE access_token SET expires_at = now() - interval '1 second' WHERE app_id = 'aged'`);
    expect(await codeOf('send', plain(), old)).toBe(40001);
  });

  it('40001 within five seconds after the app was disabled', async () => {
    const { token: doomed } = await mc.addApp('doomed');
    expect(await codeOf('send', plain(), doomed)).toBe(0);
    await mc.rows(`UPDATE client_app SET enabled = false WHERE app_id = 'doomed'`);
    await mc.until(
      'the token is refused',
      () => codeOf('send', plain(), doomed),
      (code) => code === 40001,
      5_000,
    );
  });

  it('40001 from an address that is not allowed, whatever the caller says where he comes from', async () => {
    const { token: guarded } = await mc.addApp('guarded', { ipAllowlist: ['10.9.8.7', '127.0.0.2'] });
    const forged = { headers: { 'x-forwarded-for': '10.9.8.7' } };
    expect((await mc.msg('send', plain(), guarded, forged)).body.code).toBe(40001);
    expect((await mc.msg('send', plain(), guarded, { from: '127.0.0.2' })).body.code).toBe(0);
  });

  it('40300: a channel not open to the app, or switched off', async () => {
    const { token: narrow } = await mc.addApp('narrow', { channels: ['portal'] });
    expect(await codeOf('send', plain({ channel: 'email' }), narrow)).toBe(40300);
    const { token: nothing } = await mc.addApp('nothing', { channels: [] });
    expect(await codeOf('send', plain(), nothing)).toBe(40300);
    await mc.rows(`INSERT INTO channel_config (channel, enabled) VALUES ('mail', false)`);
    await mc.refresh();
    expect(await codeOf('send', plain({ channel: 'email' }))).toBe(40300);
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });

  it('50000 with a request id and not a word of what happened', async () => {
    await mc.rows('ALTER TABLE tag RENAME TO tag_away');
    const answer = await mc.msg('send_tag', { tag: 'x', template: 'plain' }, token, {
      headers: { 'x-request-id': 'request-4711' },
    });
    await mc.rows('ALTER TABLE tag_away RENAME TO tag');
    expect(answer).toMatchObject({ status: 200, body: { code: 50000, requestId: 'request-4711' } });
    expect(answer.text).not.toMatch(/relation|tag_away|SELECT/);
  });
});

describe('bodies', () => {
  it.each([
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/x-ndjson',
    '',
  ])('are JSON whatever the Content-Type says (%s)', async (type) => {
    const answer = await mc.msg('send', plain(), token, type ? { headers: { 'content-type': type } } : {});
    expect(answer.body).toMatchObject(DONE);
  });

  it('may carry 10 MiB of uids, and not more', async () => {
    const uids = Array.from({ length: 10_000 }, (_, i) => `bulk-${i}`.padEnd(110, 'x'));
    expect(await codeOf('tag/add', { tag: 'bulk', uids })).toBe(0);
    const padded = (bytes: number): string => {
      const text = JSON.stringify({ tag: 'bulk', uids: ['a'], padding: '' });
      return text.replace('"padding":""', `"padding":"${'x'.repeat(bytes - text.length)}"`);
    };
    expect(await codeOf('tag/add', padded(10 * 1024 * 1024))).toBe(0);
    expect(await codeOf('tag/add', padded(10 * 1024 * 1024 + 1))).toBe(40002);
    expect(await codeOf('send', padded(1024 * 1024 + 1))).toBe(40002);
  });

  it('unknown fields are ignored, numbers in params count as text', async () => {
    const id = await send(plain({ template: 'template1', params: { p1: 42 }, whatever: { a: 1 } }));
    expect(await mc.row('SELECT params FROM message WHERE id = $1', [id])).toEqual({ params: { p1: '42' } });
  });

  it('answers are never cached', async () => {
    expect((await mc.msg('send', plain(), token)).headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': expect.stringContaining('application/json'),
    });
  });
});

describe('a callback', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://１２７.０.０.１/',
    'http://localhost/',
    'http://localhost./',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://224.0.0.1/',
    'http://user:password@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('to %s is refused at once', async (url) => {
    expect(await codeOf('send', plain({ status_callback: url }))).toBe(40002);
  });

  it.each(['http://xxxxxxx', 'http://xxx', 'https://example.com/a?b=c', 'http://8.8.8.8/'])(
    'to %s is taken',
    async (url) => {
      expect(await codeOf('send', plain({ status_callback: url }))).toBe(0);
    },
  );
});

describe('sending', () => {
  it('the same client_ref answers the same ref_no, in whatever order its params stand', async () => {
    const message = { uid: 'known', template: 'template1', client_ref: 'order-1' };
    const id = await send({ ...message, params: { p1: '1', p2: 'x' } });
    expect(await send({ ...message, params: { p2: 'x', p1: 1 } })).toBe(id);
    expect(await codeOf('send', { ...message, params: { p1: '2' } })).toBe(40002);
  });

  it('an address the app registered serves the app only, unless it may write the directory', async () => {
    const { token: writer } = await mc.addApp('writer', { features: ['directory-write'] });
    expect(await codeOf('register', { uid: 'reg', channel: 'email', address: 'own@example.com' })).toBe(0);
    expect(await codeOf('register', { uid: 'reg', channel: 'mobile', address: '13790000124' }, writer)).toBe(0);
    expect(await codeOf('send', { uid: 'reg', template: 'plain', channel: 'email' }, otherToken)).toBe(40007);
    expect(await codeOf('send', { uid: 'reg', template: 'plain', channel: 'sms' }, otherToken)).toBe(0);
    expect(
      await mc.rows(
        `SELECT actor, details->>'channel' AS channel FROM audit_log WHERE action = 'address.register' AND target = 'reg' ORDER BY id`,
      ),
    ).toEqual([
      { actor: 'app:app', channel: 'mail' },
      { actor: 'app:writer', channel: 'sms' },
    ]);
  });

  it('a newer address replaces the older one', async () => {
    await codeOf('register', { uid: 'again', channel: 'email', address: 'first@example.com' });
    await codeOf('register', { uid: 'again', channel: 'mail', address: 'second@example.com' });
    expect(await mc.rows(`SELECT address FROM recipient_address WHERE user_id = 'again'`)).toEqual([
      { address: 'second@example.com' },
    ]);
  });

  it('tags belong to the calling app', async () => {
    expect(await codeOf('tag/add', { tag: 'mine', uids: ['known'] })).toBe(0);
    expect(await codeOf('send_tag', { tag: 'mine', template: 'plain' }, otherToken)).toBe(40005);
    expect(await codeOf('tag/user/remove', { tag: 'mine', uids: ['nobody', 'known'] })).toBe(0);
    const id = await send({ tag: 'mine', template: 'plain' }, 'send_tag');
    await mc.fanOut(id);
    await expect(mc.msg('send_report', { ref_no: id })).resolves.toMatchObject({
      body: { data: { report: [], total: 0 } },
    });
  });
});

describe('a report', () => {
  it('asked for immediately after a send to a tag shows its members as pending, page by page', async () => {
    await codeOf('tag/add', { tag: 'crowd', uids: ['c1', 'c2', 'c3', 'gone'] });
    await codeOf('tag/user/remove', { tag: 'crowd', uids: ['gone'] });
    const id = await send({ tag: 'crowd', template: 'plain' }, 'send_tag');
    await codeOf('tag/add', { tag: 'crowd', uids: ['newcomer'] });
    const pending = ['c1', 'c2', 'c3'].map((uid) => ({ uid, status: 'pending' }));
    const all = await mc.msg('send_report', { ref_no: id });
    expect(all.body.data).toEqual({ report: pending, total: 3 });
    const second = await mc.msg('send_report', { ref_no: id, page: 2, size: 2 });
    expect(second.body.data).toEqual({ report: [pending[2]], total: 3 });
    await mc.fanOut(id);
    expect((await reportOf(id)).map(({ uid }) => uid)).toEqual(['c1', 'c2', 'c3']);
  });

  it('asked for immediately after the send shows everybody as pending', async () => {
    expect(await reportOf(await send())).toEqual([{ uid: 'known', status: 'pending' }]);
  });

  it('counts everybody although only a page is asked for before the fan-out', async () => {
    const id = await send();
    const { body } = await mc.msg('send_report', { ref_no: id, page: 2, size: 10 });
    expect(body.data).toEqual({ report: [], total: 1 });
  });

  it('has one line a recipient, with the best outcome', async () => {
    const id = await send(plain({ channel: 'all' }));
    await mc.fanOut(id);
    expect(await reportOf(id)).toMatchObject([{ uid: 'known', status: 'delivered', channel: 'portal' }]);
  });

  it('is paged when asked, and counts everybody', async () => {
    await codeOf('tag/add', {
      tag: 'paged',
      uids: Array.from({ length: 25 }, (_, i) => `p${String(i).padStart(2, '0')}`),
    });
    const id = await send({ tag: 'paged', template: 'plain' }, 'send_tag');
    await mc.fanOut(id);
    const page = async (body: object): Promise<{ uids: string[]; total: number }> => {
      const { data } = (await mc.msg('send_report', { ref_no: id, ...body })).body;
      return { uids: data.report.map((line: { uid: string }) => line.uid), total: data.total };
    };
    expect((await page({})).uids).toHaveLength(25);
    expect(await page({ page: 3, size: 10 })).toEqual({ uids: ['p20', 'p21', 'p22', 'p23', 'p24'], total: 25 });
    expect(await page({ page: 4, size: 10 })).toEqual({ uids: [], total: 25 });
    expect(await page({ page: 1_000_000, size: 10_000 })).toEqual({ uids: [], total: 25 });
    expect(await codeOf('send_report', { ref_no: id, page: 0 })).toBe(40002);
    expect(await codeOf('send_report', { ref_no: id, size: 10_001 })).toBe(40002);
  });

  it('belongs to its app: with another app’s token, or a bad one, it does not exist', async () => {
    const id = await send();
    expect(await codeOf('send_report', { ref_no: id }, token)).toBe(0);
    expect(await codeOf('send_report', { ref_no: id }, otherToken)).toBe(40006);
    expect(await codeOf('send_report', { ref_no: id }, 'no-token')).toBe(40006);
  });

  it('is never read by a per-delivery reference', async () => {
    const id = await send();
    await mc.fanOut(id);
    const { ref } = await mc.row<{ ref: string }>('SELECT ref FROM delivery WHERE message_id = $1', [id]);
    expect(await codeOf('send_report', { ref_no: encodeDeliveryRef(id, 0, ref) })).toBe(40006);
  });
});

describe('what a refusal says', () => {
  const said = async (body: object | string, as = token): Promise<string> =>
    (await mc.msg('send', body, as)).body.message;

  it('names the parameter that holds what cannot be stored', async () => {
    expect(await said(plain({ uid: 'a\nb' }))).toContain('参数 uid ');
    expect(await said(plain({ client_ref: 'r\u0000' }))).toContain('参数 client_ref ');
    expect(await said(plain({ params: { p: 'a\u0000' } }))).toContain('参数 params ');
    expect(await said(plain({ params: { p: 'x'.repeat(20_001) } }))).toContain('参数 params.p 的字符数超过 20000');
    expect(await said(plain({ params: { ['n'.repeat(65)]: 'x' } }))).toContain('名称字符数超过 64');
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, 'x']));
    expect(await said(plain({ params: many }))).toContain('参数 params 的个数超过 200');
  });

  it('tells one broken body from another', async () => {
    const texts = await Promise.all(
      ['{', '[]', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, '{"__proto__":1}'].map((b) => said(b)),
    );
    expect(new Set(texts).size).toBe(4);
  });

  it('has no blank where no channel is open at all', async () => {
    const { token: none } = await mc.addApp('only-smart', { channels: ['smart'] });
    expect(await said(plain(), none)).not.toContain('渠道  ');
  });
});

describe('an openid', () => {
  const register = (publicId?: string): Promise<number> =>
    codeOf('register', {
      uid: 'wx',
      channel: 'wechat',
      address: 'oOPENID123',
      ...(publicId && { public_id: publicId }),
    });
  const accounts = async (): Promise<unknown[]> =>
    (
      await mc.rows<{ account: string }>(`SELECT account FROM recipient_address WHERE user_id = 'wx' ORDER BY account`)
    ).map(({ account }) => account);
  const bind = (publicId: string, apps: string[]): Promise<unknown> =>
    mc
      .rows('INSERT INTO public_account (public_id, name, client_apps) VALUES ($1, $1, $2)', [publicId, apps])
      .then(() =>
        mc.rows(
          `INSERT INTO provider_account (channel, id, provider, position) VALUES ('wechat', $1, 'sandbox', 100)`,
          [publicId],
        ),
      );

  it('belongs to a public account of the app, named where there are several', async () => {
    expect(await register()).toBe(0);
    expect(await accounts()).toEqual(['']);
    expect(await register('pub-1')).toBe(40002);
    await bind('pub-1', ['app']);
    await bind('pub-9', ['other']);
    expect(await register()).toBe(0);
    expect(await accounts()).toEqual(['pub-1']);
    expect(await register('pub-9')).toBe(40002);
    await bind('pub-2', ['app']);
    expect(await register()).toBe(40002);
    expect(await register('pub-2')).toBe(0);
    expect(await accounts()).toEqual(['pub-1', 'pub-2']);
  });
});

describe('a device token', () => {
  const register = (uid: string, address: string, more: object = {}): Promise<number> =>
    codeOf('register', { uid, channel: 'push', address, ...more });
  const devices = (): Promise<object[]> =>
    mc.rows(`SELECT token, user_id, platform FROM device WHERE token LIKE 'dev-%' ORDER BY token`);

  it('is a device of its platform, android unless given; the newest replaces', async () => {
    expect(await register('phone', 'dev-1')).toBe(0);
    expect(await devices()).toEqual([{ token: 'dev-1', user_id: 'phone', platform: 'android' }]);
    expect(await register('phone', 'dev-2', { platform: 'ios' })).toBe(0);
    expect(await devices()).toEqual([{ token: 'dev-2', user_id: 'phone', platform: 'ios' }]);
    expect(await register('phone', 'dev-2')).toBe(0);
    expect(await devices()).toEqual([{ token: 'dev-2', user_id: 'phone', platform: 'ios' }]);
  });

  it('goes with whoever registers it last, but not away from another app', async () => {
    expect(await register('next', 'dev-2')).toBe(0);
    expect(await devices()).toEqual([{ token: 'dev-2', user_id: 'next', platform: 'ios' }]);
    expect(await codeOf('register', { uid: 'thief', channel: 'push', address: 'dev-2' }, otherToken)).toBe(0);
    expect(await devices()).toEqual([{ token: 'dev-2', user_id: 'next', platform: 'ios' }]);
  });

  it.each(['nokia', 'web', 5])('of platform %j is refused', async (platform) => {
    expect(await register('phone', 'dev-3', { platform })).toBe(40002);
  });

  it('gets what is sent to its person', async () => {
    expect(await register('reader', 'dev-4')).toBe(0);
    const id = await send({ uid: 'reader', template: 'plain', channel: 'push' });
    await mc.fanOut(id);
    expect(await mc.row('SELECT channel, address FROM delivery WHERE message_id = $1', [id])).toEqual({
      channel: 'push',
      address: 'dev-4',
    });
  });
});

describe('an acknowledgement', () => {
  const delivery = (id: string): Promise<{ seq: number; ref: string; status: number; read_at: Date | null }> =>
    mc.row('SELECT seq, ref, status, read_at FROM delivery WHERE message_id = $1 ORDER BY seq LIMIT 1', [id]);
  async function sent(): Promise<{ id: string; ref: string }> {
    const id = await send();
    await mc.fanOut(id);
    const { seq, ref } = await delivery(id);
    return { id, ref: encodeDeliveryRef(id, seq, ref) };
  }

  it('by the per-delivery reference: the first word wins', async () => {
    const { id, ref } = await sent();
    expect(await codeOf('ack', { ref_no: ref, read_time: 1_700_000_000_000 })).toBe(0);
    expect(await codeOf('ack', { ref_no: ref, read_time: 1_600_000_000_000 })).toBe(0);
    expect(await delivery(id)).toMatchObject({ status: 50, read_at: new Date(1_700_000_000_000) });
  });

  it('by the message’s own id counts for its only recipient', async () => {
    const { id } = await sent();
    expect(await codeOf('ack', { ref_no: id, read_time: 1_700_000_000 })).toBe(0);
    expect(await delivery(id)).toMatchObject({ status: 50, read_at: new Date(1_700_000_000_000) });
    expect(await reportOf(id)).toMatchObject([{ status: 'read', time: '2023-11-14T22:13:20.000Z' }]);
  });

  it('of a future time, or of none, is now', async () => {
    for (const time of [{ read_time: 19203939440 }, { read_time: Date.now() + 86_400_000 }, {}]) {
      const { id, ref } = await sent();
      expect(await codeOf('ack', { ref_no: ref, ...time })).toBe(0);
      const { age } = await mc.row<{ age: number }>(
        'SELECT extract(epoch FROM now() - read_at)::float8 AS age FROM delivery WHERE message_id = $1 AND status = 50',
        [id],
      );
      expect(Math.abs(age)).toBeLessThan(5);
    }
  });

  it('by the id of a message with several recipients changes nobody’s state, unless it says whose', async () => {
    await codeOf('tag/add', { tag: 'pair', uids: ['a1', 'a2'] });
    const id = await send({ tag: 'pair', template: 'plain' }, 'send_tag');
    await mc.fanOut(id);
    expect(await codeOf('ack', { ref_no: id })).toBe(0);
    expect((await reportOf(id)).map((line) => line.status)).toEqual(['delivered', 'delivered']);
    expect(await mc.row('SELECT unattributed_reads FROM message_state WHERE message_id = $1', [id])).toEqual({
      unattributed_reads: 1,
    });
    expect(await codeOf('ack', { ref_no: id, uid: 'a2' })).toBe(0);
    expect((await reportOf(id)).map((line) => line.status)).toEqual(['delivered', 'read']);
    expect(await codeOf('ack', { ref_no: id, uid: 'nobody' })).toBe(40006);
  });

  it('before the fan-out counts for its only recipient, with and without his name', async () => {
    for (const whose of [{}, { uid: 'known' }]) {
      const id = await send();
      expect(await codeOf('ack', { ref_no: id, read_time: 1_700_000_000, ...whose })).toBe(0);
      await mc.fanOut(id);
      expect(await reportOf(id)).toMatchObject([{ uid: 'known', status: 'read', time: '2023-11-14T22:13:20.000Z' }]);
    }
  });

  it('of a tag that nobody fans out for now is kept as unattributed, and never unknown', async () => {
    await codeOf('tag/add', { tag: 'late', uids: ['l1', 'l2'] });
    const id = await send({ tag: 'late', template: 'plain' }, 'send_tag');
    expect(await Promise.all([{}, { uid: 'l1' }].map((whose) => codeOf('ack', { ref_no: id, ...whose })))).toEqual([
      0, 0,
    ]);
    expect(await mc.row('SELECT unattributed_reads FROM message_state WHERE message_id = $1', [id])).toEqual({
      unattributed_reads: 2,
    });
  });

  it('of a tag waits a moment for its fan-out', async () => {
    await codeOf('tag/add', { tag: 'soon', uids: ['s1', 's2'] });
    const id = await send({ tag: 'soon', template: 'plain' }, 'send_tag');
    const [code] = await Promise.all([codeOf('ack', { ref_no: id, uid: 's2' }), mc.fanOut(id)]);
    expect(code).toBe(0);
    expect((await reportOf(id)).map((line) => line.status)).toEqual(['delivered', 'read']);
  });

  it('with a forged reference is unknown', async () => {
    const { id } = await sent();
    expect(await codeOf('ack', { ref_no: encodeDeliveryRef(id, 0, '00000000-0000-4000-8000-000000000000') })).toBe(
      40006,
    );
    expect(await delivery(id)).toMatchObject({ read_at: null });
  });

  it.each([-1, 'yesterday', 1e300, []])('refuses the time %j', async (time) => {
    const { ref } = await sent();
    expect(await codeOf('ack', { ref_no: ref, read_time: time })).toBe(40002);
  });
});

describe('rates', () => {
  it('of an app are one over all gateways on a database, and all doors', async () => {
    const second = await msgDoor({ DATABASE_URL: mc.databaseUrl });
    const { token: slow } = await mc.addApp('slow', { ratePerSecond: 5 });
    const dbSecond = async (): Promise<{ s: number; part: number }> =>
      mc.row(
        `SELECT floor(extract(epoch FROM clock_timestamp()))::float8 AS s, (extract(epoch FROM clock_timestamp()) % 1)::float8 AS part`,
      );
    try {
      await mc.msg('send', plain(), slow);
      await second.call('GET', '/v1/tags', { token: slow });
      for (;;) {
        const before = await mc.until('a second begins', dbSecond, ({ part }) => part < 0.3);
        const codes = await Promise.all(
          [mc, second].flatMap((door) =>
            Array.from({ length: 10 }, async (_, i) => {
              if (i % 2 === 0) return (await door.msg('send', plain(), slow)).body.code as number;
              const { status } = await door.call('GET', '/v1/tags', { token: slow });
              return { 200: 0, 429: 42900 }[status];
            }),
          ),
        );
        if ((await dbSecond()).s !== before.s) continue;
        const granted = codes.filter((code) => code === 0).length;
        expect(granted).toBeLessThanOrEqual(5);
        expect(codes.filter((code) => code === 42900)).toHaveLength(20 - granted);
        break;
      }
    } finally {
      await second.close();
    }
  });

  it('of the calls without a token are by address', async () => {
    const calls = Array.from(
      { length: 400 },
      async () => (await mc.msg('ack', { ref_no: 'x' }, undefined, { from: '127.0.0.9' })).body.code,
    );
    const codes = new Set(await Promise.all(calls));
    expect(codes).toEqual(new Set([40006, 42900]));
    expect((await mc.msg('ack', { ref_no: 'x' }, undefined, { from: '127.0.0.10' })).body.code).toBe(40006);
  });
});
