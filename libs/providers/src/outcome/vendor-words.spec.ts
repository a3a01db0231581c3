import { describe, expect, it } from '@jest/globals';
import { vendorCode, vendorWords } from './vendor-words.js';

describe('words of a vendor', () => {
  it('are one line of at most 500 characters without control characters', () => {
    expect(vendorWords('550 5.1.1\r\nno such\tuser\u0000\u001b[31m')).toBe('550 5.1.1 no such user [31m');
    expect(vendorWords('x'.repeat(100_000))).toHaveLength(500);
    expect(vendorWords('x'.repeat(499) + '😀')).toBe('x'.repeat(499));
    expect(vendorCode('a b\n' + 'c'.repeat(100))).toBe('a_b_' + 'c'.repeat(60));
  });

  it('have the account’s secrets blanked, also where a secret holds pattern characters', () => {
    expect(vendorWords('login $& s3cr$&t failed for s3cr$&t', ['s3cr$&t', 'ab', ''])).toBe(
      'login $& *** failed for ***',
    );
  });
});
