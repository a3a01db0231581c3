import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayApp, type Answer, type GatewayApp, type Method } from '../support/gateway-app.js';
import { rawStatus } from '../support/raw-request.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());

/** What the doors differ in; times and ids aside. */
const formOf = ({ status, headers, body, text }: Answer): object => ({
  status,
  type: headers['content-type'],
  cache: headers['cache-control'],
  answer: body === undefined ? text : { ...body, requestId: undefined },
});

describe('a path whose escapes are no UTF-8', () => {
  it('is answered as problem details by the native door', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const answer = await gateway.admin(method, '/v1/users/%zz');
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', requestId: expect.any(String) } });
    }
  });

  it.each<[Method, string, string]>([
    ['GET', '/v1/users/%zz', '/v1/nothing'],
    ['POST', '/v1/messages/%ff/cancel', '/v1/nothing'],
    ['GET', '/v1/users/%e4%b8?limit=1', '/v1/nothing'],
    ['POST', '/msg/%zz', '/msg/nothing'],
    ['POST', '/app/message/%zz', '/app/message/nothing'],
    ['POST', '/message/%zz', '/message/nothing'],
    ['GET', '/api/message/user/%zz', '/api/message/user/nothing'],
    ['GET', '/psp/push/%zz', '/psp/nothing'],
    ['POST', '/channel/%zz', '/channel/nothing'],
    ['GET', '/conversations/%ff', '/conversations/nothing'],
    ['GET', '/%zz', '/nothing'],
    ['GET', '/%zz/v1', '/nothing'],
    ['GET', '/v1%zz/users', '/nothing'],
  ])('is to %s %s what %s is', async (method, path, unknown) => {
    const answer = await gateway.call(method, path);
    expect(formOf(answer)).toEqual(formOf(await gateway.call(method, unknown)));
    expect(answer.text).not.toMatch(/FST_ERR|%|not-decodable/);
  });

  it('is a page to people', async () => {
    const answer = await gateway.call('GET', '/portal/m/%zz');
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  });

  it('is a matter of the path: the query says what it says', async () => {
    expect((await gateway.admin('GET', '/v1/users?cursor=%zz')).body).toMatchObject({ errors: [{ field: 'cursor' }] });
  });
});

it.each(['/psp/push/task/', '/portal/m/', '/portal/assets/', '/v1/users/', '/v1/templates/'])(
  'answers a parameter of %s that is too long for any id in the form of its door',
  async (path) => {
    const short = await gateway.admin('GET', `${path}nobody`);
    const long = await gateway.admin('GET', path + 'x'.repeat(1500));
    expect([long.status, long.headers['content-type']]).toEqual([short.status, short.headers['content-type']]);
  },
);

describe('a target that names a host, too', () => {
  it.each(['/portal', '/portal/sign-in', '/v1/nothing', '/psp/push/%zz', '/nothing'])(
    'is to %s what the path alone is',
    async (path) => {
      const { status } = await gateway.call('GET', path);
      for (const host of ['http://any', 'HTTPS://127.0.0.1:1', 'http://[', 'http://%zz'])
        expect([host, await rawStatus(gateway.port, host + path)]).toEqual([host, status]);
    },
  );

  it.each([
    '//',
    '//[',
    '//[/portal',
    '/\\[/portal',
    'http://',
    'http://[',
    'http://[?lang=en',
    'ftp://any/portal',
    '*',
  ])('is unknown where it is none: %s', async (target) => {
    expect(await rawStatus(gateway.port, target)).toBe(404);
  });
});
