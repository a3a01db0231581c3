import { describe, expect, it } from '@jest/globals';
import { decodeBase64, encodedBytes } from './im.payload.js';

describe('base64 of a payload', () => {
  it.each([
    ['', ''],
    ['YQ==', 'YQ=='],
    ['YWI=', 'YWI='],
    ['YWJj', 'YWJj'],
    ['YW\r\nJj\n', 'YWJj'],
    ['YR==', 'YQ=='],
    ['+/+/', '+/+/'],
  ])('%j is read', (given, read) => {
    expect(decodeBase64(given)).toBe(read);
  });

  it.each(['YQ', 'YQ=', 'Y===', '====', 'YQ==YQ==', '_-_-', 'YW J', 'YW.j', '张三张三'])('%j is none', (given) => {
    expect(decodeBase64(given)).toBeNull();
  });

  it('may be given as bytes', () => {
    expect(encodedBytes([104, 105])).toBe('aGk=');
  });
});
