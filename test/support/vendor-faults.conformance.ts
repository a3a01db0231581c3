import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChannelProvider, Outcome } from '../../libs/providers/src/port/channel-provider.port.js';
import { outbound } from './channel-provider.conformance.js';
import { MisbehavingVendor, type Fault, type VendorManners, type VendorRequest } from './fakes/misbehaving-vendor.js';

/** An HTTP adapter, and what its vendor says when all is well. */
export interface FaultSubject {
  /** The adapter in front of this base URL, with a deadline of 1.5 s: a slow machine must not take a fault for silence. */
  connect(baseUrl: string): ChannelProvider;
  /** The vendor's ordinary answer to any request. */
  healthy(request: VendorRequest): object;
  /** True for the request that hands a message over. */
  isSend(request: VendorRequest): boolean;
  /** True for a request for an access token, where the vendor has such. */
  isToken?(request: VendorRequest): boolean;
  address: string;
  /** Where its vendor does not simply answer 200 over HTTP/1.1. */
  manners?(): VendorManners;
  /** Its vendor wants calls repeated after any 5xx. */
  repeatsOn5xx?: true;
  /** Where an answer means something else to it, by its code. */
  instead?: Readonly<Record<string, Partial<Outcome>>>;
}

const page = { 'content-type': 'text/html' };

/** What HTTP can do to a request that was read, and what is then known of the message. */
const FAULTS: readonly (readonly [string, Fault, Partial<Outcome>])[] = [
  ['stays silent', { kind: 'silence' }, { class: 'unknown_outcome', code: 'timeout' }],
  ['drips its answer', { kind: 'drip' }, { class: 'unknown_outcome', code: 'timeout' }],
  ['resets the connection', { kind: 'reset' }, { class: 'unknown_outcome', code: 'broken_answer' }],
  ['breaks off its JSON', { kind: 'truncated' }, { class: 'unknown_outcome', code: 'broken_answer' }],
  ['answers without end', { kind: 'huge' }, { class: 'unknown_outcome', code: 'broken_answer' }],
  [
    'answers 200 with an error page',
    { kind: 'status', status: 200, headers: page, body: '<h1>Error</h1>' },
    { class: 'unknown_outcome', code: 'broken_answer' },
  ],
  ['answers 500', { kind: 'status', status: 500, body: 'oops' }, { class: 'retry', code: 'http_500' }],
  [
    'answers 503 with a time',
    { kind: 'status', status: 503, headers: { 'retry-after': '9' } },
    { class: 'rate_limited', code: 'http_503', retryAfterMs: 9000 },
  ],
  ['answers 429', { kind: 'status', status: 429 }, { class: 'rate_limited', code: 'http_429' }],
  [
    'answers 429 with a time',
    { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    { class: 'rate_limited', code: 'http_429', retryAfterMs: 7000 },
  ],
  [
    'redirects',
    { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { class: 'bad_config', code: 'http_302' },
  ],
  [
    'has nothing at that address',
    { kind: 'status', status: 404, headers: page, body: '<h1>404</h1>' },
    { class: 'bad_config', code: 'http_404' },
  ],
];

/** Who stands in front of the vendor lost the request or its answer, or an error broke off: it may have been taken. */
const GATEWAY_FAULTS: readonly (readonly [string, Fault, string])[] = [
  ...[408, 502, 504].map(
    (status) =>
      [
        `has a front that answers ${status}`,
        { kind: 'status', status, headers: page, body: '<h1>' },
        `http_${status}`,
      ] as const,
  ),
  [
    'has a front that answers 504 in JSON',
    { kind: 'status', status: 504, headers: { 'content-type': 'application/json' }, body: '{"message":"timeout"}' },
    'http_504',
  ],
  ['breaks off while it answers 500', { kind: 'broken_off', status: 500 }, 'broken_answer'],
];

/** Without a token nothing was sent, whatever became of the request for it. */
const TOKEN_FAULTS: readonly (readonly [string, Fault, Outcome['class']])[] = [
  ['stays silent', { kind: 'silence' }, 'retry'],
  ['resets the connection', { kind: 'reset' }, 'retry'],
  ['breaks off its JSON', { kind: 'truncated' }, 'retry'],
  ['answers 500', { kind: 'status', status: 500 }, 'retry'],
  ['has a front that answers 504', { kind: 'status', status: 504 }, 'retry'],
  ['answers 429', { kind: 'status', status: 429 }, 'rate_limited'],
];

const never = new AbortController().signal;

/** F30–F34: every adapter that speaks HTTP, in front of a vendor that does not behave. */
export function itSurvivesVendorFaults(subject: FaultSubject): void {
  describe('in front of a vendor that', () => {
    let vendor: MisbehavingVendor;
    let provider: ChannelProvider;
    beforeEach(async () => {
      vendor = await MisbehavingVendor.open((request) => subject.healthy(request), subject.manners?.());
      provider = subject.connect(vendor.baseUrl);
    });
    afterEach(async () => {
      await provider.close();
      await vendor.close();
    });
    const sendOne = async (): Promise<Outcome | undefined> =>
      (await provider.send([outbound(subject.address)], never))[0];
    const sends = (): VendorRequest[] => vendor.requests.filter((request) => subject.isSend(request));

    it.each(FAULTS)('%s', async (_title, fault, expected) => {
      vendor.affected = (request) => subject.isSend(request);
      vendor.play(fault);
      const outcome = await sendOne();
      expect(outcome).toMatchObject({ ...expected, ...subject.instead?.[expected.code ?? ''] });
      if (expected.retryAfterMs === undefined) expect(outcome).not.toHaveProperty('retryAfterMs');
      expect(sends()).toHaveLength(1);
    });

    it.each(GATEWAY_FAULTS)('%s', async (_title, fault, code) => {
      vendor.affected = (request) => subject.isSend(request);
      vendor.play(fault);
      expect(await sendOne()).toMatchObject({ class: subject.repeatsOn5xx ? 'retry' : 'unknown_outcome', code });
      expect(sends()).toHaveLength(1);
    });

    it('recovers after a burst of errors', async () => {
      vendor.affected = (request) => subject.isSend(request);
      vendor.play(...Array.from({ length: 3 }, (): Fault => ({ kind: 'status', status: 503 })));
      const classes: unknown[] = [];
      for (let i = 0; i < 4; i++) classes.push((await sendOne())?.class);
      expect(classes).toEqual(['retry', 'retry', 'retry', 'ok']);
    });

    if (subject.isToken) {
      const isToken = subject.isToken.bind(subject);
      it.each(TOKEN_FAULTS)('%s when asked for a token', async (_title, fault, expected) => {
        vendor.affected = isToken;
        vendor.play(fault);
        expect((await sendOne())?.class).toBe(expected);
        expect(sends()).toHaveLength(0);
        expect((await sendOne())?.class).toBe('ok');
      });
    }
  });
}
