import { describe, expect, it } from '@jest/globals';
import { pathAndQuery, pathOf } from './request-target.js';

describe('pathAndQuery', () => {
  it.each([
    ['/a/b?c=d', '/a/b?c=d'],
    ['//', '//'],
    ['//h/a', '//h/a'],
    ['*', '*'],
    ['http://h:80/a?b=http://c/d', '/a?b=http://c/d'],
    ['HTTPS://u:p@h/a', '/a'],
    ['http://h', '/'],
    ['http://h?a', '/?a'],
    ['http://[', '/'],
    ['http://[/a', '/a'],
    ['ftp://h/a', 'ftp://h/a'],
  ])('%s is %s', (target, expected) => {
    expect(pathAndQuery(target)).toBe(expected);
  });
});

it('the path ends where the query begins', () => {
  expect(['/a', '/a?b?c#d', 'http://h/a?b', 'http://h?b', '//?'].map(pathOf)).toEqual(['/a', '/a', '/a', '/', '//']);
});
