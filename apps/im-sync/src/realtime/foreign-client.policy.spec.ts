import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { isForeignClient } from './foreign-client.policy.js';

const ALLOWED = ['https://chat.example.com'];
const here = '127.0.0.1:5200';

describe('a client', () => {
  it.each<[string, IncomingHttpHeaders]>([
    ['that is no browser', { host: here }],
    ['in a page of this machine', { host: here, origin: 'http://localhost:8080' }],
    ['in a page of this machine by its other name', { host: 'localhost:5200', origin: 'http://[::1]:3000' }],
    ['in a page that was allowed', { host: here, origin: 'https://chat.example.com' }],
  ])('%s is let in', (_, headers) => {
    expect(isForeignClient(headers, ALLOWED)).toBe(false);
  });

  it.each<[string, IncomingHttpHeaders]>([
    ['in a page of somebody else', { host: here, origin: 'http://evil.example' }],
    ['in a page with a name that only begins well', { host: here, origin: 'http://localhost.evil.example' }],
    ['in a page without an origin of its own', { host: here, origin: 'null' }],
    ['of another site, whose browser hides its origin', { host: here, 'sec-fetch-site': 'cross-site' }],
    ['that was told a foreign name is this machine', { host: 'evil.example:5200', origin: 'http://evil.example:5200' }],
    ['that was told so, in a page that was allowed', { host: 'evil.example', origin: 'https://chat.example.com' }],
    ['that names no host', {}],
  ])('%s is not', (_, headers) => {
    expect(isForeignClient(headers, ALLOWED)).toBe(true);
  });
});
