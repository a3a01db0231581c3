import { describe, expect, it } from '@jest/globals';
import { dingtalkBodyProblem } from '../../../../test/support/fakes/dingtalk-body.js';
import { CONTENT_FORMATS, type RenderedContent } from '../port/channel-provider.port.js';
import { dingtalkMessage, hasOverlongLink, uniqueLine } from './dingtalk.message.js';

const link = 'https://e.com/1';
const picture = 'https://e.com/p.png';

describe('a link that does not fit', () => {
  const longLink = (bytes: number): string => `https://e.com/${'p'.repeat(bytes - 14)}`;

  it.each<[number, boolean]>([
    [20, false],
    [1500, false],
    [1900, false],
    [2040, true],
  ])('of %i bytes is found: %s', (bytes, isTooLong) => {
    const url = longLink(bytes);
    expect(hasOverlongLink({ text: 'words', url })).toBe(isTooLong);
    expect(hasOverlongLink({ title: 'T', text: 'w'.repeat(3000), url })).toBe(isTooLong);
  });
});

describe('work notice', () => {
  it.each<[string, RenderedContent, object]>([
    ['text', { text: 'words' }, { msgtype: 'text', text: { content: 'words\nLAST' } }],
    [
      'title, text and link one below the other',
      { title: 'T', text: 'words', url: link, format: 'text' },
      { msgtype: 'text', text: { content: `T\nwords\n${link}\nLAST` } },
    ],
    [
      'a card where there is a title and a link',
      { title: 'T', text: 'one\ntwo', url: link },
      {
        msgtype: 'action_card',
        action_card: {
          title: 'T',
          markdown: '**T**\n\none\n\ntwo\n\nLAST',
          single_title: '查看详情',
          single_url: link,
        },
      },
    ],
    [
      'a card’s own button, and its title once',
      { title: 'T', text: 'T', url: link, buttonText: 'Open', format: 'card' },
      {
        msgtype: 'action_card',
        action_card: { title: 'T', markdown: '**T**\n\nLAST', single_title: 'Open', single_url: link },
      },
    ],
    [
      'news with its picture',
      { title: 'T', text: 'words', url: link, iconUrl: picture, format: 'news' },
      { msgtype: 'link', link: { title: 'T', text: 'words\nLAST', messageUrl: link, picUrl: picture } },
    ],
    [
      'markdown with heading and link',
      { title: 'T', text: '> words', url: link, format: 'markdown' },
      { msgtype: 'markdown', markdown: { title: 'T', text: `**T**\n\n> words\n\n[${link}](${link})\n\nLAST` } },
    ],
  ])('shows %s', (_title, content, expected) => expect(dingtalkMessage(content, 'LAST')).toEqual(expected));

  it.each<[RenderedContent, string]>([
    [{ title: 'T', text: 'x', url: link, format: 'news' }, 'action_card'],
    [{ title: 'T', text: 'x', format: 'news', iconUrl: picture }, 'text'],
    [{ title: 'T', text: 'x', format: 'card' }, 'text'],
    [{ text: 'x', url: link }, 'text'],
  ])('%j, which lacks something, becomes %s', (content, msgtype) =>
    expect(dingtalkMessage(content)).toMatchObject({ msgtype }),
  );

  it.each(CONTENT_FORMATS)('as %s keeps to 2,048 bytes, its link and its last line', (format) => {
    for (const unit of ['正文😀', 'x', '"\n\\']) {
      const content = {
        title: `标题${unit}`.repeat(100),
        text: unit.repeat(2000),
        url: link,
        iconUrl: picture,
        format,
      };
      const message = dingtalkMessage(content, 'LAST');
      expect(dingtalkBodyProblem(message)).toBeNull();
      const json = JSON.stringify(message);
      expect(json).toContain(link);
      expect(json).toContain('LAST');
      expect(json).not.toMatch(/\\ud[89ab]|\ufffd/i);
    }
  });

  it('ends with a line of its own each time, in China’s time', () => {
    const at = Date.parse('2026-03-04T20:05:06Z');
    expect(uniqueLine(at)).toMatch(/^03-05 04:05:06 · [0-9a-f]{6}$/);
    expect(uniqueLine(at)).not.toBe(uniqueLine(at));
  });
});
