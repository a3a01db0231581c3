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
    [{ sms: null }, 'content.sms'],
    [{ sms: { text: 'x'.repeat(65_537) } }, 'content.sms.text'],
    [{ wechat: { templateId: 't', data: 'x' } }, 'content.wechat.data'],
    [{ wechat: { templateId: 't', data: { x: { value: 'x', extra: 1 } } } }, 'content.wechat.data'],
    [{ __proto__x: { text: 'x' } }, 'content.__proto__x'],
    [{ sms: { url: 'https://example.com' } }, 'content'],
  ])('refuses %j', (content, field) => {
    expect(templateProblems(content, []).map((problem) => problem.field)).toEqual([field]);
  });
});
