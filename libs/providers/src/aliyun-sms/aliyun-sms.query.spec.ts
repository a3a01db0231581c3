import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { ALIYUN_ACCOUNT, AliyunSmsFake } from '../../../../test/support/fakes/aliyun-sms.js';
import type { ChannelProvider, OutboundDelivery, QueryAnswer } from '../port/channel-provider.port.js';
import { AliyunSmsFactory } from './aliyun-sms.factory.js';

const SILENT = '13900000408';
const never = new AbortController().signal;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

interface Lost {
  fake: AliyunSmsFake;
  delivery: OutboundDelivery;
  /** What the outcome says to ask by. */
  ref: string;
  ask(...refs: string[]): Promise<QueryAnswer[]>;
}

/** A send that the vendor took and never answered. */
async function lost(): Promise<Lost> {
  const fake = await AliyunSmsFake.open();
  const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
  opened.push(fake, http);
  fake.scripted.set(SILENT, 'silence');
  const withTimeout = (timeoutMs: number): ChannelProvider =>
    new AliyunSmsFactory(http).create({
      id: 'sms:main',
      channel: 'sms',
      provider: 'aliyun',
      settings: { ...ALIYUN_ACCOUNT, baseUrl: fake.baseUrl, timeoutMs },
    });
  const delivery = outbound(SILENT);
  const [outcome] = await withTimeout(500).send([delivery], never);
  expect(outcome).toMatchObject({ class: 'unknown_outcome', code: 'timeout', providerRef: delivery.ref });
  expect(outcome?.ask?.afterMs).toBeGreaterThanOrEqual(60_000);
  // Many questions at once may take their time on a busy machine.
  const provider = withTimeout(10_000);
  const ask = async (...refs: string[]): Promise<QueryAnswer[]> => (await provider.query?.(refs, never)) ?? [];
  return { fake, delivery, ref: outcome?.ask?.ref ?? '', ask };
}

/** The same send at another time. */
const sentAt = (ref: string, ms: number): string => ref.replace(/\|\d{13}\|/, `|${ms}|`);
const WAITING = { state: 'waiting', receipts: [] };

describe('a send of Aliyun SMS without an answer', () => {
  it('is found in the vendor’s records', async () => {
    const { fake, delivery, ref, ask } = await lost();
    await expect(ask(ref)).resolves.toEqual([
      { state: 'ended', receipts: [expect.objectContaining({ providerRef: delivery.ref, status: 'sent' })] },
    ]);
    Object.assign(fake.taken[0] ?? {}, { sendStatus: 3, errCode: 'DELIVERED' });
    await expect(ask(ref)).resolves.toMatchObject([{ state: 'ended', receipts: [{ status: 'delivered' }] }]);
    Object.assign(fake.taken[0] ?? {}, { sendStatus: 2, errCode: 'MK:0001' });
    await expect(ask(ref)).resolves.toMatchObject([
      { state: 'ended', receipts: [{ status: 'failed', code: 'MK:0001', isAddressDead: true }] },
    ]);
  });

  it('is awaited while the records may lag, then was never taken', async () => {
    const { fake, ref, ask } = await lost();
    fake.isRecorded = false;
    await expect(ask(ref)).resolves.toEqual([WAITING]);
    await expect(ask(sentAt(ref, Date.now() - 180_000))).resolves.toEqual([{ state: 'not_found', receipts: [] }]);
  });

  it('is found behind many others', async () => {
    const { fake, delivery, ref, ask } = await lost();
    const [mine] = fake.taken;
    fake.taken.unshift(...Array.from({ length: 120 }, (_, i) => Object.assign({}, mine, { outId: `other-${i}` })));
    await expect(ask(ref)).resolves.toMatchObject([{ state: 'ended', receipts: [{ providerRef: delivery.ref }] }]);
  });

  it('is looked for on both days around midnight in China', async () => {
    const { fake, ref, ask } = await lost();
    Object.assign(fake.taken[0] ?? {}, { sendDate: '2026-03-05 00:00:01' });
    const justBefore = Date.parse('2026-03-04T23:59:59+08:00');
    await expect(ask(sentAt(ref, justBefore))).resolves.toMatchObject([{ state: 'ended' }]);
    await expect(ask(sentAt(ref, justBefore - 3_600_000))).resolves.toMatchObject([{ state: 'not_found' }]);
  });

  it('stays waiting while the vendor cannot be asked', async () => {
    const { fake, ref, ask } = await lost();
    const old = sentAt(ref, Date.now() - 3_600_000);
    fake.keys.clear();
    await expect(ask(old)).resolves.toEqual([WAITING]);
    await fake.close();
    await expect(ask(old, ref)).resolves.toEqual([WAITING, WAITING]);
  });

  it('is asked for beside many others', async () => {
    const { fake, ref, ask } = await lost();
    const refs = Array.from({ length: 200 }, (_, i) => (i % 2 ? ref : `${SILENT}|${Date.now()}|other-${i}`));
    const answers = await ask(...refs);
    expect(answers.map(({ state }) => state)).toEqual(refs.map((_, i) => (i % 2 ? 'ended' : 'waiting')));
    expect(fake.mostRunning).toBeLessThanOrEqual(64);
  });

  it('is asked for by number, day and reference', async () => {
    const { fake, delivery, ref, ask } = await lost();
    expect(ref).toMatch(new RegExp(`^${SILENT}\\|\\d{13}\\|${delivery.ref}$`));
    await ask(ref);
    expect(Object.fromEntries(fake.requests.at(-1)?.query ?? [])).toMatchObject({
      PhoneNumber: SILENT,
      SendDate: fake.taken[0]?.sendDate.slice(0, 10).replaceAll('-', ''),
    });
  });
});
