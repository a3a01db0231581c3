import { describe, expect, it } from '@jest/globals';
import { TLV, type ShortMessage } from '../wire/pdu.js';
import { readPart } from './uplink-part.js';

const message = (hex: string, esmClass: number, tlvs: [number, string][] = []): ShortMessage => ({
  source: { ton: 1, npi: 1, address: '1' },
  destination: { ton: 0, npi: 0, address: '2' },
  esmClass,
  registeredDelivery: 0,
  dataCoding: 0,
  octets: Buffer.from(hex, 'hex'),
  tlvs: new Map(tlvs.map(([tag, value]) => [tag, Buffer.from(value, 'hex')])),
});

describe('place of a received part', () => {
  it.each([
    ['a reference of 8 bits', '05000309020141', { reference: 9, total: 2, number: 1 }],
    ['a reference of 16 bits', '0608040102030241', { reference: 0x0102, total: 3, number: 2 }],
    ['behind another element', '0b0504158a0000000309020141', { reference: 9, total: 2, number: 1 }],
    ['no element of that kind', '06050415b3000041', null],
    ['a number beyond the total', '05000309020341', null],
    ['a number of nothing', '05000309020041', null],
    ['one part of one', '05000309010141', null],
    ['an element longer than its header', '0500ff09020141', null],
  ])('in a header with %s', (_name, hex, place) => {
    const part = readPart(message(hex, 0x40));
    expect(part.place).toEqual(place);
    expect(part.octets.toString()).toBe('A');
  });

  it('is none without the indicator, and the octets are all text', () => {
    expect(readPart(message('05000309020141', 0x00))).toEqual({
      octets: Buffer.from('05000309020141', 'hex'),
      place: null,
    });
  });

  it('is none where the header is longer than the message', () => {
    expect(readPart(message('4141', 0x40))).toEqual({ octets: Buffer.from('AA'), place: null });
    expect(readPart(message('', 0x40))).toEqual({ octets: Buffer.alloc(0), place: null });
  });

  it('is read out of the sar parameters', () => {
    const sar: [number, string][] = [
      [TLV.sarReference, '0102'],
      [TLV.sarTotal, '02'],
      [TLV.sarNumber, '01'],
    ];
    expect(readPart(message('41', 0, sar)).place).toEqual({ reference: 0x0102, total: 2, number: 1 });
    expect(readPart(message('41', 0, sar.slice(0, 2))).place).toBeNull();
    expect(readPart(message('41', 0, [[TLV.sarReference, '01'], ...sar.slice(1)])).place).toBeNull();
  });

  it('is none in a message too long to be a part', () => {
    const sar: [number, string][] = [
      [TLV.messagePayload, '41'.repeat(255)],
      [TLV.sarReference, '0102'],
      [TLV.sarTotal, '02'],
      [TLV.sarNumber, '01'],
    ];
    expect(readPart(message('', 0, sar))).toMatchObject({ place: null, octets: Buffer.from('A'.repeat(255)) });
  });
});
