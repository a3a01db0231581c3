import { describe, expect, it } from '@jest/globals';
import { cutCharacters } from './cut-characters.js';

describe('cutCharacters', () => {
  it.each([
    ['', ''],
    ['查看', '查看'],
    ['查看全部', '查看全部'],
    ['查看全部内容', '查看全部'],
    ['😀二三四五', '😀二三四'],
    ['一二👨‍👩‍👧三', '一二'],
    ['👨‍👩‍👧一', ''],
    ['e\u0301e\u0301e\u0301', 'e\u0301e\u0301'],
  ])('%j → %j of four', (text, cut) => expect(cutCharacters(text, 4)).toBe(cut));
});
