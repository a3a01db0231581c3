import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TodoCardRepository, TodoRepository } from '#entities';
import { WecomFake } from '../../support/fakes/wecom.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';

let mc: WholeCenter;
let wecom: WecomFake;
let todos: TodoRepository;
beforeAll(async () => {
  mc = await wholeCenter();
  wecom = await WecomFake.open();
  await mc.setUp('wecom', { id: 'app', provider: 'wecom', settings: { timeoutMs: 500, ...wecom.account } });
  for (const user of ['a', 'b']) await mc.person(user, { wecom: user });
  todos = mc.app.get(TodoRepository, { strict: false });
});
beforeEach(() => {
  wecom.inbox.length = 0;
  wecom.cards.changed.length = 0;
});
afterEach(async () => {
  await mc.rows('DELETE FROM todo_card');
  await mc.keepsItsPromises();
});
afterAll(async () => {
  await mc.close();
  await wecom.close();
});

interface Card {
  seq: number;
  account: string;
  address: string;
  is_due: boolean;
  attempts: number;
}
const cards = (): Promise<Card[]> =>
  mc.rows<Card>('SELECT seq, account, address, due_at IS NOT NULL AS is_due, attempts FROM todo_card ORDER BY seq');
/** A to-do that went out to these users and whose cards are kept. */
async function sent(...users: string[]): Promise<string> {
  const id = await mc.send(users, ['wecom'], '请处理', {
    kind: 'todo',
    content: { title: '请假审批', text: '请处理', url: 'https://e.com/1' },
  });
  await mc.until(
    'the cards are kept',
    () => cards(),
    (rows) => rows.length === users.length,
  );
  return id;
}
const changed = (count: number): Promise<unknown> =>
  mc.until(
    `${count} cards show that their to-do is done`,
    async () => {
      await mc.rows('UPDATE todo_card SET due_at = now() WHERE due_at > now()');
      return cards();
    },
    (rows) => wecom.cards.changed.length === count && !rows.some((row) => row.is_due),
  );

describe('card of a to-do at WeCom', () => {
  it('is sent to each receiver by itself, with a button, and kept', async () => {
    await sent('a', 'b');
    expect(wecom.inbox.map(({ userId, message }) => [userId, message.msgtype])).toEqual(
      expect.arrayContaining([
        ['a', 'template_card'],
        ['b', 'template_card'],
      ]),
    );
    expect(await cards()).toMatchObject([
      { address: 'a', account: 'wecom:app', is_due: false, attempts: 0 },
      { address: 'b', account: 'wecom:app', is_due: false, attempts: 0 },
    ]);
  });

  it('says that it is done, once the to-do of its receiver is', async () => {
    const id = await sent('a', 'b');
    const [row] = await mc.rows<{ seq: number }>(
      `SELECT seq FROM delivery WHERE message_id = $1 AND channel = 'portal' AND recipient = 'b'`,
      [id],
    );
    await todos.setOne({ messageId: id, seq: row?.seq ?? -1 }, 'done');
    await changed(1);
    expect(wecom.cards.changed).toEqual([{ userId: 'b', button: '已办理' }]);
    expect(await cards()).toMatchObject([{ address: 'a', is_due: false }]);
    await todos.setAll(id, mc.appId, 'done');
    await changed(2);
    expect(await cards()).toEqual([]);
  });

  it('is changed though it went out only after the to-do was closed', async () => {
    const id = await sent('a');
    const [card] = await mc.rows<{ code: string }>('DELETE FROM todo_card RETURNING code');
    await todos.setAll(id, mc.appId, 'done');
    const kept = { messageId: id, seq: 0, channel: 'wecom', account: 'wecom:app', address: 'a', lastsS: 60 } as const;
    await mc.app.get(TodoCardRepository, { strict: false }).keep([{ ...kept, code: card?.code ?? '' }]);
    await changed(1);
  });

  it('is changed or left alone, whichever of closing and sending comes first', async () => {
    const id = await sent('a');
    const repository = mc.app.get(TodoCardRepository, { strict: false });
    const kept = { messageId: id, seq: 0, channel: 'sms', account: 'sms:none', address: 'a', lastsS: 60 } as const;
    for (let round = 0; round < 20; round++) {
      await todos.setAll(id, mc.appId, 'open');
      await mc.rows('DELETE FROM todo_card');
      await Promise.all([repository.keep([{ ...kept, code: `c${round}` }]), todos.setAll(id, mc.appId, 'done')]);
      expect([round, await cards()]).toEqual([round, [expect.objectContaining({ is_due: true })]]);
    }
  });

  it('is tried again while WeCom is busy, and given up where it does not take it', async () => {
    const id = await sent('a', 'b');
    wecom.refuse(-1, 40058);
    await todos.setAll(id, mc.appId, 'done');
    await changed(1);
    expect(await cards()).toEqual([]);
  });

  it('waits again where the to-do is opened again', async () => {
    const id = await sent('a');
    const { rows } = mc;
    await rows(`UPDATE todo_card SET channel = 'sms'`); // nobody looks for it there
    await todos.setAll(id, mc.appId, 'done');
    expect(await cards()).toMatchObject([{ is_due: true }]);
    await todos.setAll(id, mc.appId, 'open');
    expect(await cards()).toMatchObject([{ is_due: false }]);
  });

  it('is let go when its time at WeCom is over', async () => {
    const id = await sent('a');
    await mc.rows(`UPDATE todo_card SET expires_at = now() - interval '1 second'`);
    await todos.setAll(id, mc.appId, 'done');
    await expect(mc.app.get(TodoCardRepository, { strict: false }).claimDue('wecom', 10)).resolves.toEqual([]);
    expect(wecom.cards.changed).toEqual([]);
  });
});
