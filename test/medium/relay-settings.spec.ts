import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';
import { DONE, WRONG, relayDoor, type RelayDoor } from './relay-door.fixture.js';

const party = (token: string) => ({ token, md5Id: createHash('md5').update(token).digest('hex') });
const CAROL = party('carols-token-of-thirty-two-chars');
const DAVE = party('daves-token--of-thirty-two-chars');
const SHORT = party('a-token-of-31-characters-or-so-');

describe('RELAY_IDENTITIES=open', () => {
  let door: RelayDoor;
  beforeAll(async () => {
    door = await relayDoor({ RELAY_IDENTITIES: 'open', RELAY_USER_INITIATED: 'false' });
  });
  afterAll(() => door?.close());

  it('lets anybody in who has a long token, as a user; anybody can be written to', async () => {
    const desk = await door.relayAdmin();
    expect(await door.relay(CAROL, 'message', 'get')).toEqual(DONE);
    expect(await door.relay(SHORT, 'message', 'get')).toEqual(WRONG);
    expect(await door.send(CAROL, DAVE)).toEqual(WRONG);
    expect(await door.send(desk, CAROL)).toEqual(DONE);
    expect(await door.send(CAROL, desk)).toEqual(DONE);
    expect(await door.block(CAROL, DAVE)).toEqual(DONE);
    expect((await door.relay(CAROL, 'blacklist', 'get')).data).toEqual([{ md5_id: DAVE.md5Id }]);
    expect(await door.pull(CAROL)).toHaveLength(1);
    expect(await door.relay(CAROL, 'message', 'get', { key: 'admins' })).toEqual(WRONG);
  });

  it.each([257, 4096])('takes a token of %i characters as any other', async (length) => {
    const desk = await door.relayAdmin();
    const long = party('q'.repeat(length));
    expect(await door.relay(long, 'message', 'get')).toEqual(DONE);
    expect(await door.send(desk, long)).toEqual(DONE);
    expect(await door.send(long, desk)).toEqual(DONE);
    expect(await door.pull(long)).toHaveLength(1);
  });

  it('lets nobody in on the id of a registered one', async () => {
    // Another token with the same MD5 can be made; its SHA-256 is another.
    const { md5Id } = await door.relayUser();
    await door.rows(`UPDATE relay_identity SET md5_id = $1 WHERE md5_id = $2`, [DAVE.md5Id, md5Id]);
    expect(await door.relay(DAVE, 'message', 'get')).toEqual(WRONG);
    expect(await door.relay(DAVE, 'blacklist', 'get')).toEqual(WRONG);
  });
});

describe('RELAY_USER_INITIATED=true', () => {
  let door: RelayDoor;
  beforeAll(async () => {
    door = await relayDoor({ RELAY_IDENTITIES: 'issued', RELAY_USER_INITIATED: 'true' });
  });
  afterAll(() => door?.close());

  it('opens private messages between users who are registered', async () => {
    const [alice, bob] = await Promise.all([door.relayUser(), door.relayUser()]);
    expect(await door.send(alice, bob)).toEqual(DONE);
    expect(await door.send(alice, CAROL)).toEqual(WRONG);
    expect(await door.send(CAROL, alice)).toEqual(WRONG);
  });
});

describe('with nobody behind the door', () => {
  let gateway: GatewayApp;
  beforeAll(async () => {
    gateway = await gatewayApp({ RELAY_IDENTITIES: 'open', RELAY_USER_INITIATED: 'true' });
  });
  afterAll(() => gateway?.close());

  it.each([
    ['message', 'get'],
    ['message', 'set'],
    ['message', 'del'],
    ['blacklist', 'set'],
    ['blacklist', 'del'],
  ])('%s %s is answered as a failure of ours', async (type, action) => {
    const query = new URLSearchParams({ type, do: action, token: CAROL.token, md5_id: DAVE.md5Id }).toString();
    const answer = await gateway.call('POST', `/app/message?${query}`, { body: '{"content":"a"}' });
    expect([answer.status, answer.body]).toEqual([
      200,
      { success: 0, code: '500', error: '服务端错误', requestId: answer.headers['x-request-id'] },
    ]);
  });
});
