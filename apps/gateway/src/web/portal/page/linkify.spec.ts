import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';
import { linkify } from './linkify.js';

const shown = (text: string): string => html`${linkify(text)}`.toString();
const link = (url: string): string => `<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`;

describe('linkify', () => {
  it.each([
    ['见 https://a.example/x 。', `见 ${link('https://a.example/x')} 。`],
    ['见https://a.example/x，谢谢', `见${link('https://a.example/x')}，谢谢`],
    ['（http://a.example:81/x?y=1#z）', `（${link('http://a.example:81/x?y=1#z')}）`],
    [
      'See https://a.example. And HTTPS://b.example!',
      `See ${link('https://a.example')}. And ${link('HTTPS://b.example')}!`,
    ],
    ['https://a.example/x?a=1&b=2', link('https://a.example/x?a=1&amp;b=2')],
    ['https://a.example https://b.example', `${link('https://a.example')} ${link('https://b.example')}`],
  ])('makes the addresses in %s links', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['a < b & "c"', 'a &lt; b &amp; &quot;c&quot;'],
    ['http://', 'http://'],
    ['ftp://a.example', 'ftp://a.example'],
    [
      '<a href="https://a.example/" onclick=x()>',
      `&lt;a href=&quot;${link('https://a.example/')}&quot; onclick=x()&gt;`,
    ],
  ])('leaves %s a text', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('takes a time linear in the text', () => {
    const hostile = [
      `https://a.example/${'.'.repeat(200_000)}a`,
      'https://'.repeat(50_000),
      'https://a.b '.repeat(20_000),
    ];
    for (const text of hostile) expect(shown(text).length).toBeGreaterThanOrEqual(text.length);
  });
});
