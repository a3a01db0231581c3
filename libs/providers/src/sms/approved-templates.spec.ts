import { describe, expect, it } from '@jest/globals';
import type { ApprovedTemplate } from './approved-template.js';
import { ApprovedTemplates } from './approved-templates.js';

const ALIYUN = /\$\{([^{}]{1,64})\}/g;
const of = (templates: ApprovedTemplate[]): ApprovedTemplates => new ApprovedTemplates(templates, ALIYUN);
const choose = (template: string, text: string): ReturnType<ApprovedTemplates['choose']> =>
  of([{ code: 'T', text: template }]).choose({ text }, true);
const valuesOf = (template: string, text: string): Record<string, string> | null => {
  const choice = choose(template, text);
  return 'outcome' in choice ? null : choice.values;
};

describe('the template of a text', () => {
  it.each([
    ['验证码${code}。', '验证码8842。', { code: '8842' }],
    ['${name}您好', '张三您好', { name: '张三' }],
    ['您好${name}', '您好张三', { name: '张三' }],
    ['您好', '您好', {}],
    ['${all}', 'anything at all', { all: 'anything at all' }],
    ['a${x}b${y}c', 'a1b2c', { x: '1', y: '2' }],
    ['a${x}b${y}b', 'a1b2b3b', { x: '1', y: '2b3' }],
    ['${x}-${y}', 'a-b-c', { x: 'a', y: 'b-c' }],
    ['${x}${y}', 'abc', { x: 'a', y: 'bc' }],
    ['${x}和${x}', '甲和甲', { x: '甲' }],
    [' 您好${name} ', '\n您好张三\r\n', { name: '张三' }],
    ['一\n二${x}', '一\r\n二3', { x: '3' }],
    ['$x {y} ${z}', '$x {y} 1', { z: '1' }],
    ['${__proto__}好', '张好', Object.fromEntries([['__proto__', '张']])],
  ])('%j fills %j', (template, text, values) => expect(valuesOf(template, text)).toEqual(values));

  it.each([
    ['验证码${code}。', '验证码。'],
    ['验证码${code}。', '验证码8842'],
    ['验证码${code}。', '您的验证码8842。'],
    ['您好', '您好！'],
    ['a${x}b${y}c', 'a1c2b'],
    ['ab${x}bc', 'abc'],
    ['${x}${y}', 'a'],
    ['${x}和${x}', '甲和乙'],
    ['您好${name}', ''],
  ])('%j does not fit %j', (template, text) => expect(valuesOf(template, text)).toBeNull());

  it('is the one that says most itself, wherever it stands in the list', () => {
    const templates = of([
      { code: 'ANY', text: '${text}' },
      { code: 'CODE', text: '验证码${code}，请勿泄露。' },
      { code: 'SHORT', text: '验证码${code}' },
    ]);
    expect(templates.choose({ text: '验证码1，请勿泄露。' }, true)).toMatchObject({ code: 'CODE' });
    expect(templates.choose({ text: '验证码1' }, true)).toMatchObject({ code: 'SHORT' });
    expect(templates.choose({ text: '其他' }, true)).toMatchObject({ code: 'ANY' });
  });

  it('keeps home and abroad apart where the templates do', () => {
    const templates = of([
      { code: 'HOME', text: 'A ${x}', international: false },
      { code: 'ABROAD', text: 'A ${x}', international: true },
    ]);
    expect(templates.choose({ text: 'A 1' }, true)).toMatchObject({ code: 'HOME' });
    expect(templates.choose({ text: 'A 1' }, false)).toMatchObject({ code: 'ABROAD' });
  });

  it('names the nearest one and what the text lacks of it, never the text', () => {
    const templates = of([
      { code: 'BILL', text: '账单${amount}元已出，请及时缴纳。' },
      { code: 'CODE', text: '您的验证码为${code}，${minutes}分钟内有效。' },
    ]);
    const choice = templates.choose({ text: '您的验证码为8842，5分钟后失效。' }, true);
    expect(choice).toEqual({
      outcome: {
        class: 'bad_content',
        code: 'no_template',
        words:
          'no approved template has the words of this text; the nearest is CODE, of which the text lacks "分钟内有效。"',
      },
    });
    expect(of([]).choose({ text: 'x' }, true)).toMatchObject({ outcome: { code: 'no_template' } });
    expect(choose('您好', '您好，张三')).toMatchObject({
      outcome: { words: expect.stringContaining('says more than it') },
    });
  });

  it('is the one the message names, with its params', () => {
    const templates = of([{ code: 'CODE', text: '验证码${code}', signName: '另一个' }]);
    const content = { text: 'other words', templateId: 'CODE', params: { code: '1', other: '2' } };
    expect(templates.choose(content, true)).toEqual({
      code: 'CODE',
      signName: '另一个',
      values: { code: '1' },
      isListed: true,
    });
    expect(templates.choose({ ...content, templateId: 'NEW' }, true)).toEqual({
      code: 'NEW',
      values: { code: '1', other: '2' },
      isListed: false,
    });
    expect(templates.choose({ templateId: 'CODE', params: {} }, true)).toMatchObject({
      outcome: { class: 'bad_content', code: 'missing_param', words: expect.stringContaining('"code"') },
    });
  });

  it.each([
    [{}, 'no_text'],
    [{ text: '  ' }, 'no_text'],
    [{ title: 'only a title' }, 'no_text'],
    [{ text: 'x'.repeat(2001) }, 'text_too_long'],
  ])('is none for %j', (content, code) => {
    expect(of([{ code: 'ANY', text: '${x}' }]).choose(content, true)).toMatchObject({
      outcome: { class: 'bad_content', code },
    });
  });

  it('is looked for in a time that no text can draw out', () => {
    const hostile = of(
      Array.from({ length: 500 }, (_, i) => ({
        code: `T${i}`,
        text: `${'${a}a'.repeat(100)}${i}${'a${b}'.repeat(60)}!`,
      })),
    );
    // Backtracking would not come back from one of these; the whole list is searched 20 times over.
    for (let i = 0; i < 20; i++)
      expect(hostile.choose({ text: 'a'.repeat(2000) }, true)).toMatchObject({ outcome: { code: 'no_template' } });
  });
});

describe('the content of a channel test', () => {
  const templates = of([
    { code: 'ABROAD', text: 'Your code is ${code}.', international: true },
    { code: 'SHORT', text: '${name}您好' },
    { code: 'LONG', text: '验证码${code}，${minutes}分钟内有效，请勿告知他人。', international: false },
  ]);

  it('fits the first listed template for such numbers', () => {
    const [home, abroad] = [templates.sample(true), templates.sample(false)];
    expect([home?.templateId, abroad?.templateId]).toEqual(['SHORT', 'ABROAD']);
    expect(templates.choose(home ?? {}, true)).toEqual({ code: 'SHORT', values: { name: '0000' }, isListed: true });
    expect(templates.choose(abroad ?? {}, false)).toMatchObject({ code: 'ABROAD', values: { code: '0000' } });
  });

  it('is nothing of ours where no template is listed for them', () => {
    expect(of([]).sample(true)).toBeUndefined();
    expect(of([{ code: 'HOME', text: '您好', international: false }]).sample(false)).toBeUndefined();
  });
});
