import type { BodyExamples } from '../http/body-examples.js';

/** Messages to try. The users, the tag and the template that they name have to be there. */
export const SEND_MESSAGE_EXAMPLES: BodyExamples = {
  'to one user, with content of its own': {
    value: {
      to: { users: ['u-1001'] },
      content: {
        title: 'Your order is on its way',
        text: 'Order 1001 leaves today.',
        url: 'https://shop.example.com/orders/1001',
      },
    },
  },
  'to a tag, by a template': {
    value: {
      to: { tags: ['vip'] },
      template: { code: 'invoice-due', params: { name: 'customer', amount: '100 €' } },
    },
  },
  'to users, each with values of their own for the template': {
    value: {
      to: {
        users: [
          { userId: 'u-1001', params: { name: '张三', amount: '100 €' } },
          { userId: 'u-1002', params: { name: 'Li', amount: '250 €' } },
        ],
      },
      template: { code: 'invoice-due' },
    },
  },
  'to a mail address outside the directory': {
    value: {
      to: { addresses: [{ channel: 'mail', address: 'li@example.com', name: 'Li' }] },
      content: { title: 'Welcome', html: '<p>Welcome, <b>Li</b>.</p>' },
    },
  },
  'to org units, on SMS and mail alike': {
    value: {
      to: { orgUnits: ['sales'] },
      channels: { mode: 'list', list: ['sms', 'mail'] },
      priority: 'high',
      content: { title: 'Meeting at 10', text: 'The meeting is at 10 today.' },
    },
  },
  'a to-do with a reminder every day': {
    value: {
      to: { users: ['u-1001'] },
      kind: 'todo',
      remindEvery: 86_400,
      content: { title: 'Approve the leave', text: 'Li asks for two days of leave.' },
    },
  },
};
