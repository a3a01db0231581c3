import { describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { blamesOne, outcomeOfWecomCode, outcomesOfSend } from './wecom.outcomes.js';

describe('outcome of an errcode of WeCom', () => {
  it.each([
    [[-1], 'retry'],
    [[40014, 41001, 42001], 'auth_refresh'],
    [[45009, 45033], 'rate_limited'],
    [[40001, 40013, 40056, 40091, 48002, 48005, 50003, 60020, 301002], 'bad_config'],
    [[40003, 40031, 50002, 60011, 60111, 81013, 82001], 'bad_recipient'],
    [[40008, 40032, 40058, 44004, 45002, 45008, 82002, 82003], 'bad_content'],
    [[123456, 0.5], 'retry'],
  ])('%j is %s', (codes, expected) => {
    for (const code of codes) expect([code, outcomeOfWecomCode({ code }).class]).toEqual([code, expected]);
  });

  it('lets an address go only where the code speaks of the member himself', () => {
    const isKept = (code: number): boolean => outcomeOfWecomCode({ code }).isAddressKept ?? false;
    expect([40003, 40031, 50002, 60111].map(isKept)).not.toContain(true);
    expect([60011, 81013, 82001].map(isKept)).not.toContain(false);
    const [outside] = outcomesOfSend([outbound('zhangsan')], { invaliduser: 'zhangsan' });
    expect(outside).toMatchObject({ code: 'invaliduser', isAddressKept: true });
  });

  it('holds the whole account back when calls are too frequent, but not when too many are under way', () => {
    expect(outcomeOfWecomCode({ code: 45009 })).toEqual({
      class: 'rate_limited',
      retryAfterMs: 60_000,
      isAccountWide: true,
    });
    expect(outcomeOfWecomCode({ code: 45033 })).not.toHaveProperty('isAccountWide');
  });

  it('does not look for a culprit where all are refused', () => {
    const blames = (code: string): boolean => blamesOne({ class: 'bad_recipient', code });
    expect(['40003', '40031', '60111', '60011', '50002', '40032'].map(blames)).not.toContain(false);
    expect(['81013', '82001', '45002', '-1'].map(blames)).not.toContain(true);
  });
});

describe('outcomes of a call that WeCom took', () => {
  const group = ['ZhangSan', 'lisi', 'WANG.wu', 'zhaoliu'].map((address) => outbound(address));

  it('are told by the members it names, in whatever case', () => {
    const outcomes = outcomesOfSend(group, { msgid: 'm1', invaliduser: 'zhangsan|wang.wu', unlicenseduser: 'ZhaoLiu' });
    expect(outcomes).toEqual([
      expect.objectContaining({ class: 'bad_recipient', code: 'invaliduser' }),
      { class: 'ok', providerRef: 'm1:lisi' },
      expect.objectContaining({ class: 'bad_recipient', code: 'invaliduser' }),
      expect.objectContaining({ class: 'bad_recipient', code: 'unlicenseduser' }),
    ]);
  });

  it.each([{}, { invaliduser: '', msgid: '' }, { invaliduser: null, msgid: 7 }, { invaliduser: '|' }])(
    'are all ok with %j',
    (json) => expect(outcomesOfSend(group, json)).toEqual(group.map(() => ({ class: 'ok' }))),
  );

  it('have a reference of their own each', () => {
    const refs = outcomesOfSend(group, { msgid: 'm1' }).map(({ providerRef }) => providerRef);
    expect(new Set(refs).size).toBe(group.length);
  });
});
