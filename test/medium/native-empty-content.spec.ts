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

describe('a message that shows nothing', () => {
  it.each([
    {},
    { text: '' },
    { text: null },
    { text: '', title: '', html: '' },
    { html: '<script>1</script>' },
    { html: '<style>p{}</style>' },
    { url: 'https://a.example' },
  ])('is refused by its content: %j', async (content) => {
    for (const path of CALLS) {
      await expect(shop('POST', path, message(content))).resolves.toMatchObject({
        status: 400,
        body: {
          code: 'invalid_request',
          errors: [{ field: 'content', detail: expect.stringMatching(/^content is empty: give a text/) }],
        },
      });
    }
  });

  it('is refused as a list, too', async () => {
    const answer = await shop('POST', '/v1/messages', message([]));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'content' }] } });
  });

  it('is refused as a to-do alike', async () => {
    const answer = await shop('POST', '/v1/messages', { ...message({}), kind: 'todo' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'content' }] } });
  });

  it.each([{ title: 'x' }, { summary: 'x' }, { html: '<p>x</p>' }])('is not meant by %j', async (content) => {
    await expect(shop('POST', '/v1/messages', message(content))).resolves.toMatchObject({ status: 202 });
  });

  it('is told apart from one that no channel can carry', async () => {
    const deaf = mc.as(await mc.addApp('deaf', { channels: [] }));
    const answer = await deaf('POST', '/v1/messages', message({ text: 'x' }));
    expect(answer).toMatchObject({ status: 403, body: { code: 'channel_closed' } });
  });
});
