import { describe, expect, it } from '@jest/globals';
import { UNKNOWN_IP } from './client-ip.js';
import { IpAllowlist } from './ip-allowlist.js';
import { foldIp, IpRanges, isIpRange } from './ip-ranges.js';

describe('IpAllowlist', () => {
  it('allows any address when it is empty', () => {
    expect(new IpAllowlist([]).allows('203.0.113.9')).toBe(true);
    expect(new IpAllowlist([]).allows(UNKNOWN_IP)).toBe(true);
  });

  it.each<[string, string[], string[]]>([
    ['192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207'], ['192.0.2.6', '192.0.2.8', '::192.0.2.7']],
    ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
    ['192.0.2.129/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127']],
    ['0.0.0.0/0', ['8.8.8.8', '255.255.255.255'], ['::1', '2606:4700::1']],
    ['::/0', ['::1', '2606:4700::1'], ['8.8.8.8']],
    ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff::1'], ['2001:db7:ffff::1', '2001:db9::']],
    ['::ffff:192.0.2.0/120', ['192.0.2.200', '::ffff:192.0.2.1'], ['192.0.3.1']],
    ['192.0.2.7/32', ['192.0.2.7'], ['192.0.2.8']],
  ])('%s', (entry, inside, outside) => {
    const list = new IpAllowlist(['198.51.100.1', entry]);
    for (const ip of inside) expect([ip, list.allows(ip)]).toEqual([ip, true]);
    for (const ip of outside) expect([ip, list.allows(ip)]).toEqual([ip, false]);
  });

  it.each([UNKNOWN_IP, '', 'garbage', '192.0.2', '0xc0.0.2.7', '3221225991', '192.0.2.7 ', '192.0.2.7:80'])(
    'does not allow %p, which is no address',
    (ip) => {
      expect(new IpAllowlist(['0.0.0.0/0', '::/0']).allows(ip)).toBe(false);
    },
  );

  it.each([
    '',
    'true',
    '1',
    'x',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    '::1/129',
    '::ffff:10.0.0.0/95',
    'a/8',
  ])('refuses the entry %p', (entry) => {
    expect(isIpRange(entry)).toBe(false);
    expect(() => new IpAllowlist([entry])).toThrow(expect.objectContaining({ code: 'IP_RANGE', kind: 'invalid' }));
  });
});

describe('IpRanges', () => {
  it('holds nothing when it is empty', () => {
    expect(new IpRanges([]).has('127.0.0.1')).toBe(false);
  });
});

describe('foldIp', () => {
  it('writes an address in one form', () => {
    expect(foldIp('::ffff:7f00:1')).toBe('127.0.0.1');
    expect(foldIp('2001:DB8:0:0::1')).toBe('2001:db8::1');
    expect(foldIp('localhost')).toBeNull();
  });
});
