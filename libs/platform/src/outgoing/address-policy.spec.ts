import { describe, expect, it } from '@jest/globals';
import { AddressPolicy, REASONS } from './address-policy.js';

const policy = new AddressPolicy([]);
const opened = new AddressPolicy(['127.0.0.0/8', '::1/128', '10.1.2.3']);

/** One address of every block that is not public. */
const BLOCKED_ADDRESSES = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.254',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
  ],
  ...[
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.0.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.19.255.255',
  ],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
  ],
  ...[
    '64:ff9b:1::7f00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
  ],
  ...['ff02::1', 'ff0e::1', '::7f00:1', '::a00:1', '4000::1'],
];
const PUBLIC_ADDRESSES = [
  '1.1.1.1',
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '192.0.1.1',
];
const inUrl = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);

describe('AddressPolicy', () => {
  it.each(BLOCKED_ADDRESSES)('refuses the address %s, resolved or literal', (ip) => {
    expect(policy.addressProblem(ip, true)).toBe(REASONS.address);
    expect(policy.urlProblem(`http://${inUrl(ip)}/hook`)).toBe(REASONS.address);
    expect(policy.urlProblem(`https://${inUrl(ip)}:8443/hook`)).toBe(REASONS.address);
  });

  it.each([...PUBLIC_ADDRESSES, '2606:4700::1111', '::ffff:8.8.8.8'])('permits the public address %s', (ip) => {
    expect(policy.addressProblem(ip, true)).toBeNull();
    expect(policy.urlProblem(`http://${inUrl(ip)}/hook`)).toBeNull();
  });

  it.each([
    ...[
      '2130706433',
      '017700000001',
      '0x7f000001',
      '0x7f.1',
      '127.1',
      '127.0.1',
      '0177.0.0.1',
      '0',
      '0x0',
      '127.0.0.1.',
    ],
    ...[
      '１２７.０.０.１',
      '127。0。0。1',
      '①②⑦.0.0.1',
      '%31%32%37.0.0.1',
      '3232235521',
      '0xA9FEA9FE',
      '[::ffff:7f00:1]',
      '[0:0:0:0:0:0:0:1]',
    ],
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'localhost..',
      'ⓛocalhost',
      'app.localhost',
      'localhost.localdomain',
      'ip6-localhost',
    ],
  ])('refuses this machine spelled as %s', (host) => {
    const problem = policy.urlProblem(`http://${host}/`);
    expect([REASONS.address, REASONS.notUrl]).toContain(problem);
  });

  it.each([
    ['http://user@example.com/', REASONS.credentials],
    ['http://:password@example.com/', REASONS.credentials],
    ['http://example.com@127.0.0.1/', REASONS.credentials],
    ['http://127.0.0.1\\@example.com/', REASONS.address],
    ['ftp://example.com/', REASONS.scheme],
    ['file:///etc/passwd', REASONS.notUrl],
    ['gopher://example.com/', REASONS.scheme],
    ['javascript:alert(1)', REASONS.notUrl],
    ['data:text/plain,x', REASONS.notUrl],
    ['//example.com/', REASONS.notUrl],
    ['example.com', REASONS.notUrl],
    ['http://', REASONS.notUrl],
    ['http://[fe80::1%25eth0]/', REASONS.notUrl],
    ['http://exa mple.com/', REASONS.notUrl],
    ['', REASONS.notUrl],
  ])('refuses %s', (url, reason) => {
    expect(policy.urlProblem(url)).toBe(reason);
  });

  it.each([22, 23, 25, 53, 135, 139, 445, 465, 587, 3306, 5432, 5672, 6379, 11211, 0])('refuses port %i', (port) => {
    expect(policy.urlProblem(`http://8.8.8.8:${port}/`)).toBe(REASONS.port);
    expect(policy.urlProblem(`http://example.com:${port}/`)).toBe(REASONS.port);
  });

  it.each([
    'http://xxx',
    'http://xxx/callback?a=b',
    'https://hooks.example.com:8443/x',
    'http://example.com:80',
    'http://localhost.example.com/',
  ])('lets the name in %s pass until its addresses are known', (url) => {
    expect(policy.urlProblem(url)).toBeNull();
  });

  it('permits what the operator opened, on any port and by its local names', () => {
    expect(opened.urlProblem('http://127.0.0.1:5432/')).toBeNull();
    expect(opened.urlProblem('http://2130706433:6379/')).toBeNull();
    expect(opened.urlProblem('http://[::1]:25/')).toBeNull();
    expect(opened.urlProblem('http://localhost:8080/')).toBeNull();
    expect(opened.addressProblem('::ffff:10.1.2.3', false)).toBeNull();
  });

  it('opens nothing besides', () => {
    expect(opened.urlProblem('http://10.1.2.4/')).toBe(REASONS.address);
    expect(opened.urlProblem('http://8.8.8.8:25/')).toBe(REASONS.port);
    expect(opened.addressProblem('8.8.8.8', false)).toBe(REASONS.port);
    expect(new AddressPolicy(['10.0.0.0/8']).urlProblem('http://localhost/')).toBe(REASONS.address);
  });
});
