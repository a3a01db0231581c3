import { describe, expect, it } from '@jest/globals';
import type { RenderedContent } from '../port/channel-provider.port.js';
import { robotMessage } from './dingtalk-robot.message.js';

const link = 'https://e.com/1';
const at = { at: { atUserIds: ['a', 'b'], isAtAll: false } };

describe('message of a robot', () => {
  it.each<[string, RenderedContent, object]>([
    ['text', { title: 'T', text: 'words' }, { msgtype: 'text', text: { content: 'T\nwords\n@a @b' } }],
    [
      'markdown where there is a title and a link, which no card with mentions exists for',
      { title: 'T', text: 'one\ntwo', url: link, buttonText: 'Open' },
      { msgtype: 'markdown', markdown: { title: 'T', text: `**T**\n\none\n\ntwo\n\n[Open](${link})\n\n@a @b` } },
    ],
    [
      'a picture of news',
      { title: 'T', text: 'x', url: link, iconUrl: 'https://e.com/p.png', format: 'news' },
      {
        msgtype: 'markdown',
        markdown: { title: 'T', text: `**T**\n\nx\n\n![](https://e.com/p.png)\n\n[${link}](${link})\n\n@a @b` },
      },
    ],
    [
      'markdown as it is written',
      { text: '- one\n- two', format: 'markdown' },
      { msgtype: 'markdown', markdown: { title: '- one\n- two', text: '- one\n- two\n\n@a @b' } },
    ],
  ])('shows %s', (_title, content, expected) =>
    expect(robotMessage(content, ['a', 'b'])).toEqual({ ...expected, ...at }),
  );

  it.each([
    [{ text: 'words' }, '通知\nwords\n@a'],
    [{ text: 'a 通知 within' }, 'a 通知 within\n@a'],
    [{ title: '通知', text: 'words' }, '通知\nwords\n@a'],
  ])('puts the keyword above where it is missing: %j', (content, expected) =>
    expect(robotMessage(content, ['a'], '通知')).toMatchObject({ text: { content: expected } }),
  );

  it('keeps its mentions and its link however long the text', () => {
    const users = Array.from({ length: 200 }, (_, i) => `a-rather-long-userid-${i}`);
    for (const format of ['text', 'markdown'] as const) {
      const content = { title: '标题😀'.repeat(500), text: '正文😀'.repeat(20_000), url: link, format };
      const message = JSON.stringify(robotMessage(content, users));
      expect(Buffer.byteLength(message)).toBeLessThan(30_000);
      for (const kept of ['@a-rather-long-userid-199', link]) expect(message).toContain(kept);
    }
  });
});
