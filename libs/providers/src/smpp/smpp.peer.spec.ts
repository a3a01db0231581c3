import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import { SmppFactory } from './smpp.factory.js';

const isInstalled = spawnSync('perl', ['-MNet::SMPP', '-e', '1']).status === 0;
const title = isInstalled ? 'perl Net::SMPP' : 'SKIPPED: perl Net::SMPP (libnet-smpp-perl) is not installed';

(isInstalled ? describe : describe.skip)(`SMPP against an independent centre (${title})`, () => {
  const lines: string[] = [];
  let centre: ChildProcess;
  let port: number;

  beforeAll(async () => {
    centre = spawn('perl', ['test/support/peers/smsc.pl'], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!centre.stdout) throw new Error('it has no output');
    createInterface(centre.stdout).on('line', (line) => lines.push(line));
    while (lines.length === 0) await delay(20);
    port = Number(lines.shift()?.replace('port ', ''));
  });

  afterAll(() => {
    centre.kill();
  });

  const connect = (inbox: RecordingInbox, settings: Record<string, unknown> = {}) =>
    new SmppFactory(inbox).create({
      id: 'sms:perl',
      channel: 'sms',
      provider: 'smpp',
      settings: { host: '127.0.0.1', port, systemId: 'center', password: 'secret', sourceAddr: '1069', ...settings },
    });
  const never = new AbortController().signal;

  it('sends, is throttled, and takes receipts and uplinks that come before the answer', async () => {
    lines.length = 0;
    const inbox = new RecordingInbox();
    const provider = connect(inbox);
    const long = '中'.repeat(71);
    const [chinese, plain] = await provider.send(
      [outbound('13800000001', { content: { text: long } }), outbound('13800000002', { content: { text: 'Hi €' } })],
      never,
    );
    const [throttled] = await provider.send([outbound('13800000058', { content: { text: 'x' } })], never);
    expect(throttled).toMatchObject({ class: 'rate_limited', code: '0x58' });
    expect(chinese?.class).toBe('ok');
    expect(plain?.class).toBe('ok');
    expect(inbox.receipts).toHaveLength(2);
    expect(inbox.receipts).toEqual(
      expect.arrayContaining(
        [chinese, plain].map((outcome) =>
          expect.objectContaining({ providerRef: outcome?.providerRef, status: 'delivered' }),
        ),
      ),
    );
    expect(inbox.uplinks).toEqual(
      expect.arrayContaining([
        { from: '13800000001', text: '收到' },
        { from: '13800000002', text: '收到' },
      ]),
    );
    await provider.close();
    while (!lines.includes('unbind')) await delay(20);
    expect(lines.filter((line) => line === 'deliver_sm_resp 0')).toHaveLength(4);
    const submits = lines.filter((line) => line.startsWith('submit 8613800000001')).map((line) => line.split(' '));
    expect(submits.map(([, , esmClass, coding, receipt]) => [esmClass, coding, receipt])).toEqual([
      ['64', '8', '0'],
      ['64', '8', '1'],
    ]);
    expect(submits.map((submit) => submit[5]?.slice(12)).join('')).toBe('4e2d'.repeat(71));
    expect(lines).toContain('submit 8613800000002 0 0 1 486920' + '1b65');
  });

  it('asks whether it is there, and binds only with the right password', async () => {
    lines.length = 0;
    const provider = connect(new RecordingInbox(), { enquireLinkS: 1 });
    while (!lines.includes('enquire_link')) await delay(20);
    await provider.close();
    const wrong = connect(new RecordingInbox(), { password: 'wrong' });
    await expect(wrong.send([outbound('13800000001')], never)).resolves.toMatchObject([
      { class: 'bad_config', code: '0x0E' },
    ]);
    await wrong.close();
  });
});
