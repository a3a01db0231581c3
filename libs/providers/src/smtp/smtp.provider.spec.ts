import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closedPort, openSmtpScript, type SmtpScript } from '../../../../test/support/fakes/smtp-script.js';
import { SMTP_CERTIFICATE, SMTP_PRIVATE_KEY } from '../../../../test/support/fakes/smtp-certificate.js';
import { openSmtpMailbox, type SmtpMailbox } from '../../../../test/support/fakes/smtp-mailbox.js';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import type { ChannelProvider, Outcome } from '../port/channel-provider.port.js';
import { findBounceRef } from './bounce-address.js';
import { SmtpFactory } from './smtp.factory.js';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function opening<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const connect = (port: number, settings: Record<string, unknown> = {}, id = 'acct-canary-1'): ChannelProvider =>
  new SmtpFactory().create({
    id,
    channel: 'mail',
    provider: 'smtp',
    settings: { host: '127.0.0.1', port, from: 'notice@mc.test', ...settings },
  });

const mailbox = async (...options: Parameters<typeof openSmtpMailbox>): Promise<SmtpMailbox> =>
  opening(await openSmtpMailbox(...options));
const script = async (...replies: Parameters<typeof openSmtpScript>): Promise<SmtpScript> =>
  opening(await openSmtpScript(...replies));
const sendOne = async (provider: ChannelProvider, address = 'a@x.test'): Promise<Outcome | undefined> =>
  (await provider.send([outbound(address)], never))[0];

describe('SMTP', () => {
  itIsAChannelProvider(async () => {
    const secrets = ['pass-canary-77'];
    const box = await openSmtpMailbox({
      onAuth: (auth, _session, done) => done(null, { user: auth.username ?? '' }),
      onRcptTo: ({ address }, _session, done) => {
        if (address.startsWith('silent')) return;
        const words = `5.1.1 no such user, ${secrets.join(' ')} ${'x'.repeat(2000)}`;
        done(address.startsWith('refused') ? Object.assign(new Error(words), { responseCode: 550 }) : null);
      },
    });
    // The silence of the conformance suite comes after the body: before it nothing would be unknown.
    const silent = await openSmtpScript({ BODY_ENDED: 'hang' });
    const account = { user: 'u', pass: secrets[0] };
    const loud = connect(box.port, account);
    const quiet = connect(silent.port);
    const provider: ChannelProvider = {
      channel: 'mail',
      name: 'smtp',
      maxBatch: loud.maxBatch,
      isIdempotent: loud.isIdempotent,
      send: (batch, signal) => (batch[0]?.address.startsWith('silent') ? quiet : loud).send(batch, signal),
      close: async () => {
        await Promise.all([loud.close(), quiet.close()]);
      },
    };
    return {
      provider,
      goodAddress: (n) => `good${n}@x.test`,
      refusedAddress: 'refused@x.test',
      silentAddress: 'silent@x.test',
      unreachable: connect(await closedPort(), account),
      secrets,
      accountId: 'acct-canary-1',
      received: () => box.mails.map(({ raw }) => raw).join('\n'),
      close: async () => {
        await Promise.all([box.close(), silent.close()]);
      },
    };
  });

  it('sends text and HTML to one recipient, with a Message-ID made of the reference', async () => {
    const box = await mailbox();
    const provider = opening(connect(box.port, { fromName: '消息中心', replyTo: 'help@mc.test' }));
    const delivery = outbound('zhang@x.test', {
      ref: 'AbC-_1',
      name: '张三',
      content: { title: 'Hello', text: 'plain words', html: '<p>rich words</p>', url: 'https://e.com/?a=1&b="2' },
    });
    const [outcome] = await provider.send([delivery], never);
    expect(outcome).toMatchObject({ class: 'ok', code: '250', providerRef: 'AbC-_1' });
    expect(box.mails).toHaveLength(1);
    const [mail] = box.mails;
    expect(mail).toMatchObject({ from: 'notice@mc.test', to: ['zhang@x.test'] });
    expect(mail?.raw).toMatch(/^Message-ID: <AbC-_1@mc\.test>\r$/m);
    expect(mail?.raw).toMatch(/^X-Entity-Ref-ID: AbC-_1\r$/m);
    expect(mail?.raw).toMatch(/^Reply-To: help@mc\.test\r$/m);
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail?.raw).toContain('multipart/alternative');
    expect(mail?.raw).toContain('plain words');
    expect(mail?.raw).toContain('<p>rich words</p>');
    expect(mail?.raw.replaceAll('=\r\n', '').replaceAll('=3D', '=')).toContain(
      'href="https://e.com/?a=1&#38;b=&#34;2"',
    );
  });

  it('sends one envelope a recipient, over several connections at once but never more than it may', async () => {
    const box = await mailbox();
    const provider = opening(connect(box.port, { maxConnections: 3 }));
    const outcomes = await provider.send(
      Array.from({ length: 30 }, (_, i) => outbound(`u${i}@x.test`)),
      never,
    );
    expect(outcomes.every((outcome) => outcome.class === 'ok')).toBe(true);
    expect(box.mails.map(({ to }) => to.length)).toEqual(Array.from({ length: 30 }, () => 1));
    expect(new Set(box.mails.map(({ to }) => to[0])).size).toBe(30);
    expect(box.mostConnections()).toBe(3);
  });

  it.each(['title', 'name', 'source'])('keeps a line break in the %s from becoming a header', async (place) => {
    const box = await mailbox();
    const evil = 'x\r\nBcc: evil@x.test\r\n\r\nbody';
    const settings = place === 'fromName' ? { fromName: 'ok' } : {};
    const provider = opening(connect(box.port, settings));
    const more = place === 'title' ? { content: { title: evil, text: 't' } } : { [place]: evil };
    const [outcome] = await provider.send([outbound('a@x.test', more)], never);
    expect(outcome?.class).toBe('ok');
    expect(box.mails[0]?.to).toEqual(['a@x.test']);
    expect(box.mails[0]?.raw).not.toMatch(/^Bcc:/im);
  });

  it.each([
    'a@x.test, b@x.test',
    'a@x.test;b@x.test',
    'A <a@x.test>',
    'a@x.test\r\nRCPT TO:<b@x.test>',
    '"a b"@x.test',
    'a b@x.test',
    '',
  ])('refuses the address %j without asking the server', async (address) => {
    const box = await mailbox();
    const provider = opening(connect(box.port));
    await expect(sendOne(provider, address)).resolves.toMatchObject({ class: 'bad_recipient', code: 'bad_address' });
    expect(box.mails).toEqual([]);
  });

  it.each([
    ['421-4.3.2', 'retry'],
    ['450-4.2.0', 'retry'],
    ['451-4.7.1', 'retry'],
    ['550-5.1.1', 'bad_recipient'],
    ['553-5.1.2', 'bad_recipient'],
    ['550-5.7.1', 'bad_content'],
    ['d451-4.3.0', 'retry'],
    ['d552-5.2.3', 'bad_content'],
    ['d554-5.7.1', 'bad_content'],
  ])('classifies the live refusal %s as %s and goes on with the next mail', async (local, expected) => {
    const box = await mailbox();
    const provider = opening(connect(box.port, { maxConnections: 1 }));
    const outcomes = await provider.send([outbound(`${local}@x.test`), outbound('b@x.test')], never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual([expected, 'ok']);
    expect(outcomes[0]?.code).toBe(local.replace('d', '').replace('-', '_'));
  });

  it('says bad_config when the login is refused, without the password', async () => {
    const box = await mailbox({
      onAuth: (auth, _session, done) =>
        done(Object.assign(new Error(`no ${auth.password} here`), { responseCode: 535 })),
    });
    const outcome = await sendOne(opening(connect(box.port, { user: 'u', pass: 's3cret-canary' })));
    expect(outcome).toMatchObject({ class: 'bad_config', code: '535' });
    expect(JSON.stringify(outcome)).not.toContain('s3cret-canary');
  });

  it('says bad_config when the server wants a login and none is set', async () => {
    const box = await mailbox({ authOptional: false });
    await expect(sendOne(opening(connect(box.port)))).resolves.toMatchObject({ class: 'bad_config' });
  });

  it('does not send in clear when TLS is demanded', async () => {
    const box = await mailbox();
    const outcome = await sendOne(opening(connect(box.port, { requireTls: true })));
    expect(outcome?.class).not.toBe('ok');
    expect(box.mails).toEqual([]);
  });

  it.each([
    ['STARTTLS', { requireTls: true }, { disabledCommands: [] }],
    ['TLS from the start', { secure: true }, { secure: true }],
  ])('sends over %s to a server whose authority it is told to trust', async (_name, settings, options) => {
    const box = await mailbox({ ...options, key: SMTP_PRIVATE_KEY, cert: SMTP_CERTIFICATE });
    const provider = opening(connect(box.port, { ...settings, ca: SMTP_CERTIFICATE }));
    await expect(sendOne(provider)).resolves.toMatchObject({ class: 'ok' });
    expect(box.mails).toMatchObject([{ isSecure: true }]);
  });

  it('logs in with the account', async () => {
    const box = await mailbox({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('wrong')),
    });
    await sendOne(opening(connect(box.port, { user: 'robot', pass: 'right' })));
    expect(box.mails).toMatchObject([{ user: 'robot' }]);
  });

  it('signs with DKIM, and still knows whether a body was written', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const dkim = { dkimDomain: 'mc.test', dkimSelector: 's1', dkimPrivateKey: privateKey };
    const box = await mailbox();
    await sendOne(opening(connect(box.port, dkim)));
    expect(box.mails[0]?.raw).toMatch(/^DKIM-Signature: v=1; [^]*d=mc\.test;[^]*s=s1;/m);
    const early = await script({ RCPT: 'drop' });
    await expect(sendOne(opening(connect(early.port, dkim)))).resolves.toMatchObject({ class: 'retry' });
    const late = await script({ BODY_ENDED: 'drop' });
    await expect(sendOne(opening(connect(late.port, dkim)))).resolves.toMatchObject({ class: 'unknown_outcome' });
  });

  it('gives every mail a return path of its own, in which its bounce names it', async () => {
    const box = await mailbox();
    const provider = opening(connect(box.port, { bounceAddress: 'bounce@mc.test' }));
    await provider.send([outbound('a@x.test', { ref: 'AbC-_1' }), outbound('b@x.test', { ref: 'aBc-_1' })], never);
    const paths = Object.fromEntries(box.mails.map(({ to, from }) => [to[0], from]));
    expect(paths['a@x.test']).toBe('bounce+agyl572q@mc.test');
    expect(findBounceRef(paths['b@x.test'] ?? '', 'bounce@mc.test')).toBe('aBc-_1');
    for (const { raw } of box.mails) expect(raw).toMatch(/^From: notice@mc\.test\r$/m);
  });

  it.each([
    ['failure', 'FAILURE'],
    ['success_and_failure', 'SUCCESS,FAILURE'],
  ])('asks a server that offers reports for those of %s', async (dsn, notify) => {
    const server = await script({ EHLO: '250-script\r\n250 DSN' });
    await sendOne(opening(connect(server.port, { dsn })), 'a@x.test');
    expect(server.commands).toContainEqual(
      expect.stringMatching(/^MAIL FROM:<notice@mc\.test> RET=HDRS ENVID=conformance-ref-\d+$/),
    );
    expect(server.commands).toContain(`RCPT TO:<a@x.test> NOTIFY=${notify}`);
  });

  it.each([
    ['nobody asked for them', '250-script\r\n250 DSN', {}],
    ['the server does not offer them', '250 script', { dsn: 'success_and_failure' }],
  ])('asks for no reports where %s', async (_case, EHLO, settings) => {
    const server = await script({ EHLO });
    await sendOne(opening(connect(server.port, settings)), 'a@x.test');
    expect(server.commands).toEqual(expect.arrayContaining(['MAIL FROM:<notice@mc.test>', 'RCPT TO:<a@x.test>']));
  });

  it('sends over another connection when the server has closed an idle one', async () => {
    const server = await script({});
    const provider = opening(connect(server.port, { maxConnections: 1 }));
    await sendOne(provider);
    await server.dropConnections();
    await expect(sendOne(provider)).resolves.toMatchObject({ class: 'ok' });
    expect(server.bodies).toHaveLength(2);
  });

  it('does not trust a certificate of nobody', async () => {
    const box = await mailbox({ disabledCommands: [], key: SMTP_PRIVATE_KEY, cert: SMTP_CERTIFICATE });
    const outcome = await sendOne(opening(connect(box.port)));
    expect(outcome).toMatchObject({ class: 'retry', code: 'tls_failed' });
    expect(box.mails).toEqual([]);
  });

  describe('when the connection breaks', () => {
    it.each([
      ['CONNECT', 'retry'],
      ['EHLO', 'retry'],
      ['MAIL', 'retry'],
      ['RCPT', 'retry'],
      ['DATA', 'retry'],
      ['BODY_ENDED', 'unknown_outcome'],
    ] as const)('at %s it answers %s', async (point, expected) => {
      const server = await script({ [point]: 'drop' });
      const outcome = await sendOne(opening(connect(server.port)));
      expect(outcome?.class).toBe(expected);
    });

    it('in the middle of a long body it answers retry, for the server cannot have taken it', async () => {
      const server = await script({ BODY_STARTED: 'drop' });
      const provider = opening(connect(server.port));
      const content = { title: 't', text: 'x'.repeat(20_000_000) };
      const [outcome] = await provider.send([outbound('a@x.test', { content })], never);
      expect(outcome?.class).toBe('retry');
    });

    it('after the body it never sends a second time by itself', async () => {
      const server = await script({ BODY_ENDED: 'drop' });
      await sendOne(opening(connect(server.port)));
      expect(server.bodies).toHaveLength(1);
      expect(server.connections()).toBe(1);
    });
  });

  it.each([
    ['CONNECT', 'retry'],
    ['RCPT', 'retry'],
    ['BODY_ENDED', 'unknown_outcome'],
  ] as const)('gives up on a server silent at %s after its own deadline', async (point, expected) => {
    const server = await script({ [point]: 'hang' });
    const outcome = await sendOne(opening(connect(server.port, { timeoutMs: 1000 })));
    expect(outcome).toMatchObject({ class: expected, code: 'timeout' });
  });

  describe('F36: the server', () => {
    const replies = ['421 4.3.2 closing', '450 4.2.0 later', '550 5.1.1 no such user'] as const;
    const points = ['MAIL', 'RCPT', 'DATA', 'BODY_ENDED'] as const;
    const classes = {
      '421 4.3.2 closing': ['retry', 'retry', 'retry', 'retry'],
      '450 4.2.0 later': ['retry', 'retry', 'retry', 'retry'],
      '550 5.1.1 no such user': ['bad_config', 'bad_recipient', 'bad_recipient', 'bad_recipient'],
    } as const;
    const cases = replies.flatMap((reply) => points.map((point, i) => [reply, point, classes[reply][i]] as const));

    it.each(cases)('says %s at %s: %s, and the mail goes out once', async (reply, point, expected) => {
      const server = await script({ [point]: reply });
      const outcome = await sendOne(opening(connect(server.port)));
      expect(outcome?.class).toBe(expected);
      expect(outcome?.code).toBe(reply.slice(0, 9).replace(' ', '_'));
      expect(outcome?.providerRef).toBeUndefined();
      expect(server.bodies).toHaveLength(point === 'BODY_ENDED' ? 1 : 0);
    });

    it.each([
      ['after DATA, before it said 354', 'DATA', 'retry', 0],
      ['after the dot', 'BODY_ENDED', 'unknown_outcome', 1],
    ] as const)('goes away %s', async (_case, point, expected, bodies) => {
      const server = await script({ [point]: 'drop' });
      const delivery = outbound('a@x.test');
      const [outcome] = await opening(connect(server.port)).send([delivery], never);
      expect(outcome?.class).toBe(expected);
      // What may have been taken may bounce: the bounce must find its delivery.
      expect(outcome?.providerRef).toBe(expected === 'unknown_outcome' ? delivery.ref : undefined);
      expect(server.bodies).toHaveLength(bodies);
    });
  });

  it('retries when the server is shutting down or greets with a refusal for now', async () => {
    const server = await script({ CONNECT: '421 4.3.2 closing' });
    await expect(sendOne(opening(connect(server.port)))).resolves.toMatchObject({ class: 'retry' });
  });

  it('survives a server that answers nonsense', async () => {
    const server = await script({ EHLO: '\u0000\u0001garbage', MAIL: 'xxx' });
    const outcome = await sendOne(opening(connect(server.port, { timeoutMs: 1000 })));
    expect(outcome?.class).toMatch(/^(retry|bad_config)$/);
  });
});
