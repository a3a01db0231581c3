import { describe, expect, it } from '@jest/globals';
import { parseExactJson } from './exact-json.js';

describe('JSON of vendors', () => {
  it('keeps every digit of an id that a double cannot hold', () => {
    expect(parseExactJson('{"msgid":3487542469355618313,"list":[-9223372036854775808]}')).toEqual({
      msgid: '3487542469355618313',
      list: ['-9223372036854775808'],
    });
  });

  it.each([
    '{"a":9007199254740991,"b":200228332,"c":0}',
    '{"a":0.1234567890123456789,"b":1e30,"c":12345678901234567.5,"d":1234567890123456E2}',
    '{"9223372036854775807":"9223372036854775807 \\" 9223372036854775807 \\\\"}',
    '[true,null,"\\u4e2d",{"nested":[1,2.5,-3]}]',
  ])('changes nothing else: %s', (text) => {
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
  });

  it('refuses what is no JSON', () => {
    expect(() => parseExactJson('{"msgid":3487542469355618313')).toThrow(SyntaxError);
    expect(() => parseExactJson(`"${'\\"'.repeat(200_000)}`)).toThrow(SyntaxError);
  });
});
