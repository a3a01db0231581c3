import { describe, expect, it } from '@jest/globals';
import { asReminder } from './as-reminder.policy.js';

describe('a reminder', () => {
  it.each([
    ['says so in the title', 'mail', { title: 'Report', text: 'x' }, { title: '提醒：Report', text: 'x' }],
    ['says so in the text where there is no title', 'wecom', { text: 'x' }, { text: '提醒：x' }],
    [
      'by SMS keeps the words the operator approved',
      'sms',
      { title: 'Report', text: 'x' },
      { title: 'Report', text: 'x' },
    ],
    [
      'by a template at the vendor is left as it is',
      'wechat',
      { text: 'x', templateId: 't' },
      { text: 'x', templateId: 't' },
    ],
  ] as const)('%s', (_, channel, content, said) => {
    expect(asReminder(channel, content)).toEqual(said);
  });
});
