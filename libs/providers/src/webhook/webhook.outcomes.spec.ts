import { describe, expect, it } from '@jest/globals';
import { BlockedAddressError } from '#platform';
import { readRetryAfter } from '../outcome/retry-after.js';
import { outcomeOfFailure, outcomeOfStatus } from './webhook.outcomes.js';

const now = Date.parse('2026-03-04T05:06:07Z');
const answer = (status: number, headers: Record<string, string> = {}, body = ''): ReturnType<typeof outcomeOfStatus> =>
  outcomeOfStatus({ status, headers, body: Buffer.from(body) }, now, []);

describe('outcome of a webhook’s answer', () => {
  it.each([200, 201, 202, 204, 299])('%i proves delivery', (status) => {
    expect(answer(status)).toEqual({ class: 'ok', code: `http_${status}`, proves: 'delivered' });
  });

  it.each([
    [[301, 302, 303, 307, 308, 304], 'bad_recipient'],
    [[401, 403, 404, 405, 406, 409, 410, 418, 451], 'bad_recipient'],
    [[400, 413, 415, 422], 'bad_content'],
    [[408, 425, 429, 500, 501, 502, 503, 504, 599], 'retry'],
  ])('%j are %s', (statuses, expected) => {
    for (const status of statuses) expect(answer(status)).toMatchObject({ class: expected, code: `http_${status}` });
  });

  it.each([301, 401, 403, 404, 405, 451])('%i may be mended: the URL stays in use', (status) =>
    expect(answer(status).isAddressKept).toBe(true),
  );

  it('410 says that the URL is gone for good', () => expect(answer(410)).not.toHaveProperty('isAddressKept'));

  it('waits as long as the receiver asks', () => {
    expect(answer(429, { 'retry-after': '60' })).toMatchObject({ class: 'rate_limited', retryAfterMs: 60_000 });
    expect(answer(503, { 'retry-after': 'Wed, 04 Mar 2026 05:07:07 GMT' })).toMatchObject({
      class: 'rate_limited',
      retryAfterMs: 60_000,
    });
    expect(answer(500, { 'retry-after': '60' })).toMatchObject({ class: 'retry', retryAfterMs: 60_000 });
    expect(answer(404, { 'retry-after': '60' })).not.toHaveProperty('retryAfterMs');
  });

  it('bounds and cleans what the receiver says', () => {
    expect(answer(500, {}, 'a\r\nb\u0000' + 'x'.repeat(5000)).words).toMatch(/^a b x{400,}$/);
    expect(answer(500, {}, 'x'.repeat(5000)).words).toHaveLength(500);
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 5 ', 5000],
    ['99999999', 24 * 3600 * 1000],
    ['Wed, 04 Mar 2026 05:06:00 GMT', 0],
    ['Thu, 05 Mar 2099 05:06:00 GMT', 24 * 3600 * 1000],
    [undefined, undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Wed, nonsense', undefined],
    ['9'.repeat(100_000), undefined],
  ])('%j is %j ms', (value, ms) => expect(readRetryAfter(value, now)).toBe(ms));
});

it('keeps a URL whose address is blocked here: the setting may be what is wrong', () => {
  const outcome = outcomeOfFailure(new BlockedAddressError('the address is not public'), false, now);
  expect(outcome).toMatchObject({ class: 'bad_recipient', code: 'blocked_address', isAddressKept: true });
});

it('rethrows what is no failure of the outgoing call', () => {
  const bug = new TypeError('bug');
  expect(() => outcomeOfFailure(bug, false, now)).toThrow(bug);
});
