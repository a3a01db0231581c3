import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DONE, WRONG, relayDoor, type RelayDoor } from './relay-door.fixture.js';

const PATH = '/v1/relay/identities';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

let door: RelayDoor;
beforeAll(async () => {
  door = await relayDoor();
});
afterAll(() => door?.close());

const lines = async (...identities: (object | string)[]): Promise<Record<string, unknown>[]> => {
  const answer = await door.call('POST', PATH, {
    token: door.adminToken,
    headers: { 'content-type': 'application/x-ndjson' },
    body: identities.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
  });
  expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/x-ndjson; charset=utf-8']);
  return answer.text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Record<string, unknown>] : []));
};

describe('an identity', () => {
  it('gets a token of 128 bits, of which only digests are stored', async () => {
    const { status, body } = await door.admin('POST', PATH, {
      role: 'admin',
      name: '客服',
      key: 'admins',
      rateExempt: true,
    });
    expect([status, body]).toEqual([201, { token: expect.stringMatching(/^[0-9a-f]{32}$/), md5Id: md5(body.token) }]);
    const [row] = await door.rows<Record<string, unknown>>('SELECT * FROM relay_identity WHERE md5_id = $1', [
      body.md5Id,
    ]);
    expect(row).toMatchObject({ role: 'admin', name: '客服', admin_key: 'admins', rate_exempt: true });
    expect(JSON.stringify(row)).not.toContain(body.token);
    expect(await door.relay(body, 'message', 'get', { key: 'admins' })).toEqual(DONE);
  });

  it('may bring its token along, once', async () => {
    const token = 'a/token+that=the#client-has';
    const { status, body } = await door.admin('POST', PATH, { role: 'user', token });
    expect([status, body]).toEqual([201, { token, md5Id: md5(token) }]);
    expect(await door.relay(token, 'message', 'get')).toEqual(DONE);
    expect((await door.admin('POST', PATH, { role: 'admin', token })).status).toBe(409);
  });

  it.each<[string, object]>([
    ['no role', {}],
    ['an unknown role', { role: 'root' }],
    ['a token that can be guessed', { role: 'user', token: 'x'.repeat(19) }],
    ['a token with a space', { role: 'user', token: 'a token that has spaces in it' }],
    ['a key of a user', { role: 'user', key: 'admins' }],
    ['an exempt user', { role: 'user', rateExempt: true }],
    ['a key that is none', { role: 'admin', key: '' }],
    ['a field nobody knows', { role: 'user', md5Id: 'x' }],
  ])('is refused with %s', async (_, body) => {
    expect(await door.admin('POST', PATH, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('is the administrator’s business alone', async () => {
    const { token } = await door.clientApp();
    for (const [method, path] of [
      ['POST', PATH],
      ['GET', PATH],
      ['DELETE', `${PATH}/${md5('x')}`],
    ] as const) {
      expect((await door.call(method, path, { body: { role: 'user' } })).status).toBe(401);
      expect((await door.call(method, path, { token, body: { role: 'user' } })).status).toBe(403);
    }
  });

  it('opens nothing once it was removed, and leaves nothing behind', async () => {
    const [desk, user] = await Promise.all([door.relayAdmin(), door.relayUser()]);
    await door.send(desk, user);
    await door.block(user, desk);
    expect((await door.admin('DELETE', `${PATH}/${user.md5Id}`)).status).toBe(204);
    expect(await door.relay(user, 'message', 'get')).toEqual(WRONG);
    expect(await door.send(desk, user)).toEqual(WRONG);
    expect((await door.admin('DELETE', `${PATH}/${user.md5Id}`)).status).toBe(404);
    await door.admin('POST', PATH, { role: 'user', token: user.token });
    expect(await door.pull(user)).toEqual([]);
    expect(await door.relay(user, 'blacklist', 'get')).toEqual(DONE);
    expect(await door.send(user, desk)).toEqual(WRONG);
    const audit = await door.admin('GET', '/v1/audit-log?action=relay-identity.delete');
    expect(audit.body.items).toMatchObject([{ target: user.md5Id, actor: 'admin' }]);
  });
});

describe('many identities', () => {
  it('come one a line; a bad line fails alone', async () => {
    const own = 'a-token-from-the-old-days';
    const answers = await lines(
      { role: 'user' },
      'nonsense',
      { role: 'user', token: own },
      '',
      { role: 'user', token: own },
      { role: 'user', key: 'a' },
      { role: 'admin', key: 'bulk' },
      `{"role":"user","name":"${'a'.repeat(64 * 1024)}"}`,
    );
    const issued = { token: expect.any(String), md5Id: expect.stringMatching(/^[0-9a-f]{32}$/) };
    expect(answers).toEqual([
      { line: 1, ...issued },
      { line: 2, detail: 'The body is not valid JSON.' },
      { line: 3, token: own, md5Id: md5(own) },
      { line: 5, detail: 'There is an identity with this token already.' },
      { line: 6, detail: 'only an admin has a key' },
      { line: 7, ...issued },
      { line: 8, detail: 'the line is longer than 65536 bytes' },
    ]);
    expect(await door.relay(own, 'message', 'get')).toEqual(DONE);
  });

  it('are stored in batches and listed page by page, without their tokens', async () => {
    const tokens = Array.from({ length: 2_100 }, (_, k) => `brought-along-token-${k}`);
    const answers = await lines(...tokens.map((token) => ({ role: 'user', token })));
    expect(answers.map(({ md5Id }) => md5Id)).toEqual(tokens.map(md5));
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body, text } = await door.admin('GET', `${PATH}?limit=200${query}`);
      expect(text).not.toContain('brought-along');
      for (const { md5Id } of body.items) seen.add(md5Id as string);
      cursor = body.nextCursor as string | null;
    } while (cursor !== null);
    expect(tokens.every((token) => seen.has(md5(token)))).toBe(true);
    const [{ n } = { n: 0 }] = await door.rows<{ n: number }>('SELECT count(*)::int AS n FROM relay_identity');
    expect(seen.size).toBe(n);
  });
});
