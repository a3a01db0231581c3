import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Method } from '../support/gateway-app.js';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

interface Content {
  schema: { $ref?: string };
  example?: unknown;
  examples?: Record<string, { value: object }>;
}

let mc: MessagesFixture;
let shop: string;
let paths: Record<string, Record<string, { requestBody: { content: Record<string, Content> } }>>;

beforeAll(async () => {
  mc = await messagesFixture();
  shop = await mc.addApp('shop');
  paths = (await mc.call('GET', '/docs-json')).body.paths;
  // What the examples name.
  for (const userId of ['u-1001', 'u-1002'])
    await mc.addUser(userId, { sms: '13800000001', mail: `${userId}@example.com` });
  await mc.admin('PUT', '/v1/org-units/sales', { name: 'Sales' });
  await mc.rows(`INSERT INTO tag (app_id, name) VALUES ('shop', 'vip')`);
  await mc.admin('PUT', '/v1/templates/invoice-due', {
    name: 'Invoice is due',
    params: ['name', 'amount'],
    content: { portal: { title: 'Invoice', text: 'Dear {{name}}, {{amount}} is due.' } },
  });
});
afterAll(() => mc.close());

const contentOf = (method: string, path: string, type = 'application/json'): Content =>
  paths[path]?.[method]?.requestBody.content[type] ?? { schema: {} };

describe('named examples of the documentation', () => {
  it.each<[Method, string, number, 'admin' | 'app']>([
    ['POST', '/v1/messages', 202, 'app'],
    ['POST', '/v1/messages/dry-run', 200, 'app'],
    ['POST', '/v1/relay/identities', 201, 'admin'],
  ])('of %s %s work as they are', async (method, path, status, caller) => {
    const { schema, examples = {} } = contentOf(method.toLowerCase(), path);
    expect(schema.$ref).toMatch(/Dto$/);
    expect(Object.keys(examples).length).toBeGreaterThanOrEqual(2);
    for (const [name, { value }] of Object.entries(examples)) {
      const answer = await mc.call(method, path, { token: caller === 'app' ? shop : mc.adminToken, body: value });
      expect([name, answer.status, answer.body?.detail]).toEqual([name, status, undefined]);
    }
  });

  it('of many relay identities work as they are', async () => {
    const type = 'application/x-ndjson';
    const { example } = contentOf('post', '/v1/relay/identities', type);
    const answer = await mc.call('POST', '/v1/relay/identities', {
      token: mc.adminToken,
      body: String(example),
      headers: { 'content-type': type },
    });
    const lines = answer.text.trim().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      ['line', 'token', 'md5Id'],
      ['line', 'token', 'md5Id'],
    ]);
  });
});
