import { describe, expect, it } from '@jest/globals';
import type { InboundRequest } from '../port/channel-provider.port.js';
import { isFromVendor, type CallbackSettings } from './callback-guard.js';

const TOKEN = 'callback-token-0123456789';
const request = (ip: string, query: Record<string, string> = {}): InboundRequest => ({
  method: 'POST',
  query,
  headers: {},
  body: Buffer.alloc(0),
  ip,
});

describe('a push of an SMS vendor', () => {
  it.each([
    [{ callbackToken: TOKEN }, request('198.51.100.1', { token: TOKEN }), true],
    [{ callbackToken: TOKEN }, request('198.51.100.1', { token: `${TOKEN}x` }), false],
    [{ callbackToken: TOKEN }, request('198.51.100.1', { token: '' }), false],
    [{ callbackToken: TOKEN }, request('198.51.100.1'), false],
    [{ callbackIps: ['203.0.113.0/24'] }, request('203.0.113.9'), true],
    [{ callbackIps: ['203.0.113.0/24'] }, request('::ffff:203.0.113.9'), true],
    [{ callbackIps: ['203.0.113.0/24'] }, request('203.0.114.9'), false],
    [{ callbackIps: ['203.0.113.0/24'] }, request('unknown'), false],
    [{ callbackToken: TOKEN, callbackIps: ['203.0.113.0/24'] }, request('203.0.113.9', { token: TOKEN }), true],
    [{ callbackToken: TOKEN, callbackIps: ['203.0.113.0/24'] }, request('203.0.113.9'), false],
    [{ callbackToken: TOKEN, callbackIps: ['203.0.113.0/24'] }, request('1.1.1.1', { token: TOKEN }), false],
    [{}, request('203.0.113.9', { token: '' }), false],
    [{ callbackIps: [] }, request('203.0.113.9'), false],
  ] as [CallbackSettings, InboundRequest, boolean][])('%j %j: %s', (settings, pushed, expected) => {
    expect(isFromVendor(settings, pushed)).toBe(expected);
  });
});
