import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shopFixture, type Shop } from './native-messages.fixture.js';

let mc: Shop;
let shop: Shop['shop'];
beforeAll(async () => {
  mc = await shopFixture();
  ({ shop } = mc);
});
afterAll(() => mc.close());

const message = (content: unknown): object => ({ to: { users: ['u1'] }, content });
const CALLS = ['/v1/messages', '/v1/messages/dry-run'];

describe.each(['url', 'pcUrl', 'iconUrl'])('%s of a message', (field) => {
  it.each([
    'javascript:alert(1)',
    '//evil.example',
    'http://a.example/\r\nX: 1',
    'data:x',
    '/orders/1',
    'ftp://a.example',
    'https://u:p@a.example',
    'http:\\\\a.example',
  ])('is refused where it is %j', async (link) => {
    for (const path of CALLS) {
      await expect(shop('POST', path, message({ text: 'x', [field]: link }))).resolves.toMatchObject({
        status: 400,
        body: {
          errors: [{ field: `content.${field}`, detail: expect.stringMatching(`^${field} is no link: the URL `) }],
        },
      });
    }
  });

  it('may be any http or https URL, or empty', async () => {
    for (const link of ['http://localhost:8080/x?y=1#z', 'https://例子.example/订单', '']) {
      const answer = await shop('POST', '/v1/messages', message({ text: 'x', [field]: link }));
      expect(answer).toMatchObject({ status: 202 });
    }
  });
});

describe('a link of a template', () => {
  it('is refused where it can never be one', async () => {
    const content = { portal: { text: 'x', url: 'javascript:1' } };
    await expect(mc.admin('PUT', '/v1/templates/t', { name: 't', params: [], content })).resolves.toMatchObject({
      status: 400,
      body: { errors: [{ field: 'content.portal.url' }] },
    });
  });

  it('is left to its rendering where a placeholder decides', async () => {
    const content = { portal: { text: 'x', url: '{{link}}' } };
    const template = { name: 't', params: ['link'], content };
    await expect(mc.admin('PUT', '/v1/templates/t', template)).resolves.toMatchObject({ status: 200 });
    const rendered = await shop('POST', '/v1/messages/dry-run', {
      to: { users: ['u1'] },
      template: { code: 't', params: { link: 'javascript:1' } },
    });
    expect(rendered.body.items).toMatchObject([{ deliveries: [{ skipped: 'bad_link' }] }]);
  });
});
