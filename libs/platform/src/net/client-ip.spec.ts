import { describe, expect, it } from '@jest/globals';
import { clientIp, UNKNOWN_IP } from './client-ip.js';
import { IpRanges } from './ip-ranges.js';

const none = new IpRanges([]);
const proxies = new IpRanges(['10.0.0.0/8', 'fd00::/8']);
const CALLER = '203.0.113.9';
const FORGED = '127.0.0.1';

describe('clientIp', () => {
  it.each<[string, string | undefined, string | string[] | undefined, IpRanges, string]>([
    ['a direct caller', CALLER, undefined, proxies, CALLER],
    ['a direct caller who forges the header', CALLER, FORGED, proxies, CALLER],
    ['a direct caller who forges a chain of proxies', CALLER, `${FORGED}, 10.0.0.1`, proxies, CALLER],
    ['any header where no proxy is trusted', '10.0.0.1', CALLER, none, '10.0.0.1'],
    ['one proxy', '10.0.0.1', CALLER, proxies, CALLER],
    ['one proxy and a forged entry in front', '10.0.0.1', `${FORGED}, ${CALLER}`, proxies, CALLER],
    ['two proxies', '10.0.0.1', `${CALLER}, 10.0.0.2`, proxies, CALLER],
    ['two proxies and a forged entry in front', '10.0.0.1', `${FORGED}, ${CALLER}, 10.0.0.2`, proxies, CALLER],
    ['a forged proxy before the caller', '10.0.0.1', `10.0.0.9, ${CALLER}, 10.0.0.2`, proxies, CALLER],
    ['the header given several times', '10.0.0.1', [FORGED, `${CALLER}, 10.0.0.2`], proxies, CALLER],
    ['an IPv6 caller', 'fd00::1', '2606:4700::1', proxies, '2606:4700::1'],
    ['a peer written as IPv4 in IPv6', '::ffff:10.0.0.1', CALLER, proxies, CALLER],
    ['a caller written as IPv4 in IPv6', '10.0.0.1', `::ffff:${CALLER}`, proxies, CALLER],
    ['a direct caller written as IPv4 in IPv6', `::ffff:${CALLER}`, FORGED, proxies, CALLER],
    ['an entry with a port', '10.0.0.1', `${CALLER}:51234`, proxies, CALLER],
    ['an IPv6 entry in brackets', '10.0.0.1', '[2606:4700::1]', proxies, '2606:4700::1'],
    ['an IPv6 entry in brackets with a port', '10.0.0.1', '[2606:4700::1]:443', proxies, '2606:4700::1'],
    ['spaces and tabs', '10.0.0.1', `  ${FORGED} ,\t${CALLER}  `, proxies, CALLER],
    ['only proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', proxies, '10.0.0.3'],
    ['an empty header', '10.0.0.1', '', proxies, '10.0.0.1'],
    ['a socket that is gone', undefined, CALLER, proxies, UNKNOWN_IP],
    ['a peer that is no address', 'unix:', CALLER, proxies, UNKNOWN_IP],
  ])('%s', (_case, remote, header, trusted, expected) => {
    expect(clientIp(remote, header, trusted)).toBe(expected);
  });

  it.each([
    'garbage',
    'unknown',
    '_hidden',
    '127.1',
    '0x7f.1',
    '2130706433',
    '1.2.3.4.5',
    'a:1',
    'for=1.2.3.4',
    '',
    'fe80::1%eth0',
    '1.2.3.4:',
  ])('stops at the proxy that reported %p instead of an address', (entry) => {
    expect(clientIp('10.0.0.1', `${FORGED}, ${entry}`, proxies)).toBe('10.0.0.1');
    expect(clientIp('10.0.0.1', `${FORGED}, ${entry}, 10.0.0.2`, proxies)).toBe('10.0.0.2');
  });

  it('does not walk a header of thousands of proxies to its forged end', () => {
    const header = [FORGED, ...Array<string>(10_000).fill('10.0.0.2')].join(',');
    expect(clientIp('10.0.0.1', header, proxies)).toBe('10.0.0.2');
  });
});
