import { describe, expect, it } from '@jest/globals';
import { cutBytes, linesWithin } from './cut-bytes.js';

describe('cutting to bytes', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['abcdefg', 6, 'abc…'],
    ['中文字', 9, '中文字'],
    ['中文字符', 9, '中文…'],
    ['中文字符', 8, '中…'],
    ['😀😀', 7, '😀…'],
    ['😀😀', 6, '…'],
    ['中', 2, ''],
    ['x', 0, ''],
  ])('%j within %i bytes is %j', (text, maxBytes, expected) => expect(cutBytes(text, maxBytes)).toBe(expected));

  it('never exceeds the limit and never leaves half a character', () => {
    const text = 'aé中😀'.repeat(20);
    for (let max = 0; max <= Buffer.byteLength(text); max++) {
      const cut = cutBytes(text, max);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
    }
  });
});

describe('lines within bytes', () => {
  it('leaves out what is empty', () => {
    expect(linesWithin(100, ['Title', undefined, 'text', ''], 2)).toBe('Title\ntext');
  });

  it('shortens the elastic line and keeps the others whole', () => {
    const cut = linesWithin(40, ['标题', '文'.repeat(100), 'https://e.com'], 1);
    expect(cut).toMatch(/^标题\n文+…\nhttps:\/\/e\.com$/);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(40);
  });

  it('stays within the limit even where the other lines alone exceed it', () => {
    expect(Buffer.byteLength(linesWithin(10, ['t'.repeat(20), 'text', 'u'.repeat(20)], 1))).toBeLessThanOrEqual(10);
  });
});
