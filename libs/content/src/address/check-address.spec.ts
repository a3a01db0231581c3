import { CHANNELS } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { checkAddress, keptForm } from './check-address.js';
import { isUserId } from './user-id.js';

const normalized = (channel: (typeof CHANNELS)[number], address: string): string | null => {
  const check = checkAddress(channel, address);
  return check.ok ? check.normalized : null;
};

describe('mobile numbers', () => {
  it.each([
    ['13790000123', '13790000123'],
    ['+86 137-9000-0123', '13790000123'],
    ['008613790000123', '13790000123'],
    ['８６１３７９００００１２３', '13790000123'],
    [' 13790000123 ', '13790000123'],
    ['19912345678', '19912345678'],
    ['+14155552671', '+14155552671'],
    ['+44 7911 123456', '+447911123456'],
  ])('stores %s as %s', (given, stored) => expect(normalized('sms', given)).toBe(stored));

  it.each([
    '12012345678',
    '18612345',
    '010-62345678',
    'abc',
    '',
    '13790000123,13790000124',
    '13790000123 ext 5',
    'tel 13790000123',
    '+',
    '1'.repeat(100_000),
  ])('refuses %j', (given) => expect(normalized('sms', given)).toBeNull());
});

describe('mail addresses', () => {
  it.each([
    ['a@x.cn', 'a@x.cn'],
    ["O'Brien+tag@Mail.Example.COM", "O'Brien+tag@mail.example.com"],
    ['user@localhost', 'user@localhost'],
    ['user@例子.中国', 'user@xn--fsqu00a.xn--fiqs8s'],
  ])('stores %s as %s', (given, stored) => expect(normalized('mail', given)).toBe(stored));

  it.each([
    ...[
      'a@x, b@x',
      'a@x;b@x',
      'A <a@x.cn>',
      '<a@x.cn>',
      '"a b"@x.cn',
      '"a"@x.cn',
      'a@x.cn\r\nBcc: b@x.cn',
      'a\n@x.cn',
      'a@x\0.cn',
    ],
    ...[
      'a b@x.cn',
      'a@@x.cn',
      'a@b@x.cn',
      '@x.cn',
      'a@',
      'a',
      '',
      '.a@x.cn',
      'a.@x.cn',
      'a..b@x.cn',
      'a@-x.cn',
      'a@x-.cn',
      'a@x..cn',
      'a@.cn',
    ],
    ...[
      'a@[127.0.0.1]',
      'a@127.0.0.1',
      'a@1',
      'a@x.cn.',
      '(c)a@x.cn',
      `${'a'.repeat(65)}@x.cn`,
      `a@${'b'.repeat(64)}.cn`,
    ],
    ...[`a@${'b.'.repeat(126)}cn`, 'a@' + 'a.'.repeat(50_000), 'a'.repeat(100_000)],
  ])('refuses %j', (given) => expect(normalized('mail', given)).toBeNull());
});

describe('webhook addresses', () => {
  it.each([
    'http://xxx',
    'https://e.com/a?b=c#d',
    'http://127.0.0.1:8080/hook',
    'http://[::1]/',
    'HTTPS://E.com',
    'http://例子.中国/',
  ])('takes %s as it is', (url) => expect(normalized('webhook', url)).toBe(url));

  it.each([
    ...[
      '',
      'e.com',
      '//e.com',
      'ftp://e.com',
      'javascript:alert(1)',
      'http://',
      'http:///x',
      'http:e.com',
      'http://u@e.com',
      'http://u:p@e.com',
    ],
    ...[
      'http://@e.com/',
      'http://e.com/a b',
      'http://e.com\r\nHost: x',
      'java\tscript:x',
      'ht\ntp://e.com',
      'http:\\\\e.com',
      'http://e.com\0',
      'http://a%zz/',
    ],
    ...['http://1.2.3.4.5/', `http://e.com/${'a'.repeat(2048)}`, 'http://' + '@'.repeat(100_000)],
  ])('refuses %j', (url) => expect(normalized('webhook', url)).toBeNull());
});

describe('ids of vendors', () => {
  it('takes one printable id', () => {
    expect(normalized('wechat', 'oABC_-123')).toBe('oABC_-123');
    expect(normalized('wecom', '张三')).toBe('张三');
    expect(normalized('push', 'a:b'.repeat(100))).not.toBeNull();
  });

  it('refuses ids that a vendor reads as several people or everybody', () => {
    for (const address of ['a|b', '@all', '@ALL']) expect(normalized('wecom', address)).toBeNull();
    expect(normalized('dingtalk', 'a,b')).toBeNull();
  });

  it.each(['', 'a b', 'a\u3000b', 'a\u200bb', 'a\nb', 'a\0', '\ud800', 'x'.repeat(257)])('refuses %j', (address) => {
    for (const channel of ['wecom', 'dingtalk', 'wechat'] as const) expect(normalized(channel, address)).toBeNull();
  });
});

describe('user ids', () => {
  it.each(['f9b442e9270a44c185ad23680da98389', '张三', 'a b', 'x'.repeat(128), '__proto__', '😀'])('takes %j', (id) => {
    expect(isUserId(id)).toBe(true);
    expect(normalized('portal', id)).toBe(id);
  });

  it.each(['', ' ', 'x'.repeat(129), 'a\0', 'a\n', 'a\u007f', 'a\u0085', '\udc00x', 5, null, undefined, ['a']])(
    'refuses %j',
    (id) => expect(isUserId(id)).toBe(false),
  );
});

it('never repeats the address in the problem it names', () => {
  for (const channel of CHANNELS) {
    const check = checkAddress(channel, 'secret canary\n|,');
    expect(check.ok ? '' : check.problem).not.toBe('');
    expect(JSON.stringify(check)).not.toContain('canary');
  }
});

describe('an address that a provider names', () => {
  it('is known by the form in which it is kept, and left as it is where it has none', () => {
    expect(keptForm('sms', '+8613800138000')).toBe('13800138000');
    expect(keptForm('sms', '8613800138000')).toBe('13800138000');
    expect(keptForm('sms', '+14155552671')).toBe('+14155552671');
    expect(keptForm('sms', '10690000')).toBe('10690000');
  });
});
