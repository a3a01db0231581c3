import { describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { blamesOne, outcomeOfDingtalkCode, outcomesOfTask } from './dingtalk.outcomes.js';

describe('outcome of an errcode of DingTalk', () => {
  it.each([
    [[-1, 34015], 'retry'],
    [[33001, 40001, 40014, 42001], 'auth_refresh'],
    [[90002, 90018, 143103, 143104, 143105, 143203, 143204, 143205], 'rate_limited'],
    [[40013, 40089, 40096, 60011, 60020], 'bad_config'],
    [[33012, 40003, 60121, 1430000], 'bad_recipient'],
    [[34016, 40035, 400002, 143106, 143206, 1430002], 'bad_content'],
    [[88, 123456], 'retry'],
  ])('%j is %s', (codes, expected) => {
    for (const code of codes) expect([code, outcomeOfDingtalkCode({ code }).class]).toEqual([code, expected]);
  });

  it.each([
    ['40014', 'auth_refresh'],
    ['60011', 'bad_config'],
    ['90018', 'rate_limited'],
    ['what-is-this', 'retry'],
  ])('88 is what its sub_code %s says: %s', (subCode, expected) =>
    expect(outcomeOfDingtalkCode({ code: 88, subCode }).class).toBe(expected),
  );

  it('heeds a sub_code beside no other code', () =>
    expect(outcomeOfDingtalkCode({ code: 33012, subCode: '40014' }).class).toBe('bad_recipient'));

  it('holds the account back for the limits of a minute, the person for that of a day', () => {
    expect(outcomeOfDingtalkCode({ code: 143103 })).toEqual({
      class: 'rate_limited',
      retryAfterMs: 60_000,
      isAccountWide: true,
    });
    expect(outcomeOfDingtalkCode({ code: 143105 })).toEqual({ class: 'rate_limited', retryAfterMs: 3_600_000 });
  });

  it('looks for a culprit where the code is about one person', () => {
    const blames = (code: string): boolean => blamesOne({ class: 'bad_recipient', code });
    expect(['33012', '40003', '60121', '143105', '88/33012'].map(blames)).not.toContain(false);
    expect(['40035', '34016', '-1', '1430000'].map(blames)).not.toContain(true);
  });
});

describe('outcomes of a task', () => {
  const group = ['a', 'b'].map((address) => outbound(address));

  it('name the person within the task and where to ask', () =>
    expect(outcomesOfTask(group, 256_271_667_001)).toEqual(
      ['a', 'b'].map((address) => ({
        class: 'ok',
        providerRef: `256271667001:${address}`,
        ask: { ref: '256271667001', afterMs: 5_000 },
      })),
    ));

  it('take the id of a task that a double cannot hold', () =>
    expect(outcomesOfTask(group, '9223372036854775807')[0]?.providerRef).toBe('9223372036854775807:a'));

  it.each([undefined, null, '', {}])('ask nothing where the task is %j', (taskId) =>
    expect(outcomesOfTask(group, taskId)).toEqual([{ class: 'ok' }, { class: 'ok' }]),
  );
});
