import {
  BlockedAddressError,
  GuardedHttp,
  OutgoingAnswerError,
  OutgoingConnectError,
  OutgoingRequestError,
  OutgoingTimeoutError,
} from '#platform';
import { expect, it } from '@jest/globals';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { failureCode } from './failure-code.js';

it.each([
  [new BlockedAddressError('the address is not public'), 'blocked_address'],
  [new OutgoingRequestError(new Error('line break')), 'invalid_request'],
  [new OutgoingTimeoutError(true, 1000), 'timeout'],
  [new OutgoingConnectError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })), 'connection_refused'],
  [new OutgoingConnectError(new Error('no')), 'connection_failed'],
  [new OutgoingAnswerError('broken', 200), 'broken_answer'],
])('names what happened: %s', (error, code) => expect(failureCode(error, false)).toBe(code));

it.each([
  ['a base URL that is not opened', 'http://127.0.0.1:9', {}, 'blocked_address'],
  ['a header with a line break', 'http://vendor.test', { authorization: 'a\r\nb' }, 'invalid_request'],
])('an operator reads what is wrong with %s', async (_title, baseUrl, headers, code) => {
  const http = new GuardedHttp({ allow: [] });
  const answer = await new VendorApi(http, baseUrl, 1000, []).call({ method: 'POST', path: '/', headers });
  await http.close();
  expect(answer).toMatchObject({ outcome: { class: 'bad_config', code } });
});
