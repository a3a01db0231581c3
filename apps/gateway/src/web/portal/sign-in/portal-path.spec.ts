import { describe, expect, it } from '@jest/globals';
import { portalPath } from './portal-path.js';

describe('portalPath', () => {
  it.each([
    ['/portal', '/portal'],
    ['/portal/m/AZjB?e=1&sig=x', '/portal/m/AZjB?e=1&sig=x'],
    ['/portal?state=open&q=%E5%BE%85', '/portal?state=open&q=%E5%BE%85'],
    ['/portal?q=待办', '/portal?q=%E5%BE%85%E5%8A%9E'],
    ['/portal#part', '/portal'],
  ])('goes on to %s', (given, path) => {
    expect(portalPath(given)).toBe(path);
  });

  it.each([
    ['another host', 'https://evil.example/portal'],
    ['another host without a scheme', '//evil.example/portal'],
    ['backslashes, which browsers take for slashes', '/\\evil.example/portal'],
    ['backslashes first', '\\\\evil.example/portal'],
    ['a script', 'javascript:alert(1)//portal'],
    ['data', 'data:text/html,/portal'],
    ['a way out of the portal', '/portal/../v1/users'],
    ['the same, encoded', '/portal/%2e%2e/docs'],
    ['a tab within the slashes', '/\t/evil.example/portal'],
    ['a line break', '/\n/evil.example/portal'],
    ['a name that only begins so', '/portals'],
    ['a user in front of another host', '//portal@evil.example/portal'],
    ['nothing', ''],
    ['no text', ['/portal']],
    ['what is too long', `/portal?q=${'x'.repeat(600)}`],
  ])('refuses %s', (_what, given) => {
    expect(portalPath(given)).toBeNull();
  });

  it('answers nothing that a header could not hold', () => {
    expect(portalPath('/portal\r\nset-cookie: a=b')).toBeNull();
    expect(portalPath('/portal?a=\r\nb')).toMatch(/^[\x21-\x7e]+$/);
  });
});
