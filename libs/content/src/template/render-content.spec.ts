import { describe, expect, it } from '@jest/globals';
import type { TemplateContent } from './channel-content.js';
import { contentFor, inlineContentFor } from './inline-content.js';
import { renderContent, requiredParams, templateContentFor } from './render-content.js';

const template: TemplateContent = {
  portal: { title: 'Hi {{name}}', text: 'Portal {{code}}' },
  sms: { text: 'code {{code}}' },
  mail: { subject: 'For {{name}}', html: '<p onclick="x()">{{name}}</p><a href="{{link}}">go</a>' },
  wechat: {
    templateId: 'T1',
    data: { first: { value: '{{name.DATA}}' }, keyword1: '{{code}}' },
    url: 'https://e.com/{{code}}',
  },
};
const params = { name: '<b>张三</b>', code: '1/2', link: 'https://e.com/?a=1&b=2' };

describe('content of a template', () => {
  it('renders the channel’s own fields, subject as title', () => {
    expect(renderContent('sms', template, params)).toEqual({ text: 'code 1/2' });
    expect(renderContent('mail', template, params)).toMatchObject({
      title: 'For <b>张三</b>',
      text: '<b>张三</b>\ngo',
    });
  });

  it('escapes values in mail HTML and sanitises what comes out', () => {
    expect(renderContent('mail', template, params)?.html).toBe(
      '<p>&lt;b&gt;张三&lt;/b&gt;</p><a href="https://e.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">go</a>',
    );
    expect(renderContent('mail', template, { ...params, link: 'javascript:alert(1)' })?.html).not.toContain(
      'javascript:',
    );
  });

  it('fills the vendor template’s data and encodes values in links', () => {
    expect(renderContent('wechat', template, params)).toEqual({
      templateId: 'T1',
      params: { first: '<b>张三</b>', keyword1: '1/2' },
      url: 'https://e.com/1%2F2',
    });
  });

  it('takes the portal’s title and text where the channel has none', () => {
    expect(renderContent('wecom', template, params)).toEqual({ title: 'Hi <b>张三</b>', text: 'Portal 1/2' });
    expect(templateContentFor('dingtalk', { sms: { text: 'x' } })).toBeNull();
    expect(renderContent('dingtalk', { sms: { text: 'x' } }, {})).toBeNull();
  });

  it('passes on the shape and renders the button of a card', () => {
    const card: TemplateContent = { wecom: { title: 'T', text: 'x', format: 'card', buttonText: 'See {{code}}' } };
    expect(renderContent('wecom', card, params)).toEqual({
      title: 'T',
      text: 'x',
      format: 'card',
      buttonText: 'See 1/2',
    });
    expect(requiredParams('wecom', card)).toEqual(['code']);
  });

  it('asks only for the params of the channel that is rendered', () => {
    expect(requiredParams('sms', template)).toEqual(['code']);
    expect(requiredParams('wechat', template)).toEqual(['code', 'name']);
    expect(requiredParams('push', { sms: { text: '{{x}}' } })).toEqual([]);
    expect(renderContent('sms', template, { code: '7' })).toEqual({ text: 'code 7' });
  });

  it('keeps the title on one line whatever the params hold', () => {
    expect(renderContent('portal', template, { ...params, name: 'a\r\nBcc: x@y.z\u2028b' })?.title).toBe(
      'Hi a Bcc: x@y.z b',
    );
  });

  it.each(['javascript:alert(1)', '//evil.example', 'data:text/html,x', 'https://user:pw@e.com/'])(
    'refuses the link %s',
    (link) => {
      expect(() => renderContent('portal', { portal: { text: 'x', url: '{{link}}' } }, { link })).toThrow(
        expect.objectContaining({ code: 'bad_link', kind: 'invalid' }),
      );
    },
  );
});

describe('inline content', () => {
  it('names its template and the values of it to WeChat, and to no other channel', () => {
    const content = { title: 'T', text: 'words', templateId: 'tpl' };
    const values = { thing1: 'a' };
    expect(inlineContentFor('wechat', content, values)).toMatchObject({ templateId: 'tpl', params: values });
    expect(inlineContentFor('wechat', { text: 'words' }, values)).toEqual({ text: 'words' });
    expect(inlineContentFor('wecom', content, values)).toEqual({ title: 'T', text: 'words' });
  });

  it('is literal', () => {
    expect(inlineContentFor('sms', { text: 'pay {{amount}} ${1}' })).toEqual({ text: 'pay {{amount}} ${1}' });
  });

  it('gives plain-text channels the text of the HTML', () => {
    expect(inlineContentFor('sms', { title: 'T', html: '<p>a &amp; b<br>c</p><script>x</script>' })).toEqual({
      title: 'T',
      text: 'a & b\nc',
    });
  });

  it('gives mail the HTML with a text beside it, and a subject even without a title', () => {
    expect(inlineContentFor('mail', { html: '<p onload=x>Hello</p>' })).toEqual({
      title: 'Hello',
      text: 'Hello',
      html: '<p>Hello</p>',
    });
  });

  it('answers null when nothing can be shown', () => {
    expect(inlineContentFor('sms', {})).toBeNull();
    expect(inlineContentFor('portal', { html: '<script>alert(1)</script>' })).toBeNull();
  });

  it('gives its shape and button to chat apps only', () => {
    const card = { title: 'T', text: 'x', url: 'https://e.com/', format: 'card', buttonText: 'Open' } as const;
    expect(inlineContentFor('dingtalk', card)).toEqual(card);
    expect(inlineContentFor('sms', card)).toEqual({ title: 'T', text: 'x', url: 'https://e.com/' });
  });

  it('leaves out links that are no http(s) URL', () => {
    expect(
      inlineContentFor('portal', { text: 'x', url: 'javascript:alert(1)', iconUrl: 'https://e.com/i.png' }),
    ).toEqual({
      text: 'x',
      iconUrl: 'https://e.com/i.png',
    });
  });

  it('borrows a subject without cutting a character in two', () => {
    expect(inlineContentFor('mail', { text: '😀'.repeat(100) })?.title).toBe('😀'.repeat(64));
  });

  it('is told from a template’s content by its shape', () => {
    expect(contentFor('sms', { text: 'inline' })).toEqual({ text: 'inline' });
    expect(contentFor('sms', { portal: { text: 'of {{x}}' } })).toEqual({ text: 'of {{x}}' });
    expect(contentFor('sms', {})).toBeNull();
  });
});
