import { createHash, randomInt } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageIntakeRepository, type InsertResult, type NewMessage } from '#entities';
import { IntakeError } from '../../../apps/gateway/src/intake/intake-error.js';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { newMessage } from '../../support/new-message.js';
import { emptying } from '../../support/emptying.js';

const PEOPLE = Array.from({ length: 60 }, (_, i) => `p${i}`);
let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  for (const app of ['app', 'other', 'limited']) await mc.addApp(app);
  await mc.addUser('u1', { sms: '13800000001' });
  await mc.addUser('u2', { sms: '13800000002' });
  for (const person of PEOPLE) await mc.addUser(person);
});
beforeEach(async () => {
  await mc.rows(emptying('work, message, message_state, delivery, settlement, idempotency_key, open_todo, sms_budget'));
  await mc.rows(`UPDATE client_app SET sms_quota_total = CASE WHEN app_id = 'limited' THEN 3 END`);
});
afterAll(() => mc.close());

const digest = (of: string): string => createHash('sha256').update(of).digest('hex');
const todo = (of = 'leave', ...users: string[]): Sending => ({
  kind: 'todo',
  to: { users: (users.length > 0 ? users : ['u1']).map((id) => ({ id })) },
  openTodo: { digest: digest(of) },
  ...only('portal'),
});
const codeOf = (sending: Sending, app?: string): Promise<string> =>
  mc.accept(sending, app).then(
    () => 'accepted',
    (error: unknown) => (error instanceof IntakeError ? error.code : String(error)),
  );
const open = (): Promise<{ user_id: string; message_id: string }[]> =>
  mc.rows('SELECT user_id, message_id FROM open_todo ORDER BY user_id');

describe('a to-do that is still open', () => {
  it('is not sent again to whoever has it, and the refusal names them', async () => {
    const first = await mc.accept(todo('leave', 'u1', 'u2'));
    await expect(mc.accept(todo('leave', 'p1', 'u2'))).rejects.toMatchObject({
      code: 'todo_duplicate',
      kind: 'conflict',
      details: { users: ['u2'] },
    });
    expect(await open()).toEqual(['u1', 'u2'].map((id) => ({ user_id: id, message_id: first })));
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 1 });
  });

  it.each([
    ['another to-do', todo('travel'), 'app'],
    ['another receiver', todo('leave', 'u2'), 'app'],
    ['another app', todo(), 'other'],
    ['a plain message', { to: { users: [{ id: 'u1' }] } }, 'app'],
  ])('does not stand in the way of %s', async (_, sending: Sending, app) => {
    await mc.accept(todo());
    expect(await codeOf(sending, app)).toBe('accepted');
  });

  it('names a hundred of those who have it, not all', async () => {
    const many = Array.from({ length: 130 }, (_, i) => `q${i}`);
    await mc.rows('INSERT INTO recipient (user_id) SELECT unnest($1::text[])', [many]);
    await mc.accept(todo('leave', ...many));
    const refusal: unknown = await mc.accept(todo('leave', ...many)).catch((error: unknown) => error);
    expect((refusal as IntakeError).details['users']).toHaveLength(100);
    expect((refusal as IntakeError).message).toContain('130');
  });

  it('is none of somebody whom the directory does not know', async () => {
    expect(await codeOf(todo('leave', 'nobody'))).toBe('accepted');
    expect(await codeOf(todo('leave', 'nobody', 'u1'))).toBe('accepted');
    expect((await open()).map(({ user_id }) => user_id)).toEqual(['u1']);
  });

  it('is answered again to the caller who repeats his call', async () => {
    const keyed = { ...todo(), idempotency: { key: 'k', bodyHash: digest('body') } };
    expect(await mc.accept(keyed)).toBe(await mc.accept(keyed));
    expect(await codeOf({ ...keyed, idempotency: { key: 'k', bodyHash: digest('other') } })).toBe(
      'idempotency_conflict',
    );
  });
});

describe('a to-do is open no longer', () => {
  it('when it was cancelled before it was sent', async () => {
    const id = await mc.accept(todo());
    expect(await mc.cancel(id)).toBe('cancelled');
    expect(await codeOf(todo())).toBe('accepted');
  });

  it('when it was cancelled after it was sent', async () => {
    const id = await mc.send({ ...todo(), ...only('sms', 'portal') });
    expect(await mc.cancel(id)).toBe('cancelling');
    expect(await codeOf(todo())).toBe('accepted');
  });

  it('when its time was over before it was sent', async () => {
    const id = await mc.accept({ ...todo(), expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await mc.rows(`UPDATE message SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await mc.fanOut(id);
    expect(await mc.state(id)).toMatchObject({ status: 'expired' });
    expect(await codeOf(todo())).toBe('accepted');
  });
});

describe('equal to-dos at the same moment', () => {
  it('F47: of twenty exactly one is accepted, in each of a hundred rounds', async () => {
    const intake = mc.get(MessageIntakeRepository);
    for (let round = 0; round < 100; round++) {
      const equal = Array.from({ length: 20 }, () => message({ openTodo: { digest: digest(`r${round}`) } }));
      // As of eleven gateways: one of them has ten calls in one commit.
      const commits = [equal.slice(0, 10), ...equal.slice(10).map((one) => [one])];
      const results = (await Promise.all(commits.map((commit) => intake.insert(commit)))).flat() as InsertResult[];
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'todo-duplicate')).toHaveLength(19);
    }
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 100 });
    expect(await open()).toHaveLength(100);
  });

  it('whatever the order of their receivers, one is accepted whole and the others not at all', async () => {
    const intake = mc.get(MessageIntakeRepository);
    for (let round = 0; round < 10; round++) {
      const equal = Array.from({ length: 8 }, () =>
        message({
          openTodo: { digest: digest(`s${round}`) },
          audience: { users: shuffled(PEOPLE).map((id) => ({ id })) },
        }),
      );
      const results = (await Promise.all(equal.map((one) => intake.insert([one])))).flat() as InsertResult[];
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    }
    expect(await mc.row(`SELECT count(*)::int AS n, count(DISTINCT message_id)::int AS m FROM open_todo`)).toEqual({
      n: 10 * PEOPLE.length,
      m: 10,
    });
  });

  it('in one commit: the second is refused, and who is refused for another reason takes nobody with him', async () => {
    const held = await mc.accept(todo('held', 'p1'));
    const results = await mc.get(MessageIntakeRepository).insert([
      message({ ...asking('held', 'p1', 'p2') }), // refused: p1 has it
      message({ ...asking('held', 'p2', 'p3') }), // innocent of that
      message({ ...asking('held', 'p3') }), // the same as the one before
      message({ ...asking('dear', 'p4'), clientAppId: 'limited', plan: sms(5) }), // over its quota
      message({ ...asking('dear', 'p4'), clientAppId: 'limited', plan: sms(2) }),
      message({ ...asking('dear', 'p4'), clientAppId: 'limited', plan: sms(1) }),
      message({ content: { text: 'plain' } }),
    ]);
    expect(results.map((result) => (result instanceof Error ? String(result) : result.kind))).toEqual([
      'todo-duplicate',
      'accepted',
      'todo-duplicate',
      'over-sms-quota',
      'accepted',
      'todo-duplicate',
      'accepted',
    ]);
    expect((await open()).map(({ user_id }) => user_id)).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect((await open())[0]?.message_id).toBe(held);
    expect(await mc.row(`SELECT max(used)::int AS used FROM sms_budget WHERE app_id = 'limited'`)).toEqual({ used: 2 });
  });

  it('what a message takes of the SMS quota it gives back where it is a duplicate', async () => {
    const counted = { ...todo('leave', 'u1', 'u2'), ...only('sms', 'portal') };
    expect(await Promise.all(Array.from({ length: 5 }, () => codeOf(counted, 'limited')))).toEqual(
      expect.arrayContaining(['accepted', ...Array.from({ length: 4 }, () => 'todo_duplicate')]),
    );
    expect(await mc.row(`SELECT max(used)::int AS used FROM sms_budget`)).toEqual({ used: 2 });
    expect(await codeOf({ ...counted, openTodo: { digest: digest('next') } }, 'limited')).toBe('sms_quota_exceeded');
    expect(await codeOf({ ...todo('next', 'u1'), ...only('sms', 'portal') }, 'limited')).toBe('accepted');
  });
});

const sms = (smsSegments: number): NewMessage['plan'] => ({ mode: 'list', steps: [{ channel: 'sms' }], smsSegments });
const asking = (of: string, ...users: string[]): Partial<NewMessage> => ({
  openTodo: { digest: digest(of) },
  audience: { users: users.map((id) => ({ id })) },
});
const message = (over: Partial<NewMessage>): NewMessage =>
  newMessage({ kind: 'todo', plan: { mode: 'list', steps: [{ channel: 'portal' }] }, ...over });

function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
}
