import { describe, expect, it } from '@jest/globals';
import { wecomBodyProblem } from '../../../../test/support/fakes/wecom-body.js';
import { CONTENT_FORMATS, type RenderedContent } from '../port/channel-provider.port.js';
import { wecomMessage } from './wecom.message.js';

const link = 'https://e.com/1';

describe('message for WeCom', () => {
  it.each<[string, RenderedContent, object]>([
    ['text alone', { text: 'words' }, { msgtype: 'text', text: { content: 'words' } }],
    ['a title over the text', { title: 'T', text: 'words' }, { msgtype: 'text', text: { content: 'T\nwords' } }],
    ['a title that is also the text once', { title: 'T', text: 'T' }, { msgtype: 'text', text: { content: 'T' } }],
    [
      'a link without a title below the text',
      { text: 'words', url: link },
      { msgtype: 'text', text: { content: `words\n${link}` } },
    ],
    [
      'a card where there is a title and a link',
      { title: 'T', text: 'words', url: link },
      { msgtype: 'textcard', textcard: { title: 'T', description: 'words', url: link } },
    ],
    [
      'the summary on a card that has one',
      { title: 'T', text: 'long words', summary: 'short', url: link, buttonText: '查看全部内容' },
      { msgtype: 'textcard', textcard: { title: 'T', description: 'short', url: link, btntxt: '查看全部' } },
    ],
    [
      'text though there is a link, where text is asked for',
      { title: 'T', text: 'words', url: link, format: 'text' },
      { msgtype: 'text', text: { content: `T\nwords\n${link}` } },
    ],
    [
      'text where a card is asked for that has no link',
      { title: 'T', text: 'words', format: 'card' },
      { msgtype: 'text', text: { content: 'T\nwords' } },
    ],
    [
      'news with its picture',
      { title: 'T', text: 'words', url: link, iconUrl: 'https://e.com/p.png', format: 'news' },
      {
        msgtype: 'news',
        news: { articles: [{ title: 'T', description: 'words', url: link, picurl: 'https://e.com/p.png' }] },
      },
    ],
    [
      'markdown with heading and link',
      { title: 'T', text: '> words', url: link, buttonText: 'Open', format: 'markdown' },
      { msgtype: 'markdown', markdown: { content: `**T**\n> words\n[Open](${link})` } },
    ],
  ])('shows %s', (_title, content, expected) => expect(wecomMessage(content)).toEqual(expected));

  it.each(CONTENT_FORMATS)('as %s keeps to the limits in bytes without half a character', (format) => {
    const content = { title: '标题😀'.repeat(200), text: '正文😀'.repeat(2000), url: link, iconUrl: link, format };
    const message = wecomMessage({ ...content, buttonText: '😀按钮文字' });
    expect(wecomBodyProblem(message)).toBeNull();
    expect(JSON.stringify(message)).not.toMatch(/\\ud[89ab]|\ufffd/i);
    expect(JSON.stringify(message)).toContain(link);
  });
});
