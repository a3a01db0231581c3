import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HELLO, base64, imDoor, type ImDoor, type Shown } from './im-door.fixture.js';

let door: ImDoor;
let replica: ImDoor;
let n = 0;
/** Of this test alone. */
let group: string;
beforeAll(async () => {
  door = await imDoor();
  replica = await door.replica();
});
afterAll(async () => {
  await replica?.close();
  await door?.close();
});
beforeEach(() => {
  group = `group${++n}`;
});

const say = (through: ImDoor, fields: object = {}): Promise<unknown> =>
  through.send({ from_uid: 'alice', channel_id: group, channel_type: 2, ...fields });
const newest = (of: ImDoor = door): Promise<{ more: number; messages: Shown[] }> =>
  of.page({ channel_id: group, limit: 3 });
const seqs = ({ messages }: { messages: Shown[] }): number[] => messages.map(({ message_seq }) => message_seq);

describe('a page that is asked for again', () => {
  it('has what came meanwhile, through whichever process it came', async () => {
    for (let sent = 0; sent < 2; sent++) await say(door);
    expect(await newest()).toMatchObject({ more: 0, messages: [{}, {}] });
    await say(replica);
    expect(seqs(await newest())).toEqual([1, 2, 3]);
    expect(await newest()).toMatchObject({ more: 1 });
    await say(door);
    for (const process of [door, replica, door]) expect(seqs(await newest(process))).toEqual([2, 3, 4]);
  });

  it('is made once as long as nothing comes', async () => {
    await say(door, { client_msg_no: 'first' });
    const first = await newest();
    // What is stored never changes; if it did, it would not be seen.
    await door.rows(`UPDATE im_message SET client_msg_no = 'changed' WHERE channel_id = $1`, [group]);
    expect(await newest()).toEqual(first);
    expect((await newest(replica)).messages[0]).toMatchObject({ client_msg_no: 'changed' });
    await say(door);
    expect((await newest()).messages[0]).toMatchObject({ client_msg_no: 'changed' });
  });

  it('is another for another part of the log', async () => {
    for (let sent = 0; sent < 5; sent++) await say(door);
    const part = (fields: object): Promise<{ more: number; messages: Shown[] }> =>
      door.page({ channel_id: group, limit: 3, ...fields });
    for (let time = 0; time < 2; time++) {
      expect(seqs(await part({}))).toEqual([3, 4, 5]);
      expect(seqs(await part({ limit: 2 }))).toEqual([4, 5]);
      expect(seqs(await part({ start_message_seq: 2, pull_mode: 1 }))).toEqual([2, 3, 4]);
      expect(seqs(await part({ start_message_seq: 4 }))).toEqual([2, 3, 4]);
      expect(seqs(await part({ start_message_seq: 4, end_message_seq: 2 }))).toEqual([3, 4]);
    }
  });

  it('shows no message that expired since', async () => {
    await say(door);
    await say(door, { expire: 3600 });
    expect(seqs(await newest())).toEqual([1, 2]);
    await door.rows(`UPDATE im_message SET expires_at = now() WHERE channel_id = $1 AND seq = 2`, [group]);
    expect(seqs(await newest())).toEqual([1]);
  });

  it('shows the pieces that a stream got since', async () => {
    const dialogue = { from_uid: 'alice', channel_id: group, channel_type: 1 };
    const { body } = await door.post('/streammessage/start', { payload: HELLO, ...dialogue });
    const streamNo = (body as { stream_no: string }).stream_no;
    const streams = async (): Promise<unknown> =>
      (await door.page({ ...dialogue, login_uid: 'alice', limit: 3 })).messages[0]?.['streams'];
    expect(await streams()).toBeUndefined();
    for (const [seq, text] of ['one', 'two'].entries()) {
      await door.send({ ...dialogue, stream_no: streamNo, payload: base64(text) });
      expect(await streams()).toHaveLength(seq + 1);
    }
  });
});
