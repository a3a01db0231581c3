import { describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { readSettings, settingsProblemsOf } from '../registry/read-settings.js';
import { fieldProblems, fitField } from './wechat.fields.js';
import { wechatMessage } from './wechat.message.js';
import { WechatSettings } from './wechat.settings.js';

const now = new Date('2019-10-01T07:01:00Z');
const settingsOf = (defaultTemplate: object): WechatSettings =>
  readSettings(WechatSettings, { appId: 'wxaaaa', appSecret: 's', defaultTemplate });
const dataOf = (content: object, map: object): unknown =>
  wechatMessage(outbound('o1', { content, source: '教务处', name: '张三' }), settingsOf({ templateId: 't', map }), now)
    ?.body['data'];

describe('fields of a template', () => {
  it.each([
    ['thing1', '一'.repeat(20), true],
    ['thing1', '一'.repeat(21), false],
    ['thing1', '😀'.repeat(2), false],
    ['thing1', 'a\nb', false],
    ['keyword1', '一'.repeat(21), false],
    ['phrase2', '配送中', true],
    ['phrase2', '正在配送途中', false],
    ['name3', '一二三四五六七八九十', true],
    ['name3', '一二三四五六七八九十一', false],
    ['name3', 'a'.repeat(20), true],
    ['character_string4', 'a'.repeat(32), true],
    ['character_string4', 'a'.repeat(33), false],
    ['car_number5', '粤A8Z888挂', true],
    ['time6', '2019年10月1日 15:01~2019年10月1日 16:01', true],
    ['first', 'x', false],
    ['remark', 'x', false],
  ])('%s takes %j: %j', (field, value, isFine) => {
    expect(fieldProblems({ [field]: value })).toHaveLength(isFine ? 0 : 1);
  });

  it('takes what was made to fit, never half a character', () => {
    for (const [field, value] of [
      ['thing1', '一二三四五 '.repeat(10)],
      ['phrase1', '正在配送途中'],
      ['thing2', ` a\r\nb ${'𠮷'.repeat(30)}`],
    ] as const) {
      const fitted = fitField(field, value);
      expect(fieldProblems({ [field]: fitted })).toEqual([]);
      expect(fitted).not.toMatch(/\p{Surrogate}/u);
      expect(fitted).toMatch(/…$/);
    }
    expect(fitField('thing1', '短')).toBe('短');
  });
});

describe('default template', () => {
  it('shows the parts of a message that its map names', () => {
    const map = {
      title: 'thing1',
      text: 'thing2',
      summary: 'thing3',
      url: 'thing4',
      source: 'thing5',
      name: 'name6',
      time: 'time7',
    };
    expect(dataOf({ title: '题', text: '文', summary: '要', url: 'https://e.com' }, map)).toEqual({
      thing1: { value: '题' },
      thing2: { value: '文' },
      thing3: { value: '要' },
      thing4: { value: 'https://e.com' },
      thing5: { value: '教务处' },
      name6: { value: '张三' },
      time7: { value: '2019年10月1日 15:01' },
    });
  });

  it('leaves no field empty, because WeChat would refuse the message', () => {
    const map = { title: 'thing1', text: 'thing2', url: 'thing3' };
    expect(dataOf({ text: '文' }, map)).toEqual({
      thing1: { value: '文' },
      thing2: { value: '文' },
      thing3: { value: '-' },
    });
    expect(dataOf({ title: '题' }, map)).toMatchObject({ thing2: { value: '题' } });
  });

  it.each([
    [{ templateId: 't', map: { title: 'first' } }, 'defaultTemplate.map'],
    [{ templateId: 't', map: { nonsense: 'thing1' } }, 'defaultTemplate.map'],
    [{ templateId: 't', map: {} }, 'defaultTemplate.map'],
    [{ templateId: 't', map: { title: 5 } }, 'defaultTemplate.map'],
    [{ templateId: 't', map: { title: 'a b' } }, 'defaultTemplate.map'],
    [{ templateId: 't' }, 'defaultTemplate.map'],
    [{ templateId: '', map: { title: 'thing1' } }, 'defaultTemplate.templateId'],
    [{ templateId: 't', map: { title: 'thing1' }, fixed: { thing2: '' } }, 'defaultTemplate.fixed'],
    [{ templateId: 't', map: { title: 'thing1' }, more: 1 }, 'defaultTemplate.more'],
    ['t', 'defaultTemplate'],
  ])('%j is refused, named by its path', (defaultTemplate, field) => {
    const problems = settingsProblemsOf(WechatSettings, { appId: 'wxaaaa', appSecret: 's', defaultTemplate });
    expect([...new Set(problems.map((problem) => problem.field))]).toEqual([field]);
  });
});

describe('settings of wechat', () => {
  it.each([
    [{}, ['appId', 'appSecret']],
    [{ appId: 'wxaaaa', appSecret: 's', token: 'a!' }, ['token']],
    [{ appId: 'wxaaaa', appSecret: 's', encodingAesKey: 'short' }, ['encodingAesKey']],
    [{ appId: 'wxaaaa', appSecret: 's', baseUrl: 'ftp://e.com' }, ['baseUrl']],
    [{ appId: 'wxaaaa', appSecret: 's', concurrency: 1000 }, ['concurrency']],
    [{ appId: 'wxaaaa', appSecret: 's', miniProgram: { pagePath: 'p' } }, ['miniProgram.appId']],
  ])('%j are refused naming %j', (settings, fields) => {
    const problems = settingsProblemsOf(WechatSettings, settings);
    expect([...new Set(problems.map(({ field }) => field))].sort()).toEqual(fields);
  });

  it('may name a proxy on any host and port', () => {
    const settings = { appId: 'wxaaaa', appSecret: 's', baseUrl: 'http://egress:8080/wechat' };
    expect(settingsProblemsOf(WechatSettings, settings)).toEqual([]);
  });
});
