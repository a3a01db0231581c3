import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Method } from '../support/gateway-app.js';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  nullable?: boolean;
  example?: unknown;
}
type Body = Record<string, unknown>;
interface Operation {
  route: string;
  schema: Schema;
}
interface Null {
  route: string;
  /** As a problem names it. */
  field: string;
  isNullable: boolean;
  /** The same call with and without the null. */
  withNull: Body;
  without: Body;
}

/** Bodies that work where the required fields alone do not; the others are built of the examples of required fields. */
const BODIES: Record<string, Body> = {
  'PUT /v1/channels/{channel}': { enabled: true },
  'PUT /v1/org-units/{code}': { name: 'Unit' },
  'POST /v1/public-accounts': { name: 'a', provider: 'sandbox' },
  'PUT /v1/public-accounts/{publicId}': { name: 'a', provider: 'sandbox' },
  'POST /v1/messages': { to: { users: ['u-1'] }, content: { text: 'x' } },
  'POST /v1/messages/dry-run': { to: { users: ['u-1'] }, content: { text: 'x' } },
  'POST /v1/sensitive-words': { words: ['quux'] },
};
/** The same of what bodies hold. */
const PARTS: Record<string, Body> = {
  'PUT /v1/channels/{channel} providers': { id: 'a', provider: 'sandbox' },
};
const PATHS: Record<string, string> = {
  channel: 'sms',
  appId: 'patched',
  deviceToken: 'device-1',
  code: 'code-1',
  publicId: 'public-1',
  templateId: 'template-1',
  userId: 'u-1',
};
const OF_CLIENT_APPS = /^\/v1\/(?:messages|portal-sessions)/;

let mc: MessagesFixture;
let token: string;
let schemas: Record<string, Schema>;
let nulls: Null[];

beforeAll(async () => {
  mc = await messagesFixture();
  token = await mc.addApp('shop', { features: ['user-list'] });
  await mc.addApp('patched');
  for (const userId of ['u-1', 'u-1001']) await mc.addUser(userId, { sms: '13800000001' });
  await mc.admin('PUT', '/v1/public-accounts/public-1', { name: 'a', provider: 'sandbox' });
  const document = (await mc.call('GET', '/docs-json')).body;
  schemas = document.components.schemas;
  nulls = operationsOf(document.paths).flatMap(nullsOf);
});
afterAll(() => mc.close());

/** Every operation of this door that takes one JSON object. */
function operationsOf(
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>,
): Operation[] {
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) => {
        const schema = requestBody?.content['application/json']?.schema;
        return schema?.$ref ? [{ route: `${method.toUpperCase()} ${path}`, schema: resolved(schema) }] : [];
      }),
    );
}

function resolved(schema: Schema): Schema {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return ref ? (schemas[ref.split('/').at(-1) ?? ''] ?? {}) : schema;
}

const isOptional = (schema: Schema, name: string): boolean => !schema.required?.includes(name);

function minimal(schema: Schema): Body {
  const required = Object.entries(schema.properties ?? {}).filter(([name]) => !isOptional(schema, name));
  return Object.fromEntries(
    required.map(([name, inner]) => [name, resolved(inner).properties ? minimal(resolved(inner)) : inner.example]),
  );
}

function nullsOf({ route, schema }: Operation): Null[] {
  const base = BODIES[route] ?? minimal(schema);
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]): Null[] => {
    const { [name]: _left, ...rest } = base;
    const own: Null[] = isOptional(schema, name)
      ? [
          {
            route,
            field: name,
            isNullable: inner.nullable === true,
            withNull: { ...base, [name]: null },
            without: rest,
          },
        ]
      : [];
    return [...own, ...nestedNulls(route, base, name, inner)];
  });
}

/** Of the objects that a body holds, and of the objects in its lists. */
function nestedNulls(route: string, base: Body, name: string, inner: Schema): Null[] {
  const isList = inner.items?.$ref !== undefined;
  const part = resolved(inner.items ?? inner);
  if (!part.properties) return [];
  const given = (base[name] as Body | undefined) ?? PARTS[`${route} ${name}`] ?? minimal(part);
  return Object.entries(part.properties)
    .filter(([field]) => isOptional(part, field))
    .map(([field, { nullable }]) => {
      const { [field]: _left, ...rest } = given;
      const put = (value: Body): Body => ({ ...base, [name]: isList ? [value] : value });
      return {
        route,
        field: isList ? `${name}[0].${field}` : `${name}.${field}`,
        isNullable: nullable === true,
        withNull: put({ ...given, [field]: null }),
        without: put(rest),
      };
    });
}

function call(route: string, body: Body): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => PATHS[name] ?? randomUUID());
  return mc.call(method as Method, url, { token: OF_CLIENT_APPS.test(path) ? token : mc.adminToken, body });
}

describe('null in a field that may be left out', () => {
  it('is found in the documentation', () => {
    expect(nulls.length).toBeGreaterThan(80);
    expect(nulls.map(({ route, field }) => `${route} ${field}`)).toEqual(
      expect.arrayContaining([
        'PATCH /v1/client-apps/{appId} description',
        'POST /v1/messages content.title',
        'PUT /v1/channels/{channel} providers[0].weight',
      ]),
    );
  });

  it('means that it is left out, or is refused by its name', async () => {
    const wrong: unknown[] = [];
    for (const { route, field, isNullable, withNull, without } of nulls) {
      const expected = isNullable ? null : await call(route, without);
      const { status, body } = await call(route, withNull);
      const isNamed = status === 400 && body.errors?.some((error: { field: string }) => error.field === field);
      const isAsLeftOut = expected
        ? status === expected.status && JSON.stringify(body?.errors) === JSON.stringify(expected.body?.errors)
        : status < 400;
      if (!isNamed && !isAsLeftOut) wrong.push({ route, field, status, body });
    }
    expect(wrong).toEqual([]);
  });

  it.each(['description', 'ipAllowlist', 'features'])(
    'is refused as the %s of a client app, where it might mean "as it is" or "none"',
    async (field) => {
      const refusal = { status: 400, body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) } };
      await expect(mc.admin('PATCH', '/v1/client-apps/patched', { [field]: null })).resolves.toMatchObject(refusal);
      const app = { name: 'a', channels: [], [field]: null };
      await expect(mc.admin('POST', '/v1/client-apps', app)).resolves.toMatchObject(refusal);
    },
  );

  it('leaves the rights of a public account and the allow-list of words alone', async () => {
    await expect(
      mc.admin('PUT', '/v1/public-accounts/public-2', { name: 'a', provider: 'sandbox', clientApps: null }),
    ).resolves.toMatchObject({ status: 200, body: { clientApps: [] } });
    await expect(mc.admin('POST', '/v1/sensitive-words', { words: ['quux'], allowed: null })).resolves.toMatchObject({
      status: 200,
      body: { allowed: [] },
    });
  });
});

describe('a list in the place of an object', () => {
  it.each(['to', 'channels', 'content', 'template'])('is refused as %s of a message', async (field) => {
    const answer = await call('POST /v1/messages', { to: { users: ['u-1'] }, content: { text: 'x' }, [field]: [] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, detail: `${field} must be an object` }] } });
  });

  it('is no filter that lets the whole desk through', async () => {
    const answer = await call('POST /v1/dead-letters/replay', { filter: [{ channel: 'sms' }] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'filter' }] } });
  });
});
