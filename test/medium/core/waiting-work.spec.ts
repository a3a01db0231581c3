import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ReplayRepository, WaitingWorkRepository } from '#entities';
import { handedOver, only } from '../../support/core-steps.js';
import { accountsCore, users, type AccountsCore } from './accounts.fixture.js';

let mc: AccountsCore;
beforeAll(async () => {
  mc = await accountsCore();
  await mc.addApp('app');
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.tidy();
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  await mc.refresh();
});
afterAll(() => mc.close());

const sms = only('sms');
const everybody = users('u1', 'u2', 'u3');
/** An administrator put the channel. */
const wake = (): Promise<void> => mc.get(WaitingWorkRepository).wake('sms');
const dueIn = async (id: string): Promise<number[]> => (await mc.waiting(id)).map(({ due_in_s: dueInS }) => dueInS);

it.each([
  ['an account that was stopped', { class: 'bad_config' }],
  ['a provider that is away', { class: 'retry', code: 'http_503' }],
  ['an account that is out of quota', { class: 'rate_limited', isAccountWide: true, retryAfterMs: 7_200_000 }],
] as const)('what waits for %s is due at once when an account is changed', async (_, outcome) => {
  mc.provider.on('sms', outcome);
  const refused = await mc.send({ to: users('u1'), ...sms });
  await mc.work();
  const next = await mc.send({ to: users('u2'), channels: { mode: 'any' } });
  await mc.rows(
    `INSERT INTO account_health (account, state, until) VALUES ('sms:main', 'open', now() + interval '30 seconds') ON CONFLICT DO NOTHING`,
  );
  await mc.refresh();
  const unable = await mc.send({ to: users('u3'), ...sms });
  await mc.work('sms');
  for (const id of [refused, unable]) expect((await dueIn(id))[0]).toBeGreaterThan(1);
  await wake();
  for (const id of [refused, next, unable]) for (const dueInS of await dueIn(id)) expect(dueInS).toBeLessThanOrEqual(0);
});

it('a replay keeps its pace', async () => {
  mc.provider.on('sms', { class: 'bad_recipient', isAddressKept: true });
  const id = await mc.send({ to: everybody, ...sms });
  await mc.work();
  const request = { filter: { messageId: id }, perSecond: 1, actor: 'admin', ip: null, idempotency: null };
  expect(await mc.get(ReplayRepository).replay(request)).toMatchObject({ replayed: 3 });
  const due = (): Promise<object[]> => mc.rows('SELECT id, due_at FROM work ORDER BY due_at');
  const before = await due();
  expect(before).toHaveLength(3);
  await wake();
  expect(await due()).toEqual(before);
});

it('a wait that a vendor named for one delivery lasts as long', async () => {
  mc.provider.on('sms', { class: 'rate_limited', retryAfterMs: 7_200_000 });
  const id = await mc.send({ to: users('u1'), ...sms });
  await mc.work();
  await wake();
  expect((await dueIn(id))[0]).toBeGreaterThan(7_000);
});

it('what is on its way to a worker is not handed over again, though it waited for the account before', async () => {
  mc.provider.on('sms', { class: 'retry' });
  const id = await mc.send({ to: users('u1'), ...sms });
  await mc.work();
  await mc.makeDue(id);
  expect(await handedOver(mc, 'sms')).toHaveLength(1);
  await wake();
  expect(await handedOver(mc, 'sms')).toEqual([]);
});
