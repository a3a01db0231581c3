import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderNewsRepository, ReceiptRepository } from '#entities';
import { SmtpFactory } from '#providers';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';

const TOKEN = 'callback-token-0123';
const SAMPLE_REF = /AZOq3kF8b2QAAAAQx1T9vQ7mRk2LwB-_YcE/g;
const SAMPLE_PATH = /bounce\+[a-z2-7]{42}@/g;

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('u1', { mail: 'li.si@dest.test' });
});
afterEach(async () => {
  await mc.fold();
  expect(await mc.violations()).toEqual([]);
  mc.provider.reset();
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
});
afterAll(() => mc.close());

/** A bounce sample as it would have come back for the delivery sent last. */
async function bounce(name: string): Promise<void> {
  const sample = new URL(`../../../libs/providers/src/smtp/fixtures/${name}.eml`, import.meta.url);
  const ref = mc.provider.sent.at(-1)?.ref ?? '';
  const text = readFileSync(sample, 'latin1').replaceAll(SAMPLE_REF, ref).replaceAll(SAMPLE_PATH, 'elsewhere@');
  const { status, news } = new SmtpFactory().receive(
    {
      id: 'main',
      channel: 'mail',
      provider: 'smtp',
      settings: { host: 'mx.test', from: 'notice@example.com', callbackToken: TOKEN },
    },
    { method: 'POST', query: { token: TOKEN }, headers: {}, body: Buffer.from(text, 'latin1'), ip: '127.0.0.1' },
  );
  expect(status).toBe(200);
  await mc.get(ProviderNewsRepository).take('mail', 'mail:main', news);
  expect(await mc.get(ReceiptRepository).matchDue(1000)).toMatchObject({ matched: 1 });
}

const suspended = (): Promise<object[]> =>
  mc.rows(`SELECT channel, suspended_reason AS reason FROM recipient_address WHERE suspended_at IS NOT NULL`);

describe('a bounce', () => {
  it('ends the delivery as failed and suspends an address that is no more, so that another channel takes over', async () => {
    const id = await mc.send({ to: { users: [{ id: 'u1' }] }, channels: { mode: 'any' } });
    await mc.work();
    await bounce('postfix-user-unknown');
    expect((await mc.deliveries(id)).map(({ channel, status }) => ({ channel, status }))).toMatchObject([
      { channel: 'mail', status: 31 },
      { channel: 'portal' },
    ]);
    expect(await suspended()).toEqual([{ channel: 'mail', reason: '5.1.1' }]);
  });

  it('of a full mailbox ends the delivery and keeps the address', async () => {
    const id = await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('mail') });
    await mc.work();
    await bounce('exchange-mailbox-full');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31 }]);
    expect(await suspended()).toEqual([]);
  });
});

describe('a complaint', () => {
  it('suspends the address, and the delivery counts as what it was: delivered', async () => {
    const id = await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('mail') });
    await mc.work();
    await bounce('complaint');
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ delivered: 1, failed: 0 });
    expect(await suspended()).toEqual([{ channel: 'mail', reason: 'complaint' }]);
  });
});
