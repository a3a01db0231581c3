import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import { openSmppCentre, type SmppCentre, type SmppCentreOptions } from '../../../../test/support/fakes/smpp-centre.js';
import { SMTP_CERTIFICATE, SMTP_PRIVATE_KEY } from '../../../../test/support/fakes/smtp-certificate.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import type { ChannelProvider } from '../port/channel-provider.port.js';
import { SmppFactory } from './smpp.factory.js';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function opening<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const centre = async (options?: SmppCentreOptions): Promise<SmppCentre> => opening(await openSmppCentre(options));

const connect = (port: number, settings: Record<string, unknown> = {}, inbox = new RecordingInbox()): ChannelProvider =>
  new SmppFactory(inbox).create({
    id: 'sms:acct-canary-1',
    channel: 'sms',
    provider: 'smpp',
    settings: { host: '127.0.0.1', port, systemId: 'center', password: 'secret', ...settings },
  });

const mobile = (n: number): string => `138${String(n).padStart(8, '0')}`;
const text = (words: string): { content: { text: string } } => ({ content: { text: words } });

describe('SMPP', () => {
  itIsAChannelProvider(async () => {
    const [refused, silent] = ['13900000001', '13900000002'];
    const password = 'pw-canar';
    const smsc = await openSmppCentre({
      password,
      answer: ({ to }) => (to.endsWith(silent) ? 'silent' : to.endsWith(refused) ? { status: 0x0b } : {}),
    });
    return {
      provider: connect(smsc.port, { password }),
      goodAddress: mobile,
      refusedAddress: refused,
      silentAddress: silent,
      unreachable: connect(await closedPort(), { password }),
      secrets: [password],
      accountId: 'acct-canary-1',
      received: () => JSON.stringify(smsc.submits),
      carriesRef: false,
      close: () => smsc.close(),
    };
  });

  it('sends a text of the GSM alphabet as it is, to the number in international form, and asks for a receipt', async () => {
    const smsc = await centre({ answer: () => ({ messageId: 'a1b2' }) });
    const provider = opening(connect(smsc.port, { sourceAddr: 'Center', sourceTon: 5 }));
    const outcomes = await provider.send([outbound('13800138000', text('Costs 5 € {net} @home'))], never);
    expect(outcomes).toEqual([{ class: 'ok', providerRef: 'a1b2' }]);
    expect(smsc.submits).toEqual([
      {
        to: '8613800138000',
        from: 'Center',
        text: 'Costs 5 € {net} @home',
        dataCoding: 0,
        registeredDelivery: 1,
        header: [],
        destTon: 1,
        sourceTon: 5,
      },
    ]);
  });

  it('sends a long text in Chinese in parts, with one reference, and asks for the receipt of the last', async () => {
    const smsc = await centre();
    const provider = opening(connect(smsc.port));
    const words = `${'统一消息中心'.repeat(11)}😀${'尾巴'.repeat(40)}`;
    const [outcome] = await provider.send([outbound('+4915112345678', text(words))], never);
    expect(outcome).toEqual({ class: 'ok', providerRef: 'id-2' });
    expect(smsc.submits.map((submit) => submit.text).join('')).toBe(words);
    expect(smsc.submits.map(({ to, dataCoding, registeredDelivery }) => [to, dataCoding, registeredDelivery])).toEqual([
      ['4915112345678', 8, 0],
      ['4915112345678', 8, 0],
      ['4915112345678', 8, 1],
    ]);
    const headers = smsc.submits.map(({ header }) => [...(header[0] ?? [])]);
    const reference = headers[0]?.[2];
    expect(headers).toEqual([1, 2, 3].map((number) => [0, 3, reference, 3, number]));
  });

  it('gives the parts of a repeated delivery the same reference', async () => {
    const smsc = await centre();
    const provider = opening(connect(smsc.port));
    const delivery = outbound(mobile(1), text('x'.repeat(161)));
    await provider.send([delivery], never);
    await provider.send([{ ...delivery, attempt: 2 }], never);
    const [first, , again] = smsc.submits;
    expect(again?.header).toEqual(first?.header);
  });

  it('stops at the part that is refused, and the delivery with it', async () => {
    const smsc = await centre({ answer: (_submit, n) => ({ status: n === 1 ? 0x0b : 0 }) });
    const provider = opening(connect(smsc.port));
    const [outcome] = await provider.send([outbound(mobile(1), text('字'.repeat(201)))], never);
    expect(outcome).toMatchObject({ class: 'bad_recipient', code: '0x0B' });
    expect(smsc.submits).toHaveLength(2);
  });

  it.each([
    ['a number that is none', '12', {}, 'bad_recipient', 'bad_address'],
    ['no words', mobile(1), text(''), 'bad_content', 'no_text'],
    ['more parts than are allowed', mobile(1), text('字'.repeat(671)), 'bad_content', 'too_long'],
  ])('refuses %s without asking the centre', async (_name, address, more, kind, code) => {
    const smsc = await centre();
    const provider = opening(connect(smsc.port));
    const outcomes = await provider.send([outbound(address, more)], never);
    expect(outcomes).toEqual([{ class: kind, code }]);
    expect(smsc.submits).toEqual([]);
  });

  it('keeps to the window, and fills it', async () => {
    let release: (() => void)[] = [];
    const smsc = await centre({
      answer: () => new Promise((resolve) => release.push(() => resolve({}))),
    });
    const provider = opening(connect(smsc.port, { window: 7 }));
    const sending = provider.send(
      Array.from({ length: 40 }, (_, i) => outbound(mobile(i))),
      never,
    );
    const pumping = setInterval(() => {
      if (release.length < Math.min(7, 40 - smsc.submits.length + release.length)) return;
      for (const go of release.splice(0)) go();
    }, 5);
    const outcomes = await sending;
    clearInterval(pumping);
    release = [];
    expect(outcomes.every((outcome) => outcome.class === 'ok')).toBe(true);
    expect(smsc.mostOutstanding()).toBe(7);
  });

  it('slows down when it is throttled: what was not written yet is not written for a moment', async () => {
    const smsc = await centre({ answer: (_submit, n) => ({ status: n < 2 ? 0 : 0x58 }) });
    const provider = opening(connect(smsc.port, { window: 4 }));
    const outcomes = await provider.send(
      Array.from({ length: 50 }, (_, i) => outbound(mobile(i))),
      never,
    );
    expect(outcomes.slice(0, 2).map((outcome) => outcome.class)).toEqual(['ok', 'ok']);
    for (const outcome of outcomes.slice(2)) expect(outcome).toMatchObject({ class: 'rate_limited', code: '0x58' });
    expect(outcomes[49]?.retryAfterMs).toBeGreaterThan(0);
    expect(smsc.submits.length).toBeLessThan(10);
  });

  it('says bad_config when the login is refused, and does not repeat it at once', async () => {
    const smsc = await centre({ password: 'other' });
    const provider = opening(connect(smsc.port));
    for (let i = 0; i < 3; i++) {
      const [outcome] = await provider.send([outbound(mobile(1))], never);
      expect(outcome).toMatchObject({ class: 'bad_config', code: '0x0E', words: 'bind refused: ESME_RINVPASWD' });
    }
    expect(smsc.commands.filter((command) => command === 'bind_transceiver')).toHaveLength(1);
  });

  it('binds and unbinds in order, and answers enquiries', async () => {
    const smsc = await centre();
    const provider = connect(smsc.port);
    const session = await smsc.session();
    await new Promise((resolve) => session.enquire_link(resolve));
    await provider.close();
    expect(smsc.commands).toEqual(['bind_transceiver', 'enquire_link_resp', 'unbind']);
  });

  it.each([
    ['trusted', { ca: SMTP_CERTIFICATE }, { class: 'ok' }],
    ['of nobody', {}, { class: 'retry', code: 'tls_failed' }],
  ])('speaks TLS with a centre whose certificate is %s', async (_name, settings, expected) => {
    const smsc = await centre({ tls: { key: SMTP_PRIVATE_KEY, cert: SMTP_CERTIFICATE } });
    const provider = opening(connect(smsc.port, { tls: true, ...settings }));
    const [outcome] = await provider.send([outbound(mobile(1))], never);
    expect(outcome).toMatchObject(expected);
  });
});
