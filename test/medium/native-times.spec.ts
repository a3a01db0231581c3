import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shopFixture, type Shop } from './native-messages.fixture.js';

let mc: Shop;
let shop: Shop['shop'];
beforeAll(async () => {
  mc = await shopFixture();
  ({ shop } = mc);
});
afterAll(() => mc.close());

const refusalOf = (field: string): object => ({
  status: 400,
  body: { errors: [{ field, detail: expect.stringMatching(new RegExp(`^${field} must be a time in ISO 8601`)) }] },
});

describe.each(['2027-02-30T10:00:00Z', '0000-01-01T00:00:00Z', '2026-03-01T00:00:00+20:00'])('the time %s', (time) => {
  it.each(['sendAt', 'expiresAt'])('is refused as the %s of a message', async (field) => {
    const message = { to: { users: ['u1'] }, content: { text: 'x' }, [field]: time };
    await expect(shop('POST', '/v1/messages', message)).resolves.toMatchObject(refusalOf(field));
    await expect(shop('POST', '/v1/messages/dry-run', message)).resolves.toMatchObject(refusalOf(field));
  });

  it.each([
    ['/v1/messages', 'from'],
    ['/v1/messages', 'to'],
    ['/v1/reports/summary', 'from'],
    ['/v1/reports/summary', 'to'],
  ])('is refused by %s as %s', async (path, field) => {
    await expect(mc.admin('GET', `${path}?${field}=${encodeURIComponent(time)}`)).resolves.toMatchObject(
      refusalOf(field),
    );
  });

  it('is refused by an export', async () => {
    const answer = await mc.admin('GET', `/v1/reports/export?from=${encodeURIComponent(time)}&to=2026-03-02T00:00:00Z`);
    expect(answer).toMatchObject(refusalOf('from'));
  });

  it('is refused by a replay', async () => {
    const answer = await mc.admin('POST', '/v1/dead-letters/replay', { filter: { before: time } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'filter.before' }] } });
  });
});

it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00'])(
  'every call takes %s, which lies at an end of time',
  async (time) => {
    await expect(mc.admin('GET', `/v1/messages?from=${time}`)).resolves.toMatchObject({ status: 200 });
    await expect(mc.admin('GET', `/v1/messages?to=${time}`)).resolves.toMatchObject({ status: 200 });
    await expect(mc.admin('GET', `/v1/reports/summary?to=${time}`)).resolves.toMatchObject({ status: 200 });
    await expect(mc.admin('POST', '/v1/dead-letters/replay', { filter: { before: time } })).resolves.toMatchObject({
      status: 202,
    });
    const message = { to: { users: ['u1'] }, content: { text: 'x' }, expiresAt: time };
    await expect(shop('POST', '/v1/messages', message)).resolves.toMatchObject({ status: time < '2' ? 400 : 202 });
  },
);
