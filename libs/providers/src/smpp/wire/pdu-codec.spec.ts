import { describe, expect, it } from '@jest/globals';
import smpp from 'smpp';
import { BadPduError } from './byte-reader.js';
import { decodePdu, encodePdu } from './pdu-codec.js';
import { TLV, type Pdu } from './pdu.js';

const submit: Pdu = {
  command: 'submit_sm',
  status: 0,
  sequence: 7,
  source: { ton: 5, npi: 0, address: 'Center' },
  destination: { ton: 1, npi: 1, address: '8613800138000' },
  esmClass: 0x40,
  registeredDelivery: 1,
  dataCoding: 8,
  octets: Buffer.from('0500030902014e2d', 'hex'),
  tlvs: new Map([[TLV.sarReference, Buffer.from([1, 2])]]),
};

const PDUS: Pdu[] = [
  submit,
  { ...submit, command: 'deliver_sm', tlvs: new Map() },
  {
    command: 'bind_transceiver',
    status: 0,
    sequence: 1,
    systemId: 'u',
    password: 'p',
    systemType: 't',
    addressRange: '^10',
  },
  { command: 'bind_transceiver_resp', status: 0, sequence: 1, systemId: 'SMSC' },
  { command: 'submit_sm_resp', status: 0, sequence: 7, messageId: 'id-7' },
  { command: 'deliver_sm_resp', status: 0, sequence: 7, messageId: '' },
  { command: 'enquire_link', status: 0, sequence: 0x7fffffff },
  { command: 'enquire_link_resp', status: 0, sequence: 2 },
  { command: 'unbind', status: 0, sequence: 2 },
  { command: 'unbind_resp', status: 0, sequence: 2 },
  { command: 'generic_nack', status: 3, sequence: 2 },
];

describe('SMPP codec', () => {
  it.each(PDUS.map((pdu) => [pdu.command, pdu] as const))('reads the %s it wrote', (_command, pdu) => {
    expect(decodePdu(encodePdu(pdu))).toEqual(pdu);
  });

  it('writes a submit octet for octet as the specification lays it out', () => {
    const expected = [
      '0000004d 00000004 00000000 00000007', // header
      '00 0500 43656e74657200 0101 3836313338303031333830303000', // service type, source, destination
      '40 00 00 00 00 01 00 08 00', // esm class … default message id
      '08 0500030902014e2d 020c 0002 0102', // length, octets, sar_msg_ref_num
    ];
    const bytes = Buffer.from(expected.join('').replaceAll(' ', ''), 'hex');
    bytes.writeUInt32BE(bytes.length, 0);
    expect(encodePdu(submit).toString('hex')).toBe(bytes.toString('hex'));
  });

  it('writes a bind octet for octet as the specification lays it out', () => {
    const bind: Pdu = {
      command: 'bind_transceiver',
      status: 0,
      sequence: 1,
      systemId: 'SMPP3',
      password: 'secret08',
      systemType: 'SUB',
      addressRange: '',
    };
    const body = '534d50503300 736563726574303800 53554200 34 00 00 00'.replaceAll(' ', '');
    const header = `000000${(16 + body.length / 2).toString(16)}000000090000000000000001`;
    expect(encodePdu(bind).toString('hex')).toBe(header + body);
  });

  it('is understood by the codec of others, and understands it', () => {
    const theirs = smpp.PDU.fromBuffer(encodePdu(submit));
    expect(theirs).toMatchObject({
      command: 'submit_sm',
      sequence_number: 7,
      source_addr: 'Center',
      destination_addr: '8613800138000',
      registered_delivery: 1,
      data_coding: 8,
      sar_msg_ref_num: 0x0102,
    });
    const deliver = new smpp.PDU('deliver_sm', {
      sequence_number: 9,
      source_addr: '10086',
      esm_class: 4,
      short_message: Buffer.from('id:1'),
      receipted_message_id: 'abc',
      message_state: 2,
    });
    expect(decodePdu(deliver.toBuffer())).toMatchObject({
      command: 'deliver_sm',
      sequence: 9,
      source: { address: '10086' },
      esmClass: 4,
      octets: Buffer.from('id:1'),
      tlvs: new Map([
        [TLV.receiptedMessageId, Buffer.from('abc\0')],
        [TLV.messageState, Buffer.from([2])],
      ]),
    });
  });

  it('gives an answer that refuses no body, and reads one that has none', () => {
    const refusal: Pdu = { command: 'submit_sm_resp', status: 0x58, sequence: 3, messageId: 'not written' };
    expect(encodePdu(refusal)).toHaveLength(16);
    expect(decodePdu(encodePdu(refusal))).toEqual({ ...refusal, messageId: '' });
  });

  it('reads a text whose NUL was left out up to the end', () => {
    const frame = encodePdu({ command: 'submit_sm_resp', status: 0, sequence: 3, messageId: 'abc' });
    expect(decodePdu(frame.subarray(0, -1))).toMatchObject({ messageId: 'abc' });
  });

  it('refuses a submit that was cut short, wherever', () => {
    const whole = encodePdu({ ...submit, tlvs: new Map() });
    for (let length = 16; length < whole.length; length++)
      expect(() => decodePdu(whole.subarray(0, length))).toThrow(BadPduError);
  });

  it('takes the parameters that are whole and leaves what hangs behind them', () => {
    const odd = Buffer.concat([encodePdu(submit), Buffer.from('0427ffff02', 'hex')]);
    expect(decodePdu(odd)).toEqual(submit);
  });

  it('names a command it does not speak by its id', () => {
    const frame = Buffer.from('00000012000001030000000000000005aaaa', 'hex');
    expect(decodePdu(frame)).toEqual({ command: 'other', id: 0x103, status: 0, sequence: 5 });
  });
});
