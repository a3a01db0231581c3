import { describe, expect, it } from '@jest/globals';
import { REPEATED, formFields } from './form-fields.js';

const fieldsOf = (text: string): Record<string, unknown> => Object.fromEntries(formFields(text));

describe('a form', () => {
  it.each([
    ['', {}],
    ['&&', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=1+2%2B3%20', { a: '1 2+3 ' }],
    ['%E6%A0%87%E9%A2%98=%F0%9F%98%80', { 标题: '😀' }],
    ['a=原样', { a: '原样' }],
    ['a[b]=1&a[c]=2', { 'a[b]': '1', 'a[c]': '2' }],
    ['a=1&a=1', { a: REPEATED }],
  ])('%j is read', (text, fields) => {
    expect(fieldsOf(text)).toEqual(fields);
  });

  it.each(['a=%', 'a=%zz', 'a=%ff', 'a=%ed%a0%80', '%=1', `${'n'.repeat(257)}=1`, 'x=1&'.repeat(1001)])(
    '%.20j is refused',
    (text) => {
      expect(() => formFields(text)).toThrow(/参数/);
    },
  );

  it('with a name of __proto__ is a form like any other', () => {
    expect(formFields('__proto__=1').get('__proto__')).toBe('1');
  });
});
