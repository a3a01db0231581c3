import { describe, expect, it } from '@jest/globals';
import { SensitiveWordMatcher, sensitiveWordProblem } from './sensitive-word-matcher.js';

const matcher = SensitiveWordMatcher.build(
  ['赌博', 'Viagra', '法轮', 'ａｂ'],
  ['不赌博协会', '法轮常转', 'Viagra Falls'],
);

describe('sensitive words', () => {
  it.each([
    ['今天赌博', '赌博'],
    ['赌 博', '赌博'],
    ['赌\u200b博', '赌博'],
    ['赌\u3000*·。博', '赌博'],
    ['赌😀博', '赌博'],
    ['赌\n博', '赌博'],
    ['赌\u0336博\u0336', '赌博'],
    ['VIAGRA', 'Viagra'],
    ['ＶｉＡｇＲａ', 'Viagra'],
    ['v-i.a_g|r+a', 'Viagra'],
    ['Ⓥⓘⓐⓖⓡⓐ', 'Viagra'],
    ['𝓥𝓲𝓪𝓰𝓻𝓪', 'Viagra'],
    ['AB', 'ａｂ'],
  ])('finds in %j the word %s', (text, word) => expect(matcher.find(text)?.word).toBe(word));

  it('answers null for clean, empty and nearly matching texts', () => {
    for (const text of ['', '博赌', '赌', 'viagr', '  ', '***']) expect(matcher.find(text)).toBeNull();
  });

  it.each(['前面 赌 * 博 后面', '𝓥iagra赌 \u200b*博', '㈱ﷺ赌博', '😀😀赌博'])(
    'tells the place in the original text of %j',
    (text) => {
      const fresh = SensitiveWordMatcher.build(['赌博']).find(text);
      const part = text.slice(fresh?.start, fresh?.end);
      expect(part.startsWith('赌')).toBe(true);
      expect(part.endsWith('博')).toBe(true);
    },
  );

  it('covers the whole character where one character folds to several', () => {
    expect(SensitiveWordMatcher.build(['株']).find('x㈱y')).toEqual({ word: '株', start: 1, end: 2 });
  });

  it('does not report what stands inside an allowed word', () => {
    expect(matcher.find('我们是不赌博协会')).toBeNull();
    expect(matcher.find('法轮常转')).toBeNull();
    expect(matcher.find('at Viagra-Falls')).toBeNull();
  });

  it('still reports the word elsewhere and when it reaches out of the allowed word', () => {
    expect(matcher.find('不赌博协会不许赌博')).toEqual({ word: '赌博', start: 7, end: 9 });
    expect(SensitiveWordMatcher.build(['赌博网'], ['不赌博']).find('不赌博网')?.word).toBe('赌博网');
  });

  it('tells every occurrence with its place, overlapping ones, too, up to a limit', () => {
    const fresh = SensitiveWordMatcher.build(['赌', '赌博', '博彩'], ['博彩业']);
    const text = 'a赌 博彩，赌博彩业';
    const matches = [
      { word: '赌', start: 1, end: 2 },
      { word: '赌博', start: 1, end: 4 },
      { word: '博彩', start: 3, end: 5 },
      { word: '赌', start: 6, end: 7 },
      { word: '赌博', start: 6, end: 8 },
    ];
    expect(fresh.matches(text, 100)).toEqual(matches);
    expect(fresh.matches(text, 2)).toEqual(matches.slice(0, 2));
    expect(fresh.matches('', 100)).toEqual([]);
  });

  it('finds a longer word when the shorter one at its start is allowed', () => {
    expect(SensitiveWordMatcher.build(['赌', '赌博'], ['赌']).find('赌博')?.word).toBe('赌博');
  });

  it.each(['', '  ', '***', 'C++', 'x', '😀', 'a'.repeat(65)])(
    'names a problem of the word %j and leaves it out',
    (word) => {
      expect(sensitiveWordProblem(word)).not.toBeNull();
      expect(SensitiveWordMatcher.build([word]).find(`${word} x C a`)).toBeNull();
    },
  );

  it('takes a single Chinese character as a word', () => {
    expect(sensitiveWordProblem('赌')).toBeNull();
  });

  it('reads 100 kB of near matches and of characters that grow when folded', () => {
    const words = Array.from({ length: 64 }, (_, i) => 'a'.repeat(i + 1) + 'b');
    expect(SensitiveWordMatcher.build(words).find('a'.repeat(100_000))).toBeNull();
    expect(matcher.find('ﷺ'.repeat(100_000) + '赌博')).toEqual({ word: '赌博', start: 100_000, end: 100_002 });
  });
});
