import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { InboundRequest, ProviderAccount } from '../port/channel-provider.port.js';
import { SmtpFactory } from './smtp.factory.js';

const TOKEN = 'token-canary-0123456789';
const account = (settings: Record<string, unknown> = {}): ProviderAccount => ({
  id: 'relay',
  channel: 'mail',
  provider: 'smtp',
  settings: {
    host: 'mx.example.com',
    from: 'notice@example.com',
    bounceAddress: 'bounce@example.com',
    callbackToken: TOKEN,
    ...settings,
  },
});
const bounce = readFileSync(new URL('fixtures/postfix-user-unknown.eml', import.meta.url));
const request = (more: Partial<InboundRequest> = {}): InboundRequest => ({
  method: 'POST',
  query: { token: TOKEN },
  headers: { 'content-type': 'message/rfc822' },
  body: bounce,
  ip: '192.0.2.1',
  ...more,
});
const receive = (r: InboundRequest, a = account()): ReturnType<SmtpFactory['receive']> =>
  new SmtpFactory().receive(a, r);

describe('intake of bounces', () => {
  it('takes a raw mail with the right token, whatever its content type', () => {
    for (const type of ['message/rfc822', 'application/x-www-form-urlencoded', 'text/plain']) {
      const answer = receive(request({ headers: { 'content-type': type } }));
      expect(answer).toMatchObject({ status: 200, news: { receipts: [{ status: 'failed', isAddressDead: true }] } });
    }
  });

  it.each([
    ['a wrong token', { token: `${TOKEN}x` }],
    ['the beginning of the token', { token: TOKEN.slice(0, -1) }],
    ['an empty token', { token: '' }],
    ['no token', {}],
  ])('answers 403 with no news to %s', (_name, query) => {
    expect(receive(request({ query: query as Record<string, string> }))).toMatchObject({ status: 403, news: {} });
  });

  it('answers 403 to everybody while no token is set', () => {
    const { callbackToken: _none, ...settings } = account().settings;
    for (const query of [{ token: TOKEN }, { token: '' }, { token: 'undefined' }]) {
      expect(receive(request({ query }), { ...account(), settings })).toMatchObject({ status: 403, news: {} });
    }
  });

  it('answers 405 to a request without a mail', () => {
    expect(receive(request({ method: 'GET', body: Buffer.alloc(0) }))).toMatchObject({ status: 405, news: {} });
  });

  it('takes what says nothing, so that the mail server does not send it back', () => {
    for (const body of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(100_000, 0xff)])
      expect(receive(request({ body }))).toMatchObject({ status: 200, news: {} });
  });

  it('keeps the token out of its answer', () => {
    const answers = [receive(request()), receive(request({ query: {} }))];
    expect(JSON.stringify(answers)).not.toContain('canary');
    expect(new SmtpFactory().secretSettings).toContain('callbackToken');
  });
});
