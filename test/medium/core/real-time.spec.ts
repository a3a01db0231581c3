import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome } from '#providers';
import { coreSteps, held, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001', mail: 'u1@example.com' });
  await mc.rows(`INSERT INTO provider_account (channel, id, provider, weight) VALUES ('sms', 'second', 'scripted', 0)`);
  await mc.refresh();
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations({ atRest: true });
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, status_query, account_health, alarm, channel_config',
    ),
  );
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  await mc.refresh();
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const realTime: Sending = { to: { users: [{ id: 'u1' }] }, ...only('sms'), realTime: true };
/** Nothing is left that could try again, or ask. */
const atRest = async (): Promise<void> => {
  expect(await mc.rows('SELECT kind FROM work')).toEqual([]);
  expect(await mc.rows('SELECT kind FROM status_query')).toEqual([]);
};

describe('a message whose caller waits', () => {
  it.each<[Outcome, number]>([
    [{ class: 'retry', code: 'busy' }, 31],
    [{ class: 'rate_limited', code: 'later', retryAfterMs: 1000 }, 31],
    [{ class: 'auth_refresh', code: '40001' }, 31],
    [{ class: 'bad_config', code: '40013' }, 31],
    [{ class: 'bad_recipient', code: '43004' }, 31],
    [{ class: 'unknown_outcome', code: 'timeout' }, 30],
    [{ class: 'unknown_outcome', code: 'asked', ask: { ref: 'r', afterMs: 0 } }, 30],
  ])('is tried once: %j ends it as %d, though there is another account', async (outcome, status) => {
    mc.provider.on('sms', { ...outcome, words: 'said so' });
    const id = await mc.send(realTime);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status, is_open: false, attempts: 1, error_code: outcome.code }]);
    expect(await mc.row('SELECT error_text FROM delivery WHERE message_id = $1', [id])).toEqual({
      error_text: 'said so',
    });
    await atRest();
    expect(mc.provider.sent).toHaveLength(1);
  });

  it('waits for no receipt that would let another account take over', async () => {
    await mc.rows(`UPDATE provider_account SET receipt_within_s = 60 WHERE channel = 'sms'`);
    await mc.refresh();
    const id = await mc.send(realTime);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
    await atRest();
    await mc.rows('UPDATE provider_account SET receipt_within_s = NULL');
  });

  it('fails at once where the channel is switched off', async () => {
    const id = await mc.send(realTime);
    await mc.rows(`INSERT INTO channel_config (channel, enabled) VALUES ('sms', false)`);
    await mc.refresh();
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31, attempts: 0, error_code: 'channel_off' }]);
    await atRest();
    expect(mc.provider.sent).toEqual([]);
  });

  it('is not tried by a second worker where the first one did not come back: nobody knows', async () => {
    const id = await mc.send(realTime);
    await held(mc, 'sms', randomUUID());
    await mc.rows('UPDATE work SET due_at = now()'); // its lease has run out
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 30, attempts: 0, error_code: 'interrupted' }]);
    await atRest();
    expect(mc.provider.sent).toEqual([]);
  });
});
