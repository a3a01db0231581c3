import { describe, expect, it } from '@jest/globals';
import { isTaskDone, receiptsOfResult } from './dingtalk.receipts.js';

describe('receipts of a task’s result', () => {
  it('say for everybody what became of the notice', () => {
    const result = {
      invalid_user_id_list: ['gone'],
      forbidden_user_id_list: ['often', 'again', 'why'],
      forbidden_list: [
        { code: '143105', count: 500, userid: 'often' },
        { code: '143106', count: 1, userid: 'again' },
      ],
      failed_user_id_list: ['unlucky'],
      read_user_id_list: ['reader'],
      unread_user_id_list: ['other'],
      invalid_dept_id_list: [7],
    };
    expect(receiptsOfResult('9', { send_result: result })).toEqual([
      expect.objectContaining({ providerRef: '9:gone', status: 'failed', code: 'invalid_user', isAddressDead: true }),
      expect.objectContaining({ providerRef: '9:often', status: 'failed', code: '143105' }),
      expect.objectContaining({ providerRef: '9:again', status: 'failed', code: '143106' }),
      expect.objectContaining({ providerRef: '9:why', status: 'failed', code: 'forbidden' }),
      { providerRef: '9:unlucky', status: 'failed', code: 'send_failed' },
      { providerRef: '9:reader', status: 'read' },
      { providerRef: '9:other', status: 'delivered' },
    ]);
  });

  it('take the reasons from beside the result, where DingTalk’s page shows them', () =>
    expect(
      receiptsOfResult('9', { send_result: {}, forbidden_list: [{ code: 143106, userid: 'a' }, null, 'x'] }),
    ).toEqual([expect.objectContaining({ providerRef: '9:a', status: 'failed', code: '143106' })]));

  it('only a stranger’s address is dead', () => {
    const result = { forbidden_user_id_list: ['a'], failed_user_id_list: ['b'] };
    expect(receiptsOfResult('9', { send_result: result }).some((receipt) => 'isAddressDead' in receipt)).toBe(false);
  });

  it.each([
    {},
    { send_result: null },
    { send_result: [] },
    { send_result: { read_user_id_list: 'a', failed_user_id_list: [1] } },
  ])('are none in %j', (answer) => expect(receiptsOfResult('9', answer)).toEqual([]));
});

it.each([
  [{ progress: { progress_in_percent: 100, status: 2 } }, true],
  [{ progress: { progress_in_percent: 100, status: 1 } }, false],
  [{ progress: { progress_in_percent: 0, status: 0 } }, false],
  [{}, false],
])('a task with %j is done: %s', (answer, expected) => expect(isTaskDone(answer)).toBe(expected));
