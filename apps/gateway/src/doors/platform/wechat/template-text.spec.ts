import { describe, expect, it } from '@jest/globals';
import { filledText, valuesFor } from './template-text.js';

const TEMPLATE = '{{first.DATA}}\n业务系统：{{keyword1.DATA}}\n环节：{{ keyword2.DATA }}\r\n{{remark.DATA}}';

describe('template of WeChat', () => {
  it.each<[string, [string, string][], object]>([
    [
      'takes the values of its places and no others',
      [
        ['keyword1', 'OA'],
        ['keyword2', '审批'],
        ['extra', 'x'],
      ],
      { values: { keyword1: 'OA', keyword2: '审批' } },
    ],
    ['names the first place without a value', [['keyword1', 'OA']], { missing: 'keyword2' }],
    [
      'counts an empty value as none',
      [
        ['keyword1', ''],
        ['keyword2', 'x'],
      ],
      { missing: 'keyword1' },
    ],
  ])('%s', (_title, given, expected) => expect(valuesFor(TEMPLATE, new Map(given))).toEqual(expected));

  it('reads as its reader sees it, whatever the values hold', () => {
    const values = { keyword1: "$& $' {{keyword2.DATA}}", keyword2: '审批' };
    expect(filledText(TEMPLATE, values)).toBe("业务系统：$& $' {{keyword2.DATA}}\n环节：审批");
    expect(filledText(TEMPLATE, { ...values, first: '您好', remark: '请处理' }).split('\n')).toHaveLength(4);
  });
});
