import { describe, expect, it } from '@jest/globals';
import { keptNumber, readSmsNumber } from './sms-number.js';

describe('a mobile number for SMS vendors', () => {
  it.each([
    ['13790000123', { e164: '+8613790000123', isMainland: true, digits: '13790000123' }],
    ['+8613790000123', { e164: '+8613790000123', isMainland: true, digits: '13790000123' }],
    ['+85290000001', { e164: '+85290000001', isMainland: false, digits: '85290000001' }],
    ['+85366000001', { e164: '+85366000001', isMainland: false, digits: '85366000001' }],
    ['+14155552671', { e164: '+14155552671', isMainland: false, digits: '14155552671' }],
  ])('%s', (address, expected) => expect(readSmsNumber(address)).toEqual(expected));

  it.each([
    '',
    '12345',
    '12790000123',
    '137900001234',
    '+',
    '+0123456789',
    '13790000123,13790000124',
    '1379000012x',
    '+86',
  ])('is not %j', (address) => expect(readSmsNumber(address)).toBeNull());
});

describe('a number as a vendor names it', () => {
  it.each([
    ['13790000123', '', '13790000123'],
    ['8613790000123', '', '13790000123'],
    ['+8613790000123', '', '13790000123'],
    ['008613790000123', '', '13790000123'],
    ['13790000123', '86', '13790000123'],
    ['85290000001', '', '+85290000001'],
    ['0085290000001', '', '+85290000001'],
    ['90000001', '852', '+85290000001'],
    ['4155552671', '1', '+14155552671'],
  ])('%s (%j) is kept as %s', (given, countryCode, kept) => expect(keptNumber(given, countryCode)).toBe(kept));

  it.each(['', '138****1111', 'abc', '1'.repeat(16), '1234'])('%j is no number', (given) =>
    expect(keptNumber(given)).toBeNull(),
  );
});
