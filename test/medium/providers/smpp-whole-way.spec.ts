import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PDU } from 'smpp';
import { openSmppCentre, type SmppCentre, type SmppCentreOptions } from '../../support/fakes/smpp-centre.js';
import { openSmppWire } from '../../support/fakes/smpp-wire.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

const NUMBER = '13800138001';
const PASSWORD = 'pw-of-us';
const RECEIPT = 0x04;

let mc: WholeCenter;
const opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  mc = await wholeCenter();
  await mc.person('li', { sms: NUMBER });
});
afterEach(async () => {
  await mc.setUp('sms');
  for (const one of opened.splice(0)) await one.close();
  // The next centre gives its messages the same ids.
  await mc.rows(emptying('uplink, sent_number, provider_ref, receipt'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

async function centre(options: SmppCentreOptions = {}): Promise<SmppCentre> {
  const smsc = await openSmppCentre({ systemId: 'center', password: PASSWORD, ...options });
  opened.push(smsc);
  return smsc;
}
const accountAt = (port: number, settings: object = {}, more: object = {}): object => ({
  id: 'smsc',
  provider: 'smpp',
  settings: { host: '127.0.0.1', port, systemId: 'center', password: PASSWORD, ...settings },
  ...more,
});
const connect = (port: number, settings?: object): Promise<Answer> => mc.setUp('sms', accountAt(port, settings));
const receiptOf = (messageId: string, stat: string, err = '000'): Record<string, unknown> => ({
  esm_class: RECEIPT,
  source_addr: `86${NUMBER}`,
  destination_addr: '10690001',
  short_message: `id:${messageId} sub:001 dlvrd:001 submit date:2603041200 done date:2603041201 stat:${stat} err:${err} text:`,
});
const binds = ({ commands }: SmppCentre): number => commands.filter((command) => command === 'bind_transceiver').length;

describe('an SMS through SMPP', () => {
  it('is delivered once the centre delivers its receipt', async () => {
    const smsc = await centre({ answer: (_submit, n) => ({ messageId: `m-${n}` }) });
    await connect(smsc.port);
    const ids = [await mc.send(['li'], ['sms'], '会议改到三点'), await mc.send(['li'], ['sms'], 'Meeting at three')];
    for (const id of ids) await mc.untilStatuses(id, 'sent');
    expect(smsc.submits.map(({ to, text }) => [to, text]).sort()).toEqual([
      [`86${NUMBER}`, 'Meeting at three'],
      [`86${NUMBER}`, '会议改到三点'],
    ]);
    const submitOf = (text: string): string => `m-${smsc.submits.findIndex((submit) => submit.text === text)}`;
    expect(await smsc.deliver(receiptOf(submitOf('会议改到三点'), 'DELIVRD'))).toBe(0);
    expect(await smsc.deliver(receiptOf(submitOf('Meeting at three'), 'UNDELIV', '001'))).toBe(0);
    await mc.untilStatuses(ids[0] ?? '', 'delivered');
    expect(await mc.untilStatuses(ids[1] ?? '', 'failed')).toMatchObject([{ error: { code: 'UNDELIV_001' } }]);
  });

  it('may have its receipt before the answer to its submit', async () => {
    let sayFirst = (): Promise<unknown> => Promise.reject(new Error('no submit is expected yet'));
    const smsc = await centre({ answer: () => sayFirst().then(() => ({ messageId: 'early' })) });
    sayFirst = () => smsc.deliver(receiptOf('early', 'DELIVRD'));
    await connect(smsc.port);
    const id = await mc.send(['li'], ['sms'], 'hello');
    await mc.until(
      'the answer is in',
      () => mc.report(id),
      ([item]) => item?.attempts.length === 1,
    );
    await mc.passTime();
    await mc.untilStatuses(id, 'delivered');
  });

  it('may have its receipt on the session of another worker, which has sent nothing', async () => {
    const smsc = await centre();
    await connect(smsc.port);
    const id = await mc.send(['li'], ['sms'], 'hello');
    await mc.untilStatuses(id, 'sent');
    const worker = await mc.replica();
    try {
      await mc.until(
        'the worker is bound',
        () => Promise.resolve(binds(smsc)),
        (count) => count === 2,
      );
      expect(await smsc.deliver(receiptOf('id-0', 'DELIVRD'))).toBe(0);
      await mc.untilStatuses(id, 'delivered');
    } finally {
      await worker.close();
    }
    expect(smsc.commands.filter((command) => command === 'unbind')).toHaveLength(1);
  });

  it('is answered by the person on the open session, and the answer stands beside the message', async () => {
    const smsc = await centre();
    await connect(smsc.port);
    const id = await mc.send(['li'], ['sms'], '请回复');
    await mc.untilStatuses(id, 'sent');
    const text = Buffer.from('收到', 'utf16le').swap16();
    const uplink = { source_addr_ton: 1, source_addr: `86${NUMBER}`, destination_addr: '10690001', data_coding: 8 };
    expect(await smsc.deliver({ ...uplink, short_message: text })).toBe(0);
    const { body } = await mc.call('GET', '/v1/uplinks', { token: mc.appToken });
    expect(body.items).toMatchObject([{ text: '收到', address: NUMBER, messageId: id, account: 'smsc' }]);
  });
});

describe('an SMPP account', () => {
  it('is connected as soon as it is set up, and no longer than it is', async () => {
    const smsc = await centre();
    await connect(smsc.port);
    const session = await smsc.session();
    await new Promise<PDU>((resolve) => session.enquire_link(resolve));
    await mc.setUp('sms', accountAt(smsc.port, {}, { enabled: false }));
    await mc.until(
      'the session is ended',
      () => Promise.resolve(smsc.commands),
      (commands) => commands.at(-1) === 'unbind',
    );
    expect([binds(smsc), smsc.submits]).toEqual([1, []]);
  });

  it('that the centre refuses is stopped, says why, and shows its password nowhere', async () => {
    const smsc = await centre();
    const put = await connect(smsc.port, { password: 'mistyped' });
    const test = await mc.admin('POST', '/v1/channels/sms/test', { address: NUMBER });
    expect(test.body).toMatchObject({
      outcome: 'bad_config',
      provider: 'smpp',
      code: '0x0E',
      words: 'bind refused: ESME_RINVPASWD',
      hint: { zh: expect.stringContaining('密码'), en: expect.stringContaining('password') },
    });
    const id = await mc.send(['li'], ['sms'], 'patience');
    await mc.until(
      'the alarm',
      () => mc.openAlarms(),
      (alarms) => alarms.length > 0,
    );
    expect(await mc.openAlarms()).toEqual([['account_stopped', 'sms:smsc', '0x0E']]);
    const shown = await Promise.all(
      ['channels', 'alarms', 'audit-log', `messages/${id}/deliveries`].map((path) => mc.admin('GET', `/v1/${path}`)),
    );
    for (const { text } of [put, test, ...shown]) expect(text).not.toContain('mistyped');
    await connect(smsc.port);
    await mc.untilStatuses(id, 'sent');
    expect(await mc.openAlarms()).toEqual([]);
  });
});

describe('a link that breaks in the middle of the window', () => {
  it('leaves what was written unknown and counted, and sends the rest once over the next link', async () => {
    const smsc = await openSmppWire(({ command }, { number, received, socket }) => {
      if (number > 0 || command !== 'submit_sm') return false;
      if (received.filter((pdu) => pdu.command === 'submit_sm').length === 10) socket.resetAndDestroy();
      return true;
    });
    opened.push(smsc);
    await connect(smsc.port, { window: 10 });
    const before = await mc.metric('mc_unknown_outcomes_total');
    const addresses = Array.from({ length: 25 }, (_, n) => ({ channel: 'sms', address: `139001390${10 + n}` }));
    const id = await mc.send([], ['sms'], 'hello', { to: { addresses } });

    const items = await mc.until(
      'everything has ended',
      async () => {
        // Whatever pauses the worker makes, they pass.
        await mc.rows('UPDATE account_health SET until = now() WHERE until > now()');
        await mc.passTime();
        return mc.report(id);
      },
      (list) => list.length === 25 && list.every(({ status }) => status === 'sent' || status === 'unknown'),
    );
    const unknown = items.filter(({ status }) => status === 'unknown');
    expect([items.length, unknown.length]).toEqual([25, 10]);
    for (const { error, attempts } of unknown)
      expect([error?.code, attempts.map(({ outcome }) => outcome)]).toEqual(['connection_reset', ['unknown_outcome']]);
    expect(await mc.metric('mc_unknown_outcomes_total')).toBe(before + 10);
    const submitted = smsc.connections.map(({ received }) =>
      received.flatMap((pdu) => (pdu.command === 'submit_sm' ? pdu.destination.address : [])),
    );
    expect(new Set(submitted.flat()).size).toBe(submitted.flat().length);
    expect([submitted[0]?.length, submitted.flat().length]).toEqual([10, 25]);

    const { body } = await mc.until(
      'the message is completed',
      () => mc.admin('GET', `/v1/messages/${id}`),
      (answer) => answer.body.status === 'completed',
    );
    expect(body.counts).toMatchObject({ unknown: 10, sent: 15, failed: 0 });
    const deadLetters = (await mc.admin('GET', '/v1/dead-letters')).body.items as { cause: string; count: number }[];
    expect(deadLetters.find(({ cause }) => cause === 'connection_reset')?.count).toBe(10);
  });
});
