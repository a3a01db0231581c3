import { describe, expect, it } from '@jest/globals';
import { GuardedHttp } from '#platform';
import { ALIYUN_ACCOUNT } from '../../../../test/support/fakes/aliyun-sms.js';
import { TENCENT_ACCOUNT } from '../../../../test/support/fakes/tencent-sms.js';
import { AliyunSmsFactory } from '../aliyun-sms/aliyun-sms.factory.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { TencentSmsFactory } from '../tencent-sms/tencent-sms.factory.js';

const http = new GuardedHttp({ allow: [] });
const registry = new ProviderRegistry([new AliyunSmsFactory(http), new TencentSmsFactory(http)]);
const fieldsOf = (provider: string, settings: Record<string, unknown>): string[] => [
  ...new Set(registry.settingsProblems('sms', provider, settings).map(({ field }) => field)),
];

describe('settings of an SMS account', () => {
  it('are right as the fakes have them', () => {
    expect(fieldsOf('aliyun', ALIYUN_ACCOUNT)).toEqual([]);
    expect(fieldsOf('tencent', TENCENT_ACCOUNT)).toEqual([]);
  });

  it('name what is missing', () => {
    expect(fieldsOf('aliyun', {}).sort()).toEqual(['accessKeyId', 'accessKeySecret', 'signName']);
    expect(fieldsOf('tencent', {}).sort()).toEqual(['secretId', 'secretKey', 'smsSdkAppId']);
  });

  it.each([
    [{ templates: [{ code: 'a b', text: 'x' }] }, ['templates.0.code']],
    [{ templates: [{ code: 'A', text: '' }] }, ['templates.0.text']],
    [{ templates: [{ code: 'A', text: 'x', signName: '【x】' }] }, ['templates.0.signName']],
    [{ templates: [{ code: 'A', text: 'x', more: 1 }] }, ['templates.0.more']],
    [
      {
        templates: [
          { code: 'A', text: 'x' },
          { code: 'A', text: 'y' },
        ],
      },
      ['templates'],
    ],
    [{ signName: '【阿里云】' }, ['signName']],
    [{ baseUrl: 'ftp://x' }, ['baseUrl']],
    [{ baseUrl: 'http://10.0.0.1:8080/aliyun' }, []],
    [{ signedHost: 'http://x' }, ['signedHost']],
    [{ callbackToken: 'short' }, ['callbackToken']],
    [{ callbackIps: ['10.0.0.0/8', '203.0.113.7', '::1'] }, []],
    [{ callbackIps: ['10.0.0.0/40'] }, ['callbackIps']],
    [{ callbackIps: ['example.com'] }, ['callbackIps']],
    [{ concurrency: 129 }, ['concurrency']],
    [{ recipientLimits: [{ max: 1, windowS: 0 }] }, ['recipientLimits.0.windowS']],
  ])('%j: wrong are %j', (more, fields) => {
    expect(fieldsOf('aliyun', { ...ALIYUN_ACCOUNT, ...more })).toEqual(fields);
  });

  it('name which of them are write-only', () => {
    expect(registry.secretSettings('sms', 'aliyun')).toEqual(['accessKeySecret', 'callbackToken']);
    expect(registry.secretSettings('sms', 'tencent')).toEqual(['secretKey', 'callbackToken']);
  });
});
