import { describe, expect, it } from '@jest/globals';
import { preferredLanguage } from './language.js';

describe('the language of a browser', () => {
  it.each([
    ['', 'zh-CN'],
    ['en', 'en'],
    ['en-GB,en;q=0.9', 'en'],
    ['zh-TW,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['de-DE, en;q=0.3, zh;q=0.2', 'en'],
    ['en;q=0.2, zh;q=0.7', 'zh-CN'],
    ['en;q=0', 'zh-CN'],
    ['fr', 'zh-CN'],
    ['english', 'zh-CN'],
    [';;q=,,', 'zh-CN'],
  ])('"%s" is answered in %s', (accepted, language) => {
    expect(preferredLanguage(accepted)).toBe(language);
  });
});
