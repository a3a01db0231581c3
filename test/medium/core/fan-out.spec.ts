import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHUNK_SIZE, FanOutRepository, TagRepository } from '#entities';
import { FanOutService } from '../../../apps/dispatcher/src/fan-out/fan-out.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('other');
  await mc.addUser('u1', { sms: '+8613800000001', mail: 'u1@example.com' });
  await mc.addUser('u2', { mail: 'u2@example.com' });
  await mc.addUser('u3');
});
afterEach(async () => {
  await mc.fold();
  expect(await mc.violations()).toEqual([]);
});
afterAll(() => mc.close());

const users = (...ids: string[]): { users: { id: string }[] } => ({ users: ids.map((id) => ({ id })) });
let tags = 0;
/** A tag of `app` with these members, created when they are unknown. */
async function tagOf(...members: string[]): Promise<string> {
  const name = `tag${tags++}`;
  await mc.get(TagRepository).add('app', name, members);
  return name;
}
const many = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, '0')}`);

describe('modes', () => {
  it('list takes every named channel, also where nobody can be reached', async () => {
    const id = await mc.send({ to: users('u2'), ...only('sms', 'mail', 'portal') });
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, error_code: 'no_address' },
      { channel: 'mail', status: 0, address: 'u2@example.com' },
      { channel: 'portal', status: 40 },
    ]);
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', chains: 3, expected: 3, next_ordinal: 1 });
  });

  it('all takes the channels the recipient has', async () => {
    const id = await mc.send({ to: users('u1', 'u3'), channels: { mode: 'all' } });
    const rows = await mc.deliveries(id);
    expect(rows.map((row) => [row.recipient, row.channel])).toEqual([
      ['u1', 'sms'],
      ['u1', 'mail'],
      ['u1', 'portal'],
      ['u3', 'portal'],
    ]);
  });

  it('any takes the first usable channel in the order of the plan, portal last', async () => {
    const id = await mc.send({ to: users('u1', 'u2', 'u3') });
    expect((await mc.deliveries(id)).map((row) => row.channel)).toEqual(['sms', 'mail', 'portal']);
  });

  it('smart puts the portal beside the chain where the administrator wants it', async () => {
    await mc.rows(
      `INSERT INTO setting (name, value) VALUES ('smart', '{"order":["mail","sms","portal"],"portalAtOnce":true}')`,
    );
    await mc.refresh();
    const id = await mc.send({ to: users('u1', 'u3'), channels: { mode: 'smart' } });
    expect(await mc.deliveries(id)).toMatchObject([
      { recipient: 'u1', channel: 'mail', step: 0, status: 0 },
      { recipient: 'u1', channel: 'portal', step: 15, status: 40 },
      { recipient: 'u3', status: 31, error_code: 'no_address' },
      { recipient: 'u3', channel: 'portal', step: 15, status: 40 },
    ]);
    await mc.rows(`DELETE FROM setting`);
    await mc.refresh();
  });
});

describe('who is left out', () => {
  it('fails an unknown user by name and still reaches the others', async () => {
    const id = await mc.send({ to: users('nobody', 'u1') });
    expect(await mc.deliveries(id)).toMatchObject([
      { recipient: 'nobody', status: 31, error_code: 'unknown_recipient' },
      { recipient: 'u1', status: 0 },
    ]);
  });

  it('suppresses everything for who left the app, and one channel for who left the channel', async () => {
    await mc.addUser('left', { sms: '+8613800000009', mail: 'left@example.com' });
    await mc.addUser('nosms', { sms: '+8613800000008', mail: 'nosms@example.com' });
    await mc.rows(`INSERT INTO opt_out VALUES ('left', 'app', 'app'), ('nosms', 'channel', 'sms')`);
    const any = await mc.send({ to: users('left', 'nosms') });
    expect(await mc.deliveries(any)).toMatchObject([
      { recipient: 'left', status: 61, error_code: 'opted_out_of_app' },
      { recipient: 'nosms', channel: 'mail', status: 0 },
    ]);
    const named = await mc.send({ to: users('nosms'), ...only('sms') });
    expect(await mc.deliveries(named)).toMatchObject([
      { channel: 'sms', status: 61, error_code: 'opted_out_of_channel' },
    ]);
    const foreign = await mc.send({ to: users('left') }, 'other');
    expect(await mc.deliveries(foreign)).toMatchObject([{ recipient: 'left', channel: 'sms', status: 0 }]);
  });

  it('suppresses the portal row beside a chain for who left the portal', async () => {
    await mc.addUser('noportal', { sms: '+8613800000007' });
    await mc.rows(`INSERT INTO opt_out VALUES ('noportal', 'channel', 'portal')`);
    await mc.rows(`INSERT INTO setting (name, value) VALUES ('smart', '{"order":["sms"],"portalAtOnce":true}')`);
    await mc.refresh();
    const id = await mc.send({ to: users('noportal'), channels: { mode: 'smart' } });
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 0 },
      { channel: 'portal', status: 61, error_code: 'opted_out_of_channel' },
    ]);
    await mc.rows(`DELETE FROM setting`);
    await mc.refresh();
  });

  it('suppresses and fails the same people in the chunks of a tag on the portal alone', async () => {
    await mc.addUser('tag-left');
    await mc.addUser('tag-noportal');
    await mc.addUser('tag-both');
    const tag = await tagOf('tag-left', 'tag-noportal', 'tag-both', 'tag-fine', 'tag-gone');
    await mc.rows(`INSERT INTO opt_out VALUES ('tag-left', 'app', 'app'), ('tag-noportal', 'channel', 'portal'),
                     ('tag-both', 'app', 'app'), ('tag-both', 'channel', 'portal')`);
    await mc.rows(`DELETE FROM recipient WHERE user_id = 'tag-gone'`);
    const id = await mc.send({ to: { tags: [tag] }, ...only('portal') });
    expect((await mc.deliveries(id)).map((row) => [row.recipient, row.status, row.error_code])).toEqual([
      ['tag-both', 61, 'opted_out_of_app'],
      ['tag-fine', 40, null],
      ['tag-left', 61, 'opted_out_of_app'],
      ['tag-noportal', 61, 'opted_out_of_channel'],
    ]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', delivered: 1, suppressed: 3, failed: 0 });
  });

  it('does not use a suspended address', async () => {
    await mc.addUser('moved', { sms: '+8613800000006', mail: 'moved@example.com' });
    await mc.rows(`UPDATE recipient_address SET suspended_at = now() WHERE user_id = 'moved' AND channel = 'sms'`);
    expect(await mc.deliveries(await mc.send({ to: users('moved') }))).toMatchObject([{ channel: 'mail' }]);
  });
});

describe('addresses', () => {
  it('an address an app registered serves that app only, and an administrator’s wins', async () => {
    await mc.addUser('scoped', [
      { channel: 'sms', address: '+8613800000011', appId: 'app' },
      { channel: 'mail', address: 'admin@example.com' },
      { channel: 'mail', address: 'app@example.com', appId: 'app' },
    ]);
    const own = await mc.send({ to: users('scoped'), ...only('sms', 'mail') });
    expect(await mc.deliveries(own)).toMatchObject([{ address: '+8613800000011' }, { address: 'admin@example.com' }]);
    const foreign = await mc.send({ to: users('scoped'), ...only('sms', 'mail') }, 'other');
    expect(await mc.deliveries(foreign)).toMatchObject([
      { error_code: 'no_address' },
      { address: 'admin@example.com' },
    ]);
  });

  it('reaches people outside the directory after the users, each address once', async () => {
    const id = await mc.send({
      to: {
        ...users('u3'),
        addresses: [
          { channel: 'mail', address: 'guest@example.com', name: 'Guest' },
          { channel: 'sms', address: '13800000012' },
          { channel: 'mail', address: 'guest@EXAMPLE.com' },
        ],
      },
    });
    expect(await mc.deliveries(id)).toMatchObject([
      { recipient: 'u3', channel: 'portal' },
      { seq: 16, recipient: '', channel: 'mail', address: 'guest@example.com' },
      { seq: 32, recipient: '', channel: 'sms', address: '13800000012' },
    ]);
  });

  it('keeps the params of one recipient with his delivery', async () => {
    const id = await mc.send({ to: { users: [{ id: 'u1', params: { n: '1' } }, { id: 'u2' }] } });
    expect((await mc.deliveries(id)).map((row) => row.params)).toEqual([{ n: '1' }, null]);
  });
});

describe('sources', () => {
  it('reaches a person who is in several sources once', async () => {
    await mc.rows(`INSERT INTO org_unit (code, name) VALUES ('root', 'Root')`);
    await mc.rows(`INSERT INTO recipient_org_unit VALUES ('root', 'u1'), ('root', 'u2')`);
    const tag = await tagOf('u1', 'u3');
    const id = await mc.send({ to: { ...users('u1'), tags: [tag, await tagOf('u3')], orgUnits: ['root'] } });
    expect((await mc.deliveries(id)).map((row) => row.recipient)).toEqual(['u1', 'u2', 'u3']);
  });

  it('reaches the people of an org unit and of everything below it', async () => {
    await mc.rows(
      `INSERT INTO org_unit (code, name, parent) VALUES ('top', 'Top', NULL), ('mid', 'Mid', 'top'), ('low', 'Low', 'mid'), ('side', 'Side', NULL)`,
    );
    await mc.rows(`INSERT INTO recipient_org_unit VALUES ('top', 'u1'), ('low', 'u2'), ('side', 'u3')`);
    const id = await mc.send({ to: { orgUnits: ['top'] } });
    expect((await mc.deliveries(id)).map((row) => row.recipient)).toEqual(['u1', 'u2']);
  });

  it('all reaches everybody who was in the directory at acceptance', async () => {
    const id = await mc.accept({ to: { all: true }, ...only('portal') });
    await mc.addUser('newcomer');
    const { n } = await mc.row<{ n: number }>(`SELECT count(*)::int AS n FROM recipient WHERE user_id <> 'newcomer'`);
    await mc.fanOut(id);
    const rows = await mc.deliveries(id);
    expect(rows).toHaveLength(n);
    expect(rows.map((row) => row.recipient)).not.toContain('newcomer');
  });

  it('completes a message to an empty tag with an empty report', async () => {
    const tag = await tagOf('u1');
    await mc.get(TagRepository).removeMembers((await mc.get(TagRepository).find('app', tag)) ?? 0, ['u1']);
    const id = await mc.send({ to: { tags: [tag] } });
    expect(await mc.deliveries(id)).toEqual([]);
    expect(await mc.state(id)).toMatchObject({ status: 'completed', expected: 0 });
  });
});

describe('the members of a tag', () => {
  it('are those at acceptance, whatever changes before the fan-out', async () => {
    const tag = await tagOf('u1', 'u2');
    const tagId = (await mc.get(TagRepository).find('app', tag)) ?? 0;
    const id = await mc.accept({ to: { tags: [tag] }, ...only('portal') });
    await mc.get(TagRepository).removeMembers(tagId, ['u1']);
    await mc.get(TagRepository).add('app', tag, ['u3']);
    await mc.fanOut(id);
    expect((await mc.deliveries(id)).map((row) => row.recipient)).toEqual(['u1', 'u2']);
    const later = await mc.send({ to: { tags: [tag] }, ...only('portal') });
    expect((await mc.deliveries(later)).map((row) => row.recipient)).toEqual(['u2', 'u3']);
  });

  it('are reached although the tag was removed after acceptance, and upkeep keeps what is still meant', async () => {
    const tag = await tagOf('u1', 'u2');
    const id = await mc.accept({ to: { tags: [tag] }, ...only('portal') });
    await mc.get(TagRepository).removeMembers((await mc.get(TagRepository).find('app', tag)) ?? 0, ['u1']);
    await mc.get(TagRepository).remove('app', tag);
    await mc.get(TagRepository).dropLeft(1000);
    await mc.fanOut(id);
    expect((await mc.deliveries(id)).map((row) => row.recipient)).toEqual(['u1', 'u2']);
  });

  it('of a removed tag are gone from the tables once nothing can mean them', async () => {
    const tag = await tagOf('u1', 'u2');
    const tagId = (await mc.get(TagRepository).find('app', tag)) ?? 0;
    await mc.get(TagRepository).remove('app', tag);
    await mc.rows(`UPDATE tag SET removed_at = now() - interval '1 hour' WHERE id = $1`, [tagId]);
    await mc.get(TagRepository).dropLeft(1000);
    expect(await mc.rows('SELECT 1 FROM tag_member WHERE tag_id = $1', [tagId])).toEqual([]);
    await mc.get(TagRepository).dropLeft(1000);
    expect(await mc.rows('SELECT 1 FROM tag WHERE id = $1', [tagId])).toEqual([]);
  });

  it('stay the same when they change in the middle of the fan-out', async () => {
    const members = many(CHUNK_SIZE + 10, 'mid');
    const tag = await tagOf(...members);
    const tagId = (await mc.get(TagRepository).find('app', tag)) ?? 0;
    const id = await mc.accept({ to: { tags: [tag] }, ...only('portal') });
    await expect(mc.get(FanOutRepository).fanOutChunk(id)).resolves.toMatchObject({
      state: 'more',
      inserted: CHUNK_SIZE,
    });
    await mc.get(TagRepository).removeMembers(tagId, members.slice(-5));
    await mc.get(TagRepository).add('app', tag, ['zzz']);
    await mc.fanOut(id);
    expect(
      await mc.row('SELECT count(*)::int AS n, max(recipient) AS last FROM delivery WHERE message_id = $1', [id]),
    ).toEqual({
      n: members.length,
      last: members.at(-1),
    });
  });

  it('that were deleted from the directory are members no longer', async () => {
    await mc.addUser('ghost');
    const tag = await tagOf('ghost', 'u1');
    await mc.rows(`DELETE FROM recipient WHERE user_id = 'ghost'`);
    const id = await mc.send({ to: { tags: [tag] }, ...only('portal') });
    expect(await mc.deliveries(id)).toMatchObject([{ recipient: 'u1', status: 40 }]);
  });
});

describe('a large audience', () => {
  const size = CHUNK_SIZE * 2 + 321;

  it('is fanned out in chunks that move a cursor, and can be resumed by anyone', async () => {
    const id = await mc.accept({ to: { tags: [await tagOf(...many(size, 'big'))] }, ...only('portal', 'sms') });
    const fanOuts = mc.get(FanOutRepository);
    expect(await fanOuts.fanOutChunk(id)).toMatchObject({ state: 'more' });
    expect(await mc.state(id)).toMatchObject({
      status: 'dispatching',
      expected: null,
      cursor: 'u:big004999',
      next_ordinal: CHUNK_SIZE,
    });
    expect(await mc.violations()).toEqual([]);
    expect(await fanOuts.fanOutChunk(id)).toMatchObject({ state: 'more' });
    expect(await fanOuts.fanOutChunk(id)).toMatchObject({ state: 'finished' });
    expect(await fanOuts.fanOutChunk(id)).toMatchObject({ state: 'gone' });
    expect(await mc.state(id)).toMatchObject({ expected: size * 2, chains: size * 2, next_ordinal: size });
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', delivered: size, failed: size });
  });

  it('ends after a chunk that is exactly full', async () => {
    const id = await mc.accept({ to: { tags: [await tagOf(...many(CHUNK_SIZE, 'full'))] }, ...only('portal') });
    await mc.fanOut(id);
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', expected: CHUNK_SIZE });
  });

  it('has each delivery once however many dispatchers are at it', async () => {
    const ids = await Promise.all([
      mc.accept({ to: { tags: [await tagOf(...many(size, 'two'))] }, ...only('portal') }),
      mc.accept({ to: users('u1', 'u2', 'u3') }),
    ]);
    const service = mc.get(FanOutService);
    const unfinished = (): Promise<object[]> =>
      mc.rows(`SELECT 1 FROM message_state WHERE message_id = ANY($1::uuid[]) AND expected IS NULL`, [ids]);
    do await Promise.all([1, 2, 3, 4].map(() => service.fanOut(ids)));
    while ((await unfinished()).length > 0);
    const [large, small] = ids;
    expect(await mc.state(large ?? '')).toMatchObject({ expected: size, next_ordinal: size });
    expect(await mc.deliveries(small ?? '')).toHaveLength(3);
    expect(
      await mc.row(
        'SELECT count(*)::int AS n, count(DISTINCT recipient)::int AS people FROM delivery WHERE message_id = $1',
        [large],
      ),
    ).toEqual({
      n: size,
      people: size,
    });
  });

  it('of given addresses goes on after the users, chunk by chunk', async () => {
    const addresses = Array.from({ length: CHUNK_SIZE + 7 }, (_, i) => ({
      channel: 'mail' as const,
      address: `a${i}@example.com`,
    }));
    const id = await mc.accept({ to: { ...users('u1'), addresses }, ...only('mail') });
    await mc.fanOut(id);
    expect(
      await mc.row(
        'SELECT count(*)::int AS n, count(DISTINCT address)::int AS d, max(seq) AS last FROM delivery WHERE message_id = $1',
        [id],
      ),
    ).toEqual({
      n: CHUNK_SIZE + 8,
      d: CHUNK_SIZE + 8,
      last: (CHUNK_SIZE + 7) * 16,
    });
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', expected: CHUNK_SIZE + 8 });
  });
});

describe('a delivery that is there already', () => {
  it.each([
    ['in a small fan-out', (): Promise<string> => mc.accept({ to: users('u1', 'u2'), ...only('mail') })],
    [
      'in a chunk of a large one',
      async (): Promise<string> => mc.accept({ to: { tags: [await tagOf('u1', 'u2')] }, ...only('mail') }),
    ],
  ])('%s is not counted and sent a second time: the fan-out fails, and leaves nothing', async (_, accept) => {
    const id = await accept();
    await mc.rows(
      `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
       VALUES ($1, 16, 60, false, 'mail', 'u2', '', gen_random_uuid())`,
      [id],
    );
    await mc.fanOut(id).catch(() => undefined);
    expect(await mc.deliveries(id)).toMatchObject([{ seq: 16, status: 60 }]);
    expect(await mc.rows('SELECT kind FROM work WHERE message_id = $1', [id])).toEqual([{ kind: 'fan_out' }]);
    await mc.rows('DELETE FROM delivery WHERE message_id = $1', [id]);
    await mc.fanOut(id);
    expect(await mc.deliveries(id)).toHaveLength(2);
  });
});

describe('time', () => {
  it('does not fan out before sendAt, and does at it', async () => {
    const id = await mc.accept({ to: users('u1'), sendAt: new Date(Date.now() + 3_600_000).toISOString() });
    await mc.fanOut(id);
    expect(await mc.state(id)).toMatchObject({ status: 'scheduled', chains: 0 });
    await mc.rows(`UPDATE message SET send_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await mc.fanOut(id);
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', chains: 1 });
  });

  it('sends nothing of a message that expired before its fan-out', async () => {
    const id = await mc.accept({ to: users('u1'), expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await mc.rows(`UPDATE message SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await mc.fanOut(id);
    expect(await mc.deliveries(id)).toEqual([]);
    expect(await mc.state(id)).toMatchObject({ status: 'expired', expected: 0 });
    expect(await mc.rows('SELECT 1 FROM work WHERE message_id = $1', [id])).toEqual([]);
  });

  it('stops in the middle where the message expires', async () => {
    const id = await mc.accept({
      to: { tags: [await tagOf(...many(CHUNK_SIZE + 1, 'exp'))] },
      ...only('portal'),
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await mc.get(FanOutRepository).fanOutChunk(id);
    await mc.rows(`UPDATE message SET expires_at = now() WHERE id = $1`, [id]);
    await mc.fanOut(id);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'expired', expected: CHUNK_SIZE, ended: CHUNK_SIZE });
  });
});
