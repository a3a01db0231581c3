import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RelayUpkeepRepository } from '#entities';
import {
  DONE,
  FULL,
  TOO_FREQUENT,
  atOnce,
  relayDoor,
  tally,
  type Party,
  type RelayDoor,
} from './relay-door.fixture.js';

/** Calls arrive at two processes of the center in turn: what one batch cannot know of another is where races live. */
let first: RelayDoor;
let second: RelayDoor;
const doorOf = (i: number): RelayDoor => (i % 2 === 0 ? first : second);

beforeAll(async () => {
  first = await relayDoor();
  second = await first.replica();
});
afterAll(async () => {
  await second?.close();
  await first?.close();
});

/** Admins whose pace is not counted. */
const writers = (n: number): Promise<Party[]> => atOnce(n, () => first.relayAdmin({ rateExempt: true }));
const waitingFor = async ({ md5Id }: Party): Promise<number> =>
  Number(
    (await first.rows<{ n: string }>('SELECT count(*) AS n FROM relay_message WHERE receiver = $1', [md5Id]))[0]?.n,
  );

describe('limits, with everybody writing at once', () => {
  it('a mailbox takes 300 messages and not one more, and again as many once it was pulled', async () => {
    const [reader, senders] = await Promise.all([first.relayUser(), writers(8)]);
    const send = (i: number) => doorOf(i).send(senders[i % senders.length] as Party, reader);
    expect(tally(await atOnce(400, send))).toEqual({ done: 300, '502': 100 });
    expect(await waitingFor(reader)).toBe(300);
    expect(await send(0)).toEqual(FULL);
    expect(await first.pull(reader)).toHaveLength(300);
    expect(await send(0)).toEqual(DONE);
  });

  it('expired messages take no room', async () => {
    const [reader, [sender]] = await Promise.all([first.relayUser(), writers(1)]);
    await atOnce(300, () => first.send(sender as Party, reader));
    await first.rows(
      `UPDATE relay_message SET sent_at = now() - interval '3 days' WHERE receiver = $1 AND id = (
         SELECT min(id) FROM relay_message WHERE receiver = $1)`,
      [reader.md5Id],
    );
    expect(tally(await atOnce(10, (i) => doorOf(i).send(sender as Party, reader)))).toEqual({ done: 1, '502': 9 });
  });

  it('a sender has 100 messages accepted within 5 minutes, to whomever', async () => {
    const [sender, ...readers] = await Promise.all([
      first.relayAdmin(),
      ...Array.from({ length: 6 }, () => first.relayUser()),
    ]);
    const send = (i: number) => doorOf(i).send(sender, readers[i % readers.length] as Party);
    expect(tally(await atOnce(180, send))).toEqual({ done: 100, '503': 80 });
    // The window slides: the ten that are out of it make room for ten.
    await first.rows(
      `UPDATE relay_quota SET sent_at = ARRAY(SELECT CASE WHEN n <= 10 THEN t - interval '5 minutes' ELSE t END
                                               FROM unnest(sent_at) WITH ORDINALITY AS s(t, n)) WHERE md5_id = $1`,
      [sender.md5Id],
    );
    expect(tally(await atOnce(30, send))).toEqual({ done: 10, '503': 20 });
    expect(await send(0)).toEqual(TOO_FREQUENT);
  });

  it('what was refused does not count against the sender', async () => {
    const [sender, shut, open] = await Promise.all([first.relayAdmin(), first.relayUser(), first.relayUser()]);
    await first.block(shut, sender);
    expect(tally(await atOnce(120, (i) => doorOf(i).send(sender, shut)))).toEqual({ '501': 120 });
    expect(tally(await atOnce(110, (i) => doorOf(i).send(sender, open)))).toEqual({ done: 100, '503': 10 });
  });

  it('the 301st of many who block a user at once is the one that counts', async () => {
    const [desk, talker] = await Promise.all([first.relayAdmin({ rateExempt: true }), first.relayUser()]);
    const tokens = Array.from({ length: 301 }, (_, k) => `blocker-${desk.md5Id}-${k}`);
    const lines = tokens.map((token) => JSON.stringify({ role: 'user', token })).join('\n');
    await first.call('POST', '/v1/relay/identities', {
      token: first.adminToken,
      body: lines,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    await first.send(desk, talker);
    const block = (i: number) => doorOf(i).relay(tokens[i] ?? '', 'blacklist', 'set', { md5_id: talker.md5Id }, {});
    expect(tally(await atOnce(300, block))).toEqual({ done: 300 });
    expect(await first.send(talker, desk)).toEqual(DONE);
    await block(300);
    expect(await second.send(talker, desk)).toMatchObject({ code: '501' });
  });
});

describe('pulling at once', () => {
  it('never gives a message to two, and loses none, while others still write', async () => {
    const [reader, senders] = await Promise.all([first.relayUser(), writers(4)]);
    const sent = atOnce(200, (i) => doorOf(i).send(senders[i % 4] as Party, reader, { content: String(i) }));
    const pulled = (await atOnce(40, (i) => doorOf(i).pull(reader))).flat();
    expect(tally(await sent)).toEqual({ done: 200 });
    const all = [...pulled, ...(await first.pull(reader))].map(({ content }) => Number(content));
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('gives what was sent to one admin of a key to him or to the key', async () => {
    const admins = await atOnce(3, () => first.relayAdmin({ key: 'race', rateExempt: true }));
    const user = await first.relayUser();
    for (const admin of admins) await first.send(admin, user);
    await atOnce(90, (i) => doorOf(i).send(user, admins[i % 3] as Party, { content: String(i) }));
    const pulls = await atOnce(12, (i) => doorOf(i).pull(admins[i % 3] as Party, i % 4 === 0 ? {} : { key: 'race' }));
    const all = pulls.flat().map(({ content }) => Number(content));
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 90 }, (_, i) => i));
  });
});

describe('expiry', () => {
  it('is done by ten replicas together, without one standing in another’s way', async () => {
    const [reader, [sender]] = await Promise.all([first.relayUser(), writers(1)]);
    await first.send(sender as Party, reader, { content: 'valid' });
    await first.rows(`DELETE FROM relay_message WHERE sent_at <= now() - interval '3 days'`);
    await first.rows(
      `INSERT INTO relay_message (receiver, sender, body, sent_at)
       SELECT $1, $2, '{"content":"old"}', now() - interval '3 days' FROM generate_series(1, 1000)`,
      [reader.md5Id, sender?.md5Id],
    );
    await first.rows(
      `INSERT INTO relay_quota (md5_id, sent_at, looked_at) VALUES
         (md5('idle'), ARRAY[now() - interval '6 minutes'], now() - interval '2 days'), (md5('never'), '{}', now() - interval '2 days'),
         (md5('busy'), ARRAY[now() - interval '6 minutes', now()], now() - interval '2 days')`,
    );
    const upkeep = [first, second].map((door) => door.app.get(RelayUpkeepRepository, { strict: false }));
    const sweeps = await atOnce(10, (i) => (upkeep[i % 2] as RelayUpkeepRepository).dropStale(300));
    const looked = (table: string): number => sweeps.reduce((sum, one) => sum + (one.get(table) ?? 0), 0);
    expect([looked('relay_message'), looked('relay_quota')]).toEqual([1000, 3]);
    const left = await first.rows(
      `SELECT md5_id FROM relay_quota WHERE md5_id IN (md5('idle'), md5('never'), md5('busy'))`,
    );
    expect(left).toEqual([{ md5_id: createHash('md5').update('busy').digest('hex') }]);
    expect(await waitingFor(reader)).toBe(1);
    expect((await first.pull(reader)).map(({ content }) => content)).toEqual(['valid']);
  });
});
