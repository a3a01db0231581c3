import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { pythonWith } from '../../../../test/support/fakes/smtp-python.js';
import { closedPort, isListening } from '../../../../test/support/fakes/smtp-script.js';
import { SmtpFactory } from './smtp.factory.js';

/** Mail servers that others wrote, printing what they take; the first one this machine has is used. */
const PEERS = [
  {
    module: 'aiosmtpd',
    args: (at: string) => ['-m', 'aiosmtpd', '-n', '-l', at, '-c', 'aiosmtpd.handlers.Debugging', 'stdout'],
  },
  { module: 'smtpd', args: (at: string) => ['-W', 'ignore', '-m', 'smtpd', '-n', '-c', 'DebuggingServer', at] },
];
const peer = PEERS.map((one) => ({ ...one, python: pythonWith(one.module) })).find(({ python }) => python);
const title = peer ? `python3 ${peer.module}` : 'SKIPPED: neither python3 aiosmtpd nor smtpd is installed';

(peer ? describe : describe.skip)(`SMTP against an independent server (${title})`, () => {
  let server: ChildProcess;
  let port: number;
  let output = '';

  beforeAll(async () => {
    port = await closedPort();
    server = spawn(peer?.python ?? '', ['-u', ...(peer?.args(`127.0.0.1:${port}`) ?? [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server.stdout?.on('data', (chunk) => (output += String(chunk)));
    while (!(await isListening(port))) await delay(50);
  });

  afterAll(() => {
    server.kill();
  });

  it('delivers every mail of a batch, each with its own Message-ID', async () => {
    const settings = { host: '127.0.0.1', port, from: 'notice@mc.test' };
    const provider = new SmtpFactory().create({ id: 'a', channel: 'mail', provider: 'smtp', settings });
    const batch = Array.from({ length: 20 }, (_, i) =>
      outbound(`u${i}@x.test`, { content: { title: '标题', text: `words ${i}` } }),
    );
    const outcomes = await provider.send(batch, new AbortController().signal);
    await provider.close();
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map(() => 'ok'));
    const isPrinted = (): boolean =>
      batch.every(({ ref }, i) => output.includes(`<${ref}@mc.test>`) && new RegExp(`words ${i}\\b`).test(output));
    // What it prints comes through a pipe of its own, after its answer.
    while (!isPrinted()) await delay(20);
  });
});
