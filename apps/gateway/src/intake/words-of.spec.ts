import { describe, expect, it } from '@jest/globals';
import type { CheckedMessage } from './plan-message.service.js';
import { wordsOf } from './words-of.js';

const words = (more: Partial<CheckedMessage>): string[] =>
  wordsOf({ params: {}, audience: {}, ...more } as CheckedMessage);

describe('the words of a message', () => {
  it('are what people read, and neither names of fields nor links', () => {
    const content = {
      title: 'Hello',
      text: 'world',
      buttonText: 'open',
      url: 'https://example.com/word',
      pcUrl: 'https://example.com/word',
      iconUrl: 'https://example.com/word.png',
      templateId: 'word',
    };
    expect(words({ content }).sort()).toEqual(['Hello', 'open', 'world']);
    expect(words({ params: { word: 'value' } })).toEqual(['value']);
  });

  it('are those of every channel of a template, as written and with the params in place', () => {
    const content = {
      sms: { text: 'Hi {{name}}' },
      wechat: {
        templateId: 'word',
        publicId: 'word',
        url: 'https://example.com/word',
        data: { url: { value: 'a {{name}}' } },
      },
    };
    const template = { content } as unknown as CheckedMessage['template'];
    const users = [{ id: 'u1', params: { name: 'Zhang' } }];
    expect(new Set(words({ template, audience: { users } }))).toEqual(
      new Set(['Hi {{name}}', 'a {{name}}', 'Zhang', 'Hi Zhang', 'a Zhang']),
    );
  });

  it('are found behind tags, too, with what stands in the attributes that are shown', () => {
    const found = words({ content: { html: '<p>se<b>cret</b></p>' } });
    expect(found).toContain('<p>se<b>cret</b></p>');
    expect(found.some((text) => text.includes('secret'))).toBe(true);
  });
});
