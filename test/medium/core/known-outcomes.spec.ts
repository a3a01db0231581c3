import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccountHealthRepository, DatabaseAwayError } from '#entities';
import { Metrics } from '#platform';
import type { Outcome } from '#providers';
import { Allowances } from '../../../apps/channel-worker/src/accounts/allowance.service.js';
import { ChannelTestAnswerer } from '../../../apps/channel-worker/src/real-time/channel-test.answerer.js';
import { SendDirectService } from '../../../apps/channel-worker/src/real-time/send-direct.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

const PEOPLE = ['13800000001', '13800000002', '13800000003'];
const AWAY = new DatabaseAwayError(new Error('the link is gone'));

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const [n, sms] of PEOPLE.entries()) await mc.addUser(`u${n}`, { sms });
});
afterEach(async () => {
  jest.restoreAllMocks();
  mc.provider.reset();
  await mc.rows(emptying('account_health'));
  await mc.refresh();
  await mc.fold();
  expect(await mc.violations()).toEqual([]);
});
afterAll(() => mc?.close());

const send = (): Promise<string> => mc.send({ to: { users: PEOPLE.map((_, n) => ({ id: `u${n}` })) }, ...only('sms') });
const called = (): string[] => mc.provider.sent.map(({ address }) => address).sort();
/** Everybody was called for once, by now and when everything has come due again. */
async function expectOneCallEach(id: string): Promise<void> {
  await mc.work('sms');
  await mc.makeDue(id);
  await mc.work('sms');
  expect(called()).toEqual(PEOPLE);
}
/** From the second call on the limits of an account cannot be asked for. */
function withoutLimitsFromTheSecondOn(): void {
  const allowances = mc.get(Allowances);
  const of = allowances.of.bind(allowances);
  let asked = 0;
  jest.spyOn(allowances, 'of').mockImplementation(async (...args) => {
    if (++asked > 1) throw AWAY;
    return of(...args) as never;
  });
}

describe('what a provider said reaches the ledger', () => {
  it.each<[string, Outcome]>([
    ['an id with a NUL', { class: 'ok', providerRef: 'a\u0000b' }],
    ['an id with half a character', { class: 'ok', providerRef: 'a\ud800' }],
    ['an id beyond any index', { class: 'ok', providerRef: randomBytes(8_000).toString('base64url') }],
    ['a code and words with a NUL', { class: 'ok', code: '\u0000', words: 'a\u0000b' }],
  ])('also of a batch with %s', async (_, odd) => {
    mc.provider.on('sms', ({ address }) => (address === PEOPLE[1] ? odd : { class: 'ok' }));
    const id = await send();
    await expectOneCallEach(id);
    expect(await mc.deliveries(id)).toMatchObject(PEOPLE.map(() => ({ status: 20, attempts: 1 })));
  });

  it('also where the adapter has no word for one of the batch: of that one nobody knows', async () => {
    mc.provider.isIdempotent = false;
    mc.provider.on('sms', ({ address }) => (address === PEOPLE[1] ? (undefined as never) : { class: 'ok' }));
    const id = await send();
    await expectOneCallEach(id);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }, { status: 30 }, { status: 20 }]);
  });

  it('also where the call cannot be counted', async () => {
    jest.spyOn(mc.get(Metrics), 'recordAttempt').mockImplementation(() => {
      throw new TypeError('not a number');
    });
    const id = await send();
    await expectOneCallEach(id);
    expect(await mc.deliveries(id)).toMatchObject(PEOPLE.map(() => ({ status: 20 })));
  });

  it('also where nobody can be told how the account fares', async () => {
    const health = mc.get(AccountHealthRepository);
    jest.spyOn(health, 'park').mockRejectedValue(AWAY);
    mc.provider.on('sms', ({ address }) =>
      address === PEOPLE[1] ? { class: 'rate_limited', retryAfterMs: 3_600_000, isAccountWide: true } : { class: 'ok' },
    );
    const id = await send();
    await mc.work('sms');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }, { status: 11 }, { status: 20 }]);
  });

  it('also where the limits cannot be asked for the next call: the rest is due again', async () => {
    mc.provider.maxBatch = 1;
    withoutLimitsFromTheSecondOn();
    const id = await send();
    await mc.work('sms');
    expect(called()).toHaveLength(1);
    jest.restoreAllMocks();
    await expectOneCallEach(id);
    expect(await mc.deliveries(id)).toMatchObject(PEOPLE.map(() => ({ status: 20, attempts: 1 })));
  });
});

describe('what a provider said reaches who waits for it', () => {
  const direct = (): Promise<Outcome[]> =>
    mc
      .get(SendDirectService)
      .send({ channel: 'wecom', addresses: ['a', 'b'], content: { title: 't', text: 'x', url: 'https://e.com' } });

  it('also where the limits cannot be asked for the next call', async () => {
    mc.provider.maxBatch = 1;
    withoutLimitsFromTheSecondOn();
    expect(await direct()).toMatchObject([{ class: 'ok' }, { class: 'retry', code: 'not_tried' }]);
    expect(called()).toEqual(['a']);
  });

  it('where nobody was called for, he hears why', async () => {
    jest.spyOn(mc.get(Allowances), 'of').mockRejectedValue(AWAY);
    await expect(direct()).rejects.toBe(AWAY);
  });

  it('also of a test of the channel that nobody can be told of', async () => {
    jest.spyOn(mc.get(AccountHealthRepository), 'close').mockRejectedValue(AWAY);
    const answer = await mc.get(ChannelTestAnswerer).test({ channel: 'mail', address: 'me@example.com' });
    expect(answer).toMatchObject({ outcome: 'ok' });
  });
});
