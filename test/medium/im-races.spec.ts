import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ImNodeRepository, ImUpkeepRepository } from '#entities';
import { ImSendService } from '../../apps/im-sync/src/im/im-send.service.js';
import { HELLO, imDoor, type ImDoor } from './im-door.fixture.js';

/** Calls arrive at two processes of the center in turn: what one batch cannot know of another is where races live. */
let first: ImDoor;
let second: ImDoor;
const doorOf = (i: number): ImDoor => (i % 2 === 0 ? first : second);
const atOnce = <T>(n: number, call: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => call(i)));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const sorted = (numbers: number[]): number[] => numbers.sort((a, b) => a - b);

beforeAll(async () => {
  first = await imDoor();
  second = await first.replica();
});
afterAll(async () => {
  await second?.close();
  await first?.close();
});

describe('messages that are sent at once', () => {
  it('to one channel have contiguous seqs and different ids', async () => {
    const sent = await atOnce(600, (i) => doorOf(i).send({ from_uid: `u${i}`, channel_id: 'busy', channel_type: 2 }));
    expect(sorted(sent.map(({ message_seq }) => message_seq))).toEqual(upTo(600));
    expect(new Set(sent.map(({ message_id }) => message_id)).size).toBe(600);
    const { messages } = await first.page({ channel_id: 'busy', limit: 1000 });
    const shown = new Map(messages.map((message) => [message.message_seq, message['from_uid']]));
    expect(sent.every(({ message_seq }, i) => shown.get(message_seq) === `u${i}`)).toBe(true);
  });

  it('to many channels in different orders do not stand in each other’s way', async () => {
    const service = (door: ImDoor): ImSendService => door.app.get(ImSendService, { strict: false });
    const plain = { noPersist: false, redDot: true, syncOnce: false, setting: 0, clientMsgNo: 'c', streamNo: '' };
    const rest = { startsStream: false, fromUid: 'u', channelType: 2, topic: '', expire: 0, payload: HELLO };
    const batch = (i: number, isBackwards: boolean) => {
      const messages = Array.from({ length: 40 }, (_, k) => ({
        ...plain,
        ...rest,
        channelId: `many${k}`,
        syncOnce: k % 4 === 0,
        subscribers: k % 4 === 0 ? ['q1', 'q2', `q${i}`] : null,
      }));
      return service(doorOf(i)).send(isBackwards ? messages.reverse() : messages);
    };
    await atOnce(40, (i) => batch(i, i % 3 === 0));
    const logs = await first.rows<{ n: number; last: number }>(
      `SELECT count(*) AS n, max(m.seq) AS last FROM im_message m JOIN im_channel c USING (channel_key)
        WHERE c.channel_id LIKE 'many%' GROUP BY c.channel_key`,
    );
    expect(logs).toEqual(Array.from({ length: 30 }, () => ({ n: 40, last: 40 })));
    const [queue] = await first.rows<{ n: number; last: number }>(
      `SELECT count(*) AS n, max(seq) AS last FROM im_user_queue WHERE uid = 'q2'`,
    );
    expect(queue).toEqual({ n: 400 + 10, last: 400 + 10 });
  });

  it('into one queue have contiguous seqs', async () => {
    const header = { sync_once: 1 };
    await atOnce(200, (i) => doorOf(i).send({ header, from_uid: `s${i}`, channel_id: 'reader', channel_type: 1 }));
    const commands = await second.commands('reader', { limit: 1000 });
    expect(commands.map(({ message_seq }) => message_seq)).toEqual(upTo(200));
  });

  it('count their red dots as if they had come one after the other', async () => {
    await atOnce(120, (i) =>
      doorOf(i).send({
        from_uid: i % 3 === 0 ? 'rr' : 'll',
        channel_id: i % 3 === 0 ? 'll' : 'rr',
        channel_type: 1,
        header: { red_dot: i % 2 },
      }),
    );
    const [channel] = await first.rows<Record<string, number>>(
      `SELECT last_seq, red_total, red_left, conv_seq FROM im_channel WHERE channel_id LIKE '%ll%rr%' OR channel_id LIKE '%rr%ll%'`,
    );
    // "rr" has the larger CRC-32 of the two: its side is the left one.
    expect(channel).toEqual({ last_seq: 120, red_total: 60, red_left: 20, conv_seq: 120 });
    const totals = await first.rows<{ total: number; counted: number }>(
      `SELECT m.red_total AS total, count(*) FILTER (WHERE m.has_red_dot) OVER (ORDER BY m.seq) AS counted
         FROM im_message m WHERE m.channel_id IN ('ll', 'rr') ORDER BY m.seq`,
    );
    expect(totals.every(({ total, counted }) => total === counted)).toBe(true);
  });
});

describe('node numbers of message ids', () => {
  it('are leased to one process at a time', async () => {
    const nodes = first.app.get(ImNodeRepository, { strict: false });
    const holders = Array.from(
      { length: 30 },
      (_, i) => `00000000-0000-4000-8000-0000000000${String(i).padStart(2, '0')}`,
    );
    const leases = await Promise.all(holders.map((holder) => nodes.acquire(holder)));
    const numbers = leases.flatMap((lease) => lease?.nodeId ?? []);
    expect(numbers).toEqual([...new Set(numbers)]);
    const [one = -1] = numbers;
    const [holder = ''] = holders;
    expect((await nodes.renew(holder, one))?.nodeId).toBe(one);
    expect(await nodes.renew(holders[1] ?? '', one)).toBeNull();
    await nodes.release(holder, one);
    // Not at once: two clocks may differ.
    expect((await nodes.acquire(holder))?.nodeId).not.toBe(one);
  });

  it('are taken anew when somebody else has got the lease', async () => {
    await first.send({ channel_id: 'lease', channel_type: 2 });
    await first.rows(`UPDATE im_node SET holder = gen_random_uuid() WHERE lease_until > now()`);
    const { message_id } = await first.send({ channel_id: 'lease', channel_type: 2 });
    expect(message_id).toMatch(/^\d{19}$/);
  });
});

describe('expired messages', () => {
  it('are removed by replicas together, and leave the others', async () => {
    await atOnce(60, (i) => first.send({ channel_id: 'short', channel_type: 2, expire: i < 50 ? 1000 : 0 }));
    const header = { sync_once: 1 };
    await first.send({ header, from_uid: 'a', channel_id: 'short-lived', channel_type: 1, expire: 1000 });
    await first.rows(`UPDATE im_message SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL`);
    await first.rows(`UPDATE im_command SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL`);
    expect(await first.commands('short-lived')).toEqual([]);
    const sweeps = await atOnce(6, (i) => doorOf(i).app.get(ImUpkeepRepository, { strict: false }).dropStale(20));
    const gone = (table: string): number => sweeps.reduce((sum, sweep) => sum + (sweep.get(table) ?? 0), 0);
    expect([gone('im_message'), gone('im_command')]).toEqual([50, 1]);
    expect((await second.page({ channel_id: 'short', limit: 100 })).messages).toHaveLength(10);
    expect(await first.send({ channel_id: 'short', channel_type: 2 })).toMatchObject({ message_seq: 61 });
  });
});
