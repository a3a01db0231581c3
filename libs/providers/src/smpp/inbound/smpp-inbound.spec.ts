import { afterEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../../test/support/channel-provider.conformance.js';
import { RecordingInbox } from '../../../../../test/support/fakes/provider-inbox.js';
import {
  openSmppCentre,
  type SmppCentre,
  type SmppCentreOptions,
} from '../../../../../test/support/fakes/smpp-centre.js';
import type { ChannelProvider } from '../../port/channel-provider.port.js';
import { SmppFactory } from '../smpp.factory.js';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function opening<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const centre = async (options?: SmppCentreOptions): Promise<SmppCentre> => opening(await openSmppCentre(options));

const connect = (port: number, settings: Record<string, unknown> = {}, inbox = new RecordingInbox()): ChannelProvider =>
  new SmppFactory(inbox).create({
    id: 'sms:acct-canary-1',
    channel: 'sms',
    provider: 'smpp',
    settings: { host: '127.0.0.1', port, systemId: 'center', password: 'secret', ...settings },
  });

const mobile = (n: number): string => `138${String(n).padStart(8, '0')}`;

describe('what an SMS centre delivers', () => {
  const DLR =
    'id:a1 sub:001 dlvrd:001 submit date:2611251201 done date:2611251202 stat:DELIVRD err:000 text:secret words';

  it('is answered for once it is stored', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    let store: () => void = () => undefined;
    inbox.beforeTake = () => new Promise((resolve) => (store = resolve));
    let answered: number | undefined;
    const delivering = smsc
      .deliver({ esm_class: 4, short_message: DLR, source_addr: '8613800138000' })
      .then((status) => (answered = status));
    // An enquiry made later is answered earlier: the receipt is still waiting to be stored.
    const session = await smsc.session();
    await new Promise((resolve) => session.enquire_link(resolve));
    expect(answered).toBeUndefined();
    store();
    expect(await delivering).toBe(0);
    expect(inbox.calls).toEqual([
      {
        accountId: 'sms:acct-canary-1',
        news: {
          receipts: [{ providerRef: 'a1', status: 'delivered', code: 'DELIVRD', words: 'stat:DELIVRD err:000' }],
        },
      },
    ]);
  });

  it('is asked for again when it cannot be stored', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    inbox.beforeTake = () => Promise.reject(new Error('no database'));
    await expect(smsc.deliver({ esm_class: 4, short_message: DLR })).resolves.toBe(0x64);
    inbox.beforeTake = () => Promise.resolve();
    await expect(smsc.deliver({ esm_class: 4, short_message: DLR })).resolves.toBe(0);
    expect(inbox.receipts).toHaveLength(1);
  });

  it('may be the receipt of a submit that is not answered yet', async () => {
    const inbox = new RecordingInbox();
    const smsc: SmppCentre = await centre({
      answer: async () => {
        await smsc.deliver({ esm_class: 4, short_message: DLR });
        return { messageId: 'a1' };
      },
    });
    const provider = opening(connect(smsc.port, {}, inbox));
    const [outcome] = await provider.send([outbound(mobile(1))], never);
    expect(inbox.receipts).toMatchObject([{ providerRef: 'a1', status: 'delivered' }]);
    expect(outcome).toEqual({ class: 'ok', providerRef: 'a1' });
  });

  it('may say it in parameters alone', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    await smsc.deliver({ esm_class: 4, short_message: '', receipted_message_id: 'b7', message_state: 5 });
    expect(inbox.receipts).toEqual([{ providerRef: 'b7', status: 'failed', code: 'UNDELIV', words: 'stat:UNDELIV' }]);
  });

  it('names the message in the spelling of its submit where the centre mixes decimal and hexadecimal', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre({ answer: () => ({ messageId: '00004F1a' }) });
    const provider = opening(connect(smsc.port, { receiptIdFormat: 'dec-to-hex' }, inbox));
    const [outcome] = await provider.send([outbound(mobile(1))], never);
    await smsc.deliver({ esm_class: 4, short_message: 'id:0000020250 stat:DELIVRD err:000 text:' });
    expect(inbox.receipts[0]?.providerRef).toBe(outcome?.providerRef);
  });

  it.each([
    ['GSM alphabet', { data_coding: 0, short_message: 'Hi [you] @ 5 €' }, 'Hi [you] @ 5 €'],
    ['Latin-1', { data_coding: 3, short_message: Buffer.from('déjà vu', 'latin1') }, 'déjà vu'],
    ['UCS-2', { data_coding: 8, short_message: '退订😀' }, '退订😀'],
    ['message_payload', { data_coding: 8, short_message: '', message_payload: '长信' }, '长信'],
  ])('reaches us as an uplink: %s', async (_name, fields, words) => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    await expect(smsc.deliver({ source_addr_ton: 1, source_addr: '8613800138000', ...fields })).resolves.toBe(0);
    expect(inbox.uplinks).toEqual([{ from: '13800138000', text: words }]);
  });

  it('is joined when it comes in parts, in whatever order, a character cut in two included', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    const octets = Buffer.from('甲😀乙', 'utf16le').swap16();
    const part = (number: number, piece: Buffer): Record<string, unknown> => ({
      source_addr: '+4915112345678',
      esm_class: 0x40,
      data_coding: 8,
      short_message: Buffer.concat([Buffer.from([5, 0, 3, 9, 2, number]), piece]),
    });
    await expect(smsc.deliver(part(2, octets.subarray(4)))).resolves.toBe(0);
    expect(inbox.uplinks).toEqual([]);
    await expect(smsc.deliver(part(1, octets.subarray(0, 4)))).resolves.toBe(0);
    expect(inbox.uplinks).toEqual([{ from: '+4915112345678', text: '甲😀乙' }]);
  });

  it('keeps the parts of a message that could not be stored, for the last one comes again', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    const part = (number: number): Record<string, unknown> => ({
      source_addr: '8613800138000',
      data_coding: 3,
      short_message: Buffer.from(`part ${number}.`),
      sar_msg_ref_num: 700,
      sar_total_segments: 2,
      sar_segment_seqnum: number,
    });
    await smsc.deliver(part(1));
    inbox.beforeTake = () => Promise.reject(new Error('no database'));
    await expect(smsc.deliver(part(2))).resolves.toBe(0x64);
    inbox.beforeTake = () => Promise.resolve();
    await expect(smsc.deliver(part(2))).resolves.toBe(0);
    expect(inbox.uplinks).toEqual([{ from: '13800138000', text: 'part 1.part 2.' }]);
  });

  it('is stored together when it comes together', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    opening(connect(smsc.port, {}, inbox));
    const statuses = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        smsc.deliver({ esm_class: 4, short_message: `id:m${i} stat:DELIVRD err:000` }),
      ),
    );
    expect(statuses.every((status) => status === 0)).toBe(true);
    expect(new Set(inbox.receipts.map(({ providerRef }) => providerRef)).size).toBe(300);
    expect(inbox.calls.length).toBeLessThan(100);
  });

  it('is not lost when the adapter closes: parts that wait for others are handed over as they are', async () => {
    const inbox = new RecordingInbox();
    const smsc = await centre();
    const provider = opening(connect(smsc.port, {}, inbox));
    await smsc.deliver({
      source_addr: '8613800138000',
      esm_class: 0x40,
      data_coding: 3,
      short_message: Buffer.concat([Buffer.from([6, 8, 4, 1, 2, 3, 1]), Buffer.from('the beginning')]),
    });
    await provider.close();
    expect(inbox.uplinks).toEqual([{ from: '13800138000', text: 'the beginning' }]);
  });
});
