import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../broker/messaging/eventually.js';
import { outbound } from '../support/channel-provider.conformance.js';
import { openPostfix, postfixIsMissing, type Postfix } from '../support/fakes/smtp-postfix.js';
import { openSmtpMailbox, type SmtpMailbox } from '../support/fakes/smtp-mailbox.js';
import type {
  ChannelProvider,
  InboundRequest,
  ProviderAccount,
  ProviderReceipt,
} from '../../libs/providers/src/port/channel-provider.port.js';
import { SmtpFactory } from '../../libs/providers/src/smtp/smtp.factory.js';

const missing = postfixIsMissing();
const TOKEN = 'postfix-callback-token';

(missing === null ? describe : describe.skip)(`bounces made by ${missing ?? 'Postfix'}`, () => {
  const receipts: ProviderReceipt[] = [];
  const mails: string[] = [];
  let refusals = 0;
  let intake: Server;
  let remote: SmtpMailbox;
  let postfix: Postfix;
  let account: ProviderAccount;
  let provider: ChannelProvider;

  beforeAll(async () => {
    intake = createServer((request, response) => {
      void buffer(request).then((body) => {
        const url = new URL(request.url ?? '', 'http://127.0.0.1');
        if (refusals > 0) {
          refusals--;
          return response.writeHead(503).end();
        }
        const inbound: InboundRequest = {
          method: request.method as 'POST',
          query: Object.fromEntries(url.searchParams),
          headers: {},
          body,
          ip: '127.0.0.1',
        };
        const answer = new SmtpFactory().receive(account, inbound);
        mails.push(body.toString('latin1'));
        receipts.push(...(answer.news.receipts ?? []));
        return response.writeHead(answer.status).end(answer.body);
      });
    });
    await once(intake.listen(0, '127.0.0.1'), 'listening');
    remote = await openSmtpMailbox();
    const intakePort = (intake.address() as AddressInfo).port;
    postfix = await openPostfix({
      intakeUrl: `http://127.0.0.1:${intakePort}/v1/receipts/mail/relay?token=${TOKEN}`,
      relayPort: remote.port,
    });
    const settings = {
      host: '127.0.0.1',
      port: postfix.port,
      from: 'notice@mc.test',
      bounceAddress: 'bounce@mc.test',
      callbackToken: TOKEN,
      dsn: 'success_and_failure',
    };
    account = { id: 'relay', channel: 'mail', provider: 'smtp', settings };
    provider = new SmtpFactory().create(account);
  });

  afterAll(async () => {
    await provider.close();
    postfix.close();
    await remote.close();
    intake.close();
  });

  const send = async (address: string, through = provider): Promise<string> => {
    const delivery = outbound(address);
    const outcomes = await through.send([delivery], new AbortController().signal);
    expect(outcomes).toMatchObject([{ class: 'ok', providerRef: delivery.ref }]);
    return delivery.ref;
  };
  const receiptOf = async (ref: string): Promise<ProviderReceipt | undefined> => {
    const find = (): ProviderReceipt | undefined => receipts.find(({ providerRef }) => providerRef === ref);
    return eventually(find, (receipt) => receipt !== undefined, 40_000);
  };

  it('a mail that it delivers is reported as delivered', async () => {
    const ref = await send('good@mc.test');
    await expect(receiptOf(ref)).resolves.toMatchObject({ status: 'delivered', code: '2.0.0' });
    expect(postfix.delivered().filter((mail) => mail.includes(`<${ref}@mc.test>`))).toHaveLength(1);
  });

  it('a mailbox that does not exist is a dead address', async () => {
    const ref = await send('nobody-here@mc.test');
    await expect(receiptOf(ref)).resolves.toMatchObject({ status: 'failed', code: '5.1.1', isAddressDead: true });
  });

  it.each([
    ['550-5.1.1@far.test', '5.1.1', true],
    ['552-5.2.2@far.test', '5.2.2', undefined],
    ['d554-5.7.1@far.test', '5.7.1', undefined],
  ])('a refusal of the next server to %s comes back as %s', async (address, code, isDead) => {
    const ref = await send(address);
    const receipt = await receiptOf(ref);
    expect(receipt).toMatchObject({ status: 'failed', code, words: expect.stringContaining('refused on purpose') });
    expect(receipt?.isAddressDead).toBe(isDead);
  });

  it('a mail that waits is no failure, until it is given up', async () => {
    const { dsn: _default, ...settings } = account.settings;
    const plain = new SmtpFactory().create({ ...account, settings });
    const ref = await send('450-4.2.0@far.test', plain);
    await plain.close();
    await expect(receiptOf(ref)).resolves.toMatchObject({ status: 'failed', code: '4.2.0' });
    const actions = mails.filter((mail) => mail.includes(ref)).map((mail) => /^Action: (\w+)/m.exec(mail)?.[1]);
    expect(actions).toEqual(['delayed', 'failed']);
  });

  it('bounces wait in the queue while the center is not there', async () => {
    refusals = 2;
    const ref = await send('nobody-else@mc.test');
    await expect(receiptOf(ref)).resolves.toMatchObject({ status: 'failed' });
    expect(refusals).toBe(0);
  });
});
