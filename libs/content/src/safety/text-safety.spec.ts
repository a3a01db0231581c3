import { describe, expect, it } from '@jest/globals';
import { hasBadUnicode, hasSmsSignatureBrackets, oneLine } from './text-safety.js';

describe('text safety', () => {
  it('finds NUL and lone surrogates, and nothing else', () => {
    for (const text of ['a\0', '\ud800', 'x\udc00y', '\ud83d']) expect(hasBadUnicode(text)).toBe(true);
    for (const text of ['', '😀', 'a\nb', '张三', '\ufffd']) expect(hasBadUnicode(text)).toBe(false);
  });

  it('finds signature brackets in every form that NFKC turns into them', () => {
    for (const text of ['【x】', 'x】', '\ufe3bx', 'x\ufe3c']) expect(hasSmsSignatureBrackets(text)).toBe(true);
    for (const text of ['〖x〗', '[x]', '〔x〕', '']) expect(hasSmsSignatureBrackets(text)).toBe(false);
  });

  it('folds control characters and line separators of a title to single spaces', () => {
    expect(oneLine('a\r\n\tb\u2028c\u0000d \u001b[31m')).toBe('a b c d  [31m');
    expect(oneLine('\r\n'.repeat(50_000))).toBe('');
  });
});
