import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { randomWebhookSecret } from './random.js';
import { signStandardWebhook } from './standard-webhook.js';

const secret = randomWebhookSecret();
const body = JSON.stringify({ type: 'delivery.status', data: { items: [{ ref_no: '引用' }] } });
const nowS = () => Math.floor(Date.now() / 1000);
const headers = (signature: string, id = 'cb_1', timestampS = nowS()) => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestampS),
  'webhook-signature': signature,
});

describe('signStandardWebhook', () => {
  it('is accepted by an independent verifier', () => {
    const signature = signStandardWebhook([secret], 'cb_1', nowS(), body);
    expect(new Webhook(secret).verify(body, headers(signature))).toEqual(JSON.parse(body));
    const ofBytes = signStandardWebhook([secret], 'cb_1', nowS(), Buffer.from(body));
    expect(new Webhook(secret).verify(body, headers(ofBytes))).toEqual(JSON.parse(body));
  });

  it('matches the test vector of the specification', () => {
    const signed = signStandardWebhook(
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    expect(signed).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('carries one signature per secret, so that a receiver may rotate', () => {
    const next = randomWebhookSecret();
    const signature = signStandardWebhook([next, secret], 'cb_1', nowS(), body);
    expect(signature.split(' ')).toHaveLength(2);
    for (const known of [secret, next]) expect(() => new Webhook(known).verify(body, headers(signature))).not.toThrow();
    expect(() => new Webhook(randomWebhookSecret()).verify(body, headers(signature))).toThrow();
  });

  it('covers id, time and every byte of the body', () => {
    const signature = signStandardWebhook([secret], 'cb_1', nowS(), body);
    expect(() => new Webhook(secret).verify(`${body} `, headers(signature))).toThrow();
    expect(() => new Webhook(secret).verify(body, headers(signature, 'cb_2'))).toThrow();
    expect(() => new Webhook(secret).verify(body, headers(signature, 'cb_1', nowS() - 5))).toThrow();
  });

  it('is refused by the verifier after five minutes', () => {
    const old = nowS() - 301;
    const signature = signStandardWebhook([secret], 'cb_1', old, body);
    expect(() => new Webhook(secret).verify(body, headers(signature, 'cb_1', old))).toThrow(/too old/);
  });

  it('refuses to sign without a usable secret or with an ambiguous id', () => {
    expect(() => signStandardWebhook([], 'cb_1', 1, body)).toThrow(expect.objectContaining({ kind: 'bug' }));
    expect(() => signStandardWebhook([secret], 'cb.1', 1, body)).toThrow(expect.objectContaining({ kind: 'bug' }));
    expect(() => signStandardWebhook(['whsec_'], 'cb_1', 1, body)).toThrow(
      expect.objectContaining({ kind: 'permanent' }),
    );
  });
});
