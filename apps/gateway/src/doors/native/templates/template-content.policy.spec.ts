import { describe, expect, it } from '@jest/globals';
import { templateProblems } from './template-content.policy.js';

describe('templateProblems', () => {
  it('finds nothing wrong with the content of the contract', () => {
    const content = {
      portal: { title: 'Hi {{name}}', text: 'Hi' },
      mail: { subject: 'Hi', html: '<b>{{name}}</b>' },
      wechat: {
        templateId: 't',
        data: { first: { value: '{{name}}', color: '#fff' }, rest: 'x' },
        url: 'https://example.com/{{name}}',
      },
    };
    expect(templateProblems(content, ['name'])).toEqual([]);
  });

  it('takes the shape and the button of a card for chat apps', () => {
    const content = { wecom: { title: 'T', text: 'x', format: 'card', buttonText: 'Open {{name}}' } };
    expect(templateProblems(content, ['name'])).toEqual([]);
    expect(templateProblems(content, []).map(({ field }) => field)).toEqual(['content.wecom']);
  });

  it('names every undeclared placeholder with its channel', () => {
    const content = {
      portal: { text: '{{a}}' },
      sms: { text: '{{b}} {{c}}' },
      wechat: { templateId: 't', data: { x: '{{d}}' } },
    };
    expect(templateProblems(content, ['b']).map(({ field, detail }) => [field, /"(\w)"/.exec(detail)?.[1]])).toEqual([
      ['content.portal', 'a'],
      ['content.sms', 'c'],
      ['content.wechat', 'd'],
    ]);
  });

  it.each([
    '',
    '{{link}}',
    '{{site}}/orders/{{id}}',
    '{{scheme}}://example.com/',
    '{{a}}{{b}}',
    'https://{{host}}:{{port}}/x?y={{y}}#{{z}}',
    'HTTP://localhost',
  ])('takes the link %j', (url) => {
    const content = { portal: { text: 'x', url, iconUrl: url } };
    expect(templateProblems(content, ['link', 'site', 'id', 'scheme', 'a', 'b', 'host', 'port', 'y', 'z'])).toEqual([]);
  });

  it.each([
    'javascript:1',
    'javascript:{{code}}',
    '//evil.example',
    '//{{host}}/x',
    '/orders/{{id}}',
    'data:x',
    'http://a.example/\r\nX: 1',
    '{{site}}/a b',
    '{{site}}\\x',
    'https://u:p@a.example/{{id}}',
    'https://',
    '#{each}://a.example',
  ])('refuses the link %j', (url) => {
    expect(templateProblems({ portal: { text: 'x', url } }, ['code', 'host', 'id', 'site'])).toEqual([
      { field: 'content.portal.url', detail: expect.stringMatching(/^url is no link: the URL /) },
    ]);
    expect(templateProblems({ sms: { text: 'x', iconUrl: url } }, ['code', 'host', 'id', 'site'])).toEqual([
      { field: 'content.sms.iconUrl', detail: expect.stringMatching(/^iconUrl is no link: /) },
    ]);
  });

  it.each([
    [{ sms: null }, 'content.sms'],
    [{ sms: { text: 'x'.repeat(65_537) } }, 'content.sms.text'],
    [{ wechat: { templateId: 't', data: 'x' } }, 'content.wechat.data'],
    [{ wechat: { templateId: 't', data: { x: { value: 'x', extra: 1 } } } }, 'content.wechat.data'],
    [{ __proto__x: { text: 'x' } }, 'content.__proto__x'],
    [{ sms: { url: 'https://example.com' } }, 'content'],
    [{ wecom: { text: 'x', format: 'poem' } }, 'content.wecom.format'],
    [{ wecom: { text: 'x', format: ['card'] } }, 'content.wecom.format'],
    [{ dingtalk: { text: 'x', buttonText: 1 } }, 'content.dingtalk.buttonText'],
    [{ sms: { text: 'x', format: 'card' } }, 'content.sms.format'],
    [{ mail: { text: 'x', buttonText: 'x' } }, 'content.mail.buttonText'],
  ])('refuses %j', (content, field) => {
    expect(templateProblems(content, []).map((problem) => problem.field)).toEqual([field]);
  });
});
