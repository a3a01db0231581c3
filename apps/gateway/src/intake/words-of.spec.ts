import { describe, expect, it } from '@jest/globals';
import type { CheckedMessage } from './plan-message.service.js';
import { wordsOf } from './words-of.js';

const words = (more: Partial<CheckedMessage>): string[] => [
  ...wordsOf({ params: {}, audience: {}, ...more } as CheckedMessage),
];

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

  it('are those of a person with the params of the message, too, and once where they are the same for all', () => {
    const content = { sms: { text: '{{a}}{{b}}' }, mail: { subject: 'for {{a}}', text: 'for all' } };
    const template = { content } as unknown as CheckedMessage['template'];
    const users = ['3', '4'].map((b) => ({ id: `u${b}`, params: { b } }));
    expect(words({ template, params: { a: '12' }, audience: { users } }).sort()).toEqual(
      ['{{a}}{{b}}', 'for {{a}}', 'for all', '12', '12{{b}}', 'for 12', '3', '123', '4', '124'].sort(),
    );
  });

  it('are made one at a time, of however many people', () => {
    const template = { content: { sms: { text: 'Hi {{name}}' } } } as unknown as CheckedMessage['template'];
    let asked = 0;
    const person = (i: number): object => ({
      get params() {
        asked++;
        return { name: `${i}` };
      },
    });
    const users = Array.from({ length: 200_000 }, (_, i) => person(i));
    const read = wordsOf({ template, params: {}, audience: { users } } as unknown as CheckedMessage);
    let last = '';
    for (const text of read) {
      if (text === 'Hi 1') expect(asked).toBe(2);
      last = text;
    }
    expect([asked, last]).toEqual([200_000, 'Hi 199999']);
  });

  it('are found behind tags, too, with what stands in the attributes that are shown', () => {
    const found = words({ content: { html: '<p>se<b>cret</b></p>' } });
    expect(found).toContain('<p>se<b>cret</b></p>');
    expect(found.some((text) => text.includes('secret'))).toBe(true);
  });
});
