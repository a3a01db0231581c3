import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayApp, type Answer, type GatewayApp, type Method } from '../support/gateway-app.js';

type Route = [method: Method, path: string, operation: Operation];
interface Operation {
  tags: string[];
  security?: Record<string, unknown>[];
  requestBody?: unknown;
}

const SECRET = 'c4n4ry of the owner';
const CONTENT = { title: SECRET, text: SECRET };
const DEVICE = { userId: 'u1', platform: 'android', provider: 'mqtt' };
/** What calls with a body need in it to be understood. */
const BODIES: Record<string, object> = {
  'PUT /v1/devices/{deviceToken}': DEVICE,
  'PUT /v1/templates/{code}': { name: 'of the thief', params: [], content: { portal: { text: 'thief' } } },
  'POST /v1/messages/{id}/todo': { state: 'done' },
};

/** A device belongs to one app: another that registers it is told so. */
const TAKEN = 'PUT /v1/devices/{deviceToken}';

let gateway: GatewayApp;
let routes: Route[];
let owner: { appId: string; token: string };
let thief: { token: string };
/** An object of the owner for each parameter of a path. */
let owned: Record<string, string>;

beforeAll(async () => {
  gateway = await gatewayApp();
  const { paths } = (await gateway.call('GET', '/docs-json')).body as {
    paths: Record<string, Record<string, Operation>>;
  };
  routes = Object.entries(paths)
    .filter(([path]) => path.includes('{'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): Route => [method.toUpperCase() as Method, path, operation]),
    );
  const fields = { channels: ['portal', 'push'] };
  owner = await gateway.clientApp({ ...fields, name: SECRET });
  thief = await gateway.clientApp(fields);
  await gateway.admin('PUT', '/v1/users/u1', { name: SECRET });
  const make = async (method: Method, url: string, body: object): Promise<Answer> => {
    const answer = await gateway.call(method, url, { token: owner.token, body });
    expect([url, answer.status < 300]).toEqual([url, true]);
    return answer;
  };
  const message = {
    to: { users: ['u1'] },
    channels: { mode: 'list', list: ['portal'] },
    kind: 'todo',
    content: CONTENT,
  };
  const { id } = (await make('POST', '/v1/messages', message)).body as { id: string };
  await make('PUT', '/v1/templates/private', { name: SECRET, params: [], content: { portal: CONTENT } });
  await make('PUT', '/v1/devices/phone-1', DEVICE);
  owned = { id, code: 'private', deviceToken: 'phone-1', userId: 'u1', appId: owner.appId };
});
afterAll(() => gateway.close());

const isFor = (caller: string) => (route: Route) => !!route[2].security?.some((one) => caller in one);
const named = ([method, path]: Route): string => `${method} ${path}`;
const unknownOf: Record<string, string> = { id: randomUUID() };

/** As the thief. */
const call = ([method, path, { requestBody }]: Route, ids: Record<string, string>): Promise<Answer> =>
  gateway.call(
    method,
    path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'x'),
    { token: thief.token, ...(requestBody === undefined ? {} : { body: BODIES[`${method} ${path}`] ?? {} }) },
  );

/** Without what differs from call to call. */
const said = ({ status, body }: Answer): unknown => {
  const text = JSON.stringify(body ?? null, (name, value: unknown) => (name === 'requestId' ? '' : value));
  return [status, text.replace(/"\d{4}-\d\d-\d\dT[^"]+"/g, '""').replace(/"(private|phone-1|x)"/g, '""')];
};

/** All that the owner has, as he sees it. */
const belongings = (): Promise<unknown[]> =>
  Promise.all(
    [
      `/v1/messages/${owned['id']}`,
      `/v1/messages/${owned['id']}/deliveries`,
      '/v1/templates/private',
      '/v1/devices/phone-1',
    ]
      .map((url) => gateway.call('GET', url, { token: owner.token }))
      .map((answer) => answer.then(said)),
  );

describe('an id of another app’s', () => {
  it('is no id: every route of the documentation answers as for what is not there, and leaves it as it was', async () => {
    const before = await belongings();
    // What the thief would make of his own under the same id comes last.
    const open = routes.filter(isFor('client-app')).sort(([a], [b]) => Number(a === 'PUT') - Number(b === 'PUT'));
    expect(open.map(([, path]) => path)).toEqual(
      expect.arrayContaining(['/v1/messages/{id}', '/v1/templates/{code}', '/v1/devices/{deviceToken}']),
    );
    for (const route of open) {
      for (const [, name] of route[1].matchAll(/\{(\w+)\}/g))
        expect([named(route), name! in owned]).toEqual([named(route), true]);
      const foreign = await call(route, owned);
      if (named(route) === TAKEN) expect(foreign.status).toBe(409);
      else expect([named(route), said(foreign)]).toEqual([named(route), said(await call(route, unknownOf))]);
      expect([named(route), foreign.status]).not.toEqual([named(route), 400]);
      expect(foreign.text).not.toContain('c4n4ry');
    }
    expect(await belongings()).toEqual(before);
  });

  it('opens nothing of what is the administrator’s', async () => {
    const closed = routes.filter((route) => isFor('admin')(route) && !isFor('client-app')(route));
    expect(closed.length).toBeGreaterThan(20);
    for (const route of closed) expect([named(route), (await call(route, owned)).status]).toEqual([named(route), 403]);
  });

  it('stands in no other path: where a route has neither, this spec or another has to know it', () => {
    expect(routes.filter((route) => !isFor('admin')(route) && !isFor('client-app')(route)).map(named)).toEqual([
      'GET /v1/receipts/{channel}/{account}',
      'POST /v1/receipts/{channel}/{account}',
      'GET /psp/push/task/{task_id}',
    ]);
  });
});
