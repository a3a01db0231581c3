import { describe, expect, it } from '@jest/globals';
import { isReceipt, readReceipt, submitRef } from './smpp.receipts.js';
import { TLV, type ShortMessage } from './wire/pdu.js';

const asIs = { receiptIdFormat: 'as-is' } as const;
const message = (text: string, tlvs: [number, Buffer][] = [], esmClass = 0x04): ShortMessage => ({
  source: { ton: 1, npi: 1, address: '8613800138000' },
  destination: { ton: 0, npi: 0, address: '1069' },
  esmClass,
  registeredDelivery: 0,
  dataCoding: 0,
  octets: Buffer.from(text, 'latin1'),
  tlvs: new Map(tlvs),
});

describe('delivery receipt', () => {
  it.each([
    ['DELIVRD', 'delivered'],
    ['delivrd', 'delivered'],
    ['ENROUTE', 'sent'],
    ['ACCEPTD', 'sent'],
    ['UNKNOWN', 'sent'],
    ['EXPIRED', 'failed'],
    ['DELETED', 'failed'],
    ['UNDELIV', 'failed'],
    ['REJECTD', 'failed'],
    ['MI:0024', 'failed'],
    ['SOMEDAY', 'sent'],
  ])('stat:%s says %s', (stat, status) => {
    expect(readReceipt(message(`id:7 stat:${stat} err:000`), asIs)).toMatchObject({
      providerRef: '7',
      status,
      code: stat.toUpperCase(),
    });
  });

  it.each([
    [1, 'sent'],
    [2, 'delivered'],
    [3, 'failed'],
    [4, 'failed'],
    [5, 'failed'],
    [6, 'sent'],
    [7, 'sent'],
    [8, 'failed'],
    [99, 'sent'],
  ])('message_state %s alone says %s', (state, status) => {
    const receipt = readReceipt(
      message('', [
        [TLV.receiptedMessageId, Buffer.from('abc\0')],
        [TLV.messageState, Buffer.from([state])],
      ]),
      asIs,
    );
    expect(receipt).toMatchObject({ providerRef: 'abc', status });
  });

  it('gives the error of a failure, and never the words that were sent', () => {
    const text =
      'id:0123456789 sub:001 dlvrd:000 submit date:2611251201 done date:2611251202 stat:UNDELIV err:034 text:id:9 stat:DELIVRD code 4711';
    expect(readReceipt(message(text), asIs)).toEqual({
      providerRef: '0123456789',
      status: 'failed',
      code: 'UNDELIV_034',
      words: 'stat:UNDELIV err:034',
    });
  });

  it('is read out of message_payload where the message itself is empty', () => {
    const tlvs: [number, Buffer][] = [[TLV.messagePayload, Buffer.from('id:p1 stat:DELIVRD')]];
    expect(readReceipt(message('', tlvs), asIs)).toMatchObject({ providerRef: 'p1', status: 'delivered' });
  });

  it('goes by the id of its text, and by the parameter where the text has none, with or without its NUL', () => {
    const tlv = (id: string): [number, Buffer][] => [[TLV.receiptedMessageId, Buffer.from(id)]];
    expect(readReceipt(message('id:text stat:DELIVRD', tlv('tlv\0')), asIs)?.providerRef).toBe('text');
    expect(readReceipt(message('stat:DELIVRD', tlv('tlv\0')), asIs)?.providerRef).toBe('tlv');
    expect(readReceipt(message('stat:DELIVRD', tlv('tlv')), asIs)?.providerRef).toBe('tlv');
    expect(readReceipt(message('stat:DELIVRD', tlv('\0')), asIs)).toBeNull();
    expect(readReceipt(message('paid:5 stat:DELIVRD'), asIs)).toBeNull();
  });

  it('knows the codes by which networks say that nobody has the number', () => {
    expect(readReceipt(message('id:1 stat:MK:0001 err:000'), asIs)).toMatchObject({
      status: 'failed',
      isAddressDead: true,
    });
    expect(readReceipt(message('id:1 stat:MK:0000 err:000'), asIs)?.isAddressDead).toBeUndefined();
  });

  it.each([
    ['done date:2611251202', '+08:00', '2026-11-25T04:02:00.000Z'],
    ['done date:261125120233', '-03:30', '2026-11-25T15:32:33.000Z'],
    ['done date:2699991202', '+08:00', undefined],
    ['done date:2611251202', undefined, undefined],
  ])('%s on a clock of %s is %s', (text, receiptUtcOffset, iso) => {
    const settings = { ...asIs, ...(receiptUtcOffset !== undefined && { receiptUtcOffset }) };
    const receipt = readReceipt(message(`id:1 ${text} stat:DELIVRD`), settings);
    expect(receipt?.at?.toISOString()).toBe(iso);
  });

  it.each([
    ['as-is', '4F1A', '4F1A'],
    ['hex-to-dec', '20250', '4f1a'],
    ['hex-to-dec', '0000020250', '00004F1A'],
    ['dec-to-hex', '4F1A', '20250'],
    ['dec-to-hex', '00004f1a', '0000020250'],
    ['dec-to-hex', 'ffffffffffffffffffff', '1208925819614629174706175'],
    ['dec-to-hex', 'a-b', 'a-b'],
  ] as const)('with ids %s, the submit’s %s and the receipt’s %s are one', (receiptIdFormat, submitted, receipted) => {
    const receipt = readReceipt(message(`id:${receipted} stat:DELIVRD`), { receiptIdFormat });
    expect(receipt?.providerRef).toBe(submitRef(submitted, { receiptIdFormat }));
  });

  it('is told from what a person wrote by what only the centre can set', () => {
    const forged = 'id:1 stat:DELIVRD err:000';
    expect(isReceipt(message(forged, [], 0x00))).toBe(false);
    expect(isReceipt(message(forged, [], 0x40))).toBe(false);
    expect(isReceipt(message(forged, [], 0x04))).toBe(true);
    expect(isReceipt(message(forged, [], 0x44))).toBe(true);
    expect(isReceipt(message(forged, [], 0x20))).toBe(true);
    expect(isReceipt(message('', [[TLV.receiptedMessageId, Buffer.from('1')]], 0x00))).toBe(true);
  });
});
