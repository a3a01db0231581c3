import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());

describe('problem details', () => {
  it('answers an unknown path under /v1', async () => {
    const answer = await gateway.call('GET', '/v1/nothing', { headers: { 'x-request-id': 'request-0001' } });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status: 404, code: 'not_found', requestId: 'request-0001' });
  });
  it.each([
    ['malformed JSON', '{"appId":', 'body_not_json'],
    ['an array', '[]', 'body_not_object'],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'body_not_utf8'],
    ['too deep JSON', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 'body_too_deep'],
    ['wrong types', { appId: 1, appPassword: ['x'] }, 'invalid_request'],
    ['unknown fields', { appId: 'a', appPassword: 'b', isAdmin: true }, 'invalid_request'],
    ['text the database cannot hold', { appId: 'a\0', appPassword: 'b' }, 'invalid_request'],
  ])('refuses %s', async (_, body, code) => {
    const answer = await gateway.call('POST', '/v1/token', { body });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });
  it('refuses a body over the limit', async () => {
    const answer = await gateway.call('POST', '/v1/token', { body: { appId: 'x'.repeat(1024 * 1024), appPassword: 'x' } });
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
  });
});
