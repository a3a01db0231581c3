import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import { openSmppWire, type SmppWire, type WireScript } from '../../../../test/support/fakes/smpp-wire.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { SmppProvider } from './smpp.provider.js';
import { SmppSettings } from './smpp.settings.js';
import { encodePdu } from './wire/pdu-codec.js';
import type { Pdu } from './wire/pdu.js';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function opening<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const wire = async (script: WireScript = () => undefined): Promise<SmppWire> => opening(await openSmppWire(script));

/** Connects again within milliseconds, so that the tests need not wait. */
const connect = (port: number, settings: Partial<SmppSettings> = {}, inbox = new RecordingInbox()): ChannelProvider =>
  opening(
    new SmppProvider(
      Object.assign(new SmppSettings(), { host: '127.0.0.1', port, systemId: 'u', password: 'p', ...settings }),
      'sms:a',
      inbox,
      { firstPauseMs: 1, longestPauseMs: 20 },
    ),
  );

const many = (count: number): OutboundDelivery[] =>
  Array.from({ length: count }, (_, i) => outbound(`138${String(i).padStart(8, '0')}`));
const classesOf = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => outcome.class);
const isSubmit = ({ command }: Pdu): boolean => command === 'submit_sm';

async function untilSent(provider: ChannelProvider): Promise<void> {
  while ((await provider.send(many(1), never))[0]?.class !== 'ok') await delay(5);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(5);
}

describe('an SMPP session that breaks', () => {
  it('in the middle of the window leaves what was written unknown and gives the rest back, then comes again', async () => {
    const smsc = await wire((pdu, { number, received, socket }) => {
      if (number > 0 || !isSubmit(pdu)) return false;
      if (received.filter(isSubmit).length === 10) socket.resetAndDestroy();
      return true;
    });
    const provider = connect(smsc.port, { window: 10 });
    const outcomes = await provider.send(many(25), never);
    expect(classesOf(outcomes)).toEqual([
      ...Array.from({ length: 10 }, () => 'unknown_outcome'),
      ...Array.from({ length: 15 }, () => 'retry'),
    ]);
    await untilSent(provider);
    expect(smsc.connections[0]?.received.filter(isSubmit)).toHaveLength(10);
    expect(smsc.connections.length).toBeGreaterThan(1);
  });

  it('before the bind is answered leaves nothing unknown', async () => {
    const smsc = await wire((_pdu, { socket }) => {
      socket.destroy();
      return true;
    });
    const outcomes = await connect(smsc.port).send(many(2), never);
    expect(classesOf(outcomes)).toEqual(['retry', 'retry']);
  });

  it('because nobody answers the bind is a retry', async () => {
    const smsc = await wire(() => true);
    const outcomes = await connect(smsc.port, { responseTimeoutMs: 150 }).send(many(1), never);
    expect(outcomes).toEqual([{ class: 'retry', code: 'timeout' }]);
  });

  it('because nobody listens is a retry, until somebody does', async () => {
    const port = await closedPort();
    const outcomes = await connect(port).send(many(1), never);
    expect(outcomes).toMatchObject([{ class: 'retry', code: 'connection_refused' }]);
  });

  it('because nobody answers an enquiry is replaced', async () => {
    const smsc = await wire((pdu, { number }) => number === 0 && pdu.command === 'enquire_link');
    connect(smsc.port, { enquireLinkS: 0.03, responseTimeoutMs: 100 });
    await until(() => smsc.connections.length > 1);
    expect(smsc.connections[0]?.received.map(({ command }) => command)).toEqual(['bind_transceiver', 'enquire_link']);
  });

  it('stays while enquiries are answered', async () => {
    const smsc = await wire();
    connect(smsc.port, { enquireLinkS: 0.01, responseTimeoutMs: 1_000 });
    await until(() => (smsc.connections[0]?.received.length ?? 0) > 5);
    expect(smsc.connections).toHaveLength(1);
  });

  it.each([
    ['words of another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a unit too large to be one', Buffer.from('7fffffff000000050000000000000001', 'hex')],
    ['a unit too short to be one', Buffer.from('0000000f0000000500000000000000', 'hex')],
  ])('with %s is ended and replaced', async (_name, garbage) => {
    const smsc = await wire((pdu, { number, socket }) => {
      if (number > 0 || !isSubmit(pdu)) return false;
      socket.write(garbage);
      return true;
    });
    const provider = connect(smsc.port);
    const outcomes = await provider.send(many(1), never);
    expect(outcomes).toEqual([{ class: 'unknown_outcome', code: 'garbage_received' }]);
    await untilSent(provider);
    expect(smsc.connections[0]?.received.at(-1)).toEqual({ command: 'generic_nack', status: 0x02, sequence: 0 });
  });

  it('because the centre says goodbye still hears its last answers', async () => {
    const smsc = await wire((pdu, { number, send, socket }) => {
      if (number > 0) return false;
      if (isSubmit(pdu)) send({ command: 'unbind', status: 0, sequence: 77 });
      if (pdu.command === 'unbind_resp') {
        send({ command: 'submit_sm_resp', status: 0, sequence: 2, messageId: 'late' });
        socket.end();
      }
      return isSubmit(pdu);
    });
    const provider = connect(smsc.port, { window: 1 });
    const outcomes = await provider.send(many(2), never);
    expect(outcomes).toEqual([
      { class: 'ok', providerRef: 'late' },
      { class: 'retry', code: 'connection_closed' },
    ]);
    await untilSent(provider);
  });

  it('because the centre has forgotten the bind is bound anew', async () => {
    const smsc = await wire((pdu, { number, send }) => {
      if (number > 0 || !isSubmit(pdu)) return false;
      send({ command: 'submit_sm_resp', status: 0x04, sequence: pdu.sequence, messageId: '' });
      return true;
    });
    const provider = connect(smsc.port);
    expect(await provider.send(many(1), never)).toMatchObject([{ class: 'retry', code: '0x04' }]);
    await untilSent(provider);
  });
});

describe('an SMPP centre in trouble', () => {
  it('that is silent about one submit leaves that one unknown, and the others go on', async () => {
    const smsc = await wire((pdu) => isSubmit(pdu) && pdu.sequence === 2);
    const outcomes = await connect(smsc.port, { window: 1, responseTimeoutMs: 150 }).send(many(3), never);
    expect(classesOf(outcomes)).toEqual(['unknown_outcome', 'ok', 'ok']);
  });

  it('that is silent about all ends the batch all the same', async () => {
    const smsc = await wire(isSubmit);
    const outcomes = await connect(smsc.port, { window: 1, responseTimeoutMs: 150 }).send(many(50), never);
    expect(outcomes[0]).toEqual({ class: 'unknown_outcome', code: 'timeout' });
    expect(outcomes[49]).toEqual({ class: 'retry', code: 'timeout' });
  });

  it('keeps the place of an abandoned submit in the window until it answers', async () => {
    const held: (() => void)[] = [];
    const smsc = await wire((pdu, { send }) => {
      if (!isSubmit(pdu)) return false;
      held.push(() => send({ command: 'submit_sm_resp', status: 0, sequence: pdu.sequence, messageId: 'x' }));
      return true;
    });
    const provider = connect(smsc.port, { window: 1 });
    const abort = new AbortController();
    const abandoned = provider.send(many(1), abort.signal);
    await until(() => held.length === 1);
    abort.abort();
    expect(await abandoned).toEqual([{ class: 'unknown_outcome', code: 'aborted' }]);
    const next = provider.send(many(1), never);
    // What is answered to this was written after the second submit would have been.
    smsc.connections[0]?.send({ command: 'enquire_link', status: 0, sequence: 5 });
    await until(() => smsc.connections[0]?.received.at(-1)?.command === 'enquire_link_resp');
    expect(held).toHaveLength(1);
    held[0]?.();
    await until(() => held.length === 2);
    held[1]?.();
    expect(classesOf(await next)).toEqual(['ok']);
  });

  it('that recovers from a burst of errors takes the next', async () => {
    let burst = 5;
    const smsc = await wire((pdu, { send }) => {
      if (!isSubmit(pdu) || burst-- <= 0) return false;
      send({ command: 'submit_sm_resp', status: 0x08, sequence: pdu.sequence, messageId: '' });
      return true;
    });
    const outcomes = await connect(smsc.port).send(many(8), never);
    expect(classesOf(outcomes)).toEqual([...Array.from({ length: 5 }, () => 'retry'), 'ok', 'ok', 'ok']);
  });

  it('that throttles is written to again after a pause', async () => {
    let isBusy = true;
    const smsc = await wire((pdu, { send }) => {
      if (!isSubmit(pdu) || !isBusy) return false;
      isBusy = false;
      send({ command: 'submit_sm_resp', status: 0x58, sequence: pdu.sequence, messageId: '' });
      return true;
    });
    const provider = connect(smsc.port);
    expect(await provider.send(many(1), never)).toMatchObject([{ class: 'rate_limited', code: '0x58' }]);
    expect(await provider.send(many(1), never)).toMatchObject([{ class: 'rate_limited', code: '0x58' }]);
    await untilSent(provider);
    expect(smsc.connections[0]?.received.filter(isSubmit)).toHaveLength(2);
  });

  it('that refuses with a nack, even one without a reason, has refused', async () => {
    const smsc = await wire((pdu, { send }) => {
      if (!isSubmit(pdu)) return false;
      send({ command: 'generic_nack', status: pdu.sequence === 2 ? 0x45 : 0, sequence: pdu.sequence });
      return true;
    });
    const outcomes = await connect(smsc.port).send(many(2), never);
    expect(outcomes).toMatchObject([
      { class: 'bad_content', code: '0x45' },
      { class: 'retry', code: '0xFF' },
    ]);
  });

  it('that has no room for another session gets some patience before it is called a wrong setting', async () => {
    const smsc = await wire((pdu, { send, socket }) => {
      send({ command: 'bind_transceiver_resp', status: 0x0d, sequence: pdu.sequence, systemId: '' });
      socket.end();
      return true;
    });
    const provider = connect(smsc.port);
    expect(await provider.send(many(1), never)).toMatchObject([{ class: 'retry', code: '0x0D' }]);
    while ((await provider.send(many(1), never))[0]?.class !== 'bad_config') await delay(5);
    expect(smsc.connections.length).toBeGreaterThan(5);
  });

  it('that answers byte by byte, or everything at once, is understood', async () => {
    const smsc = await wire((pdu, { number, received, socket }) => {
      if (!isSubmit(pdu)) return false;
      const bytes = encodePdu({ command: 'submit_sm_resp', status: 0, sequence: pdu.sequence, messageId: 'ä1' });
      if (received.filter(isSubmit).length === 1) for (const byte of bytes) socket.write(Buffer.from([byte]));
      else
        socket.write(Buffer.concat([bytes, encodePdu({ command: 'enquire_link', status: 0, sequence: number + 1 })]));
      return true;
    });
    const provider = connect(smsc.port);
    expect(await provider.send(many(3), never)).toEqual(many(3).map(() => ({ class: 'ok', providerRef: 'ä1' })));
    await until(
      () => smsc.connections[0]?.received.filter(({ command }) => command === 'enquire_link_resp').length === 2,
    );
  });

  it('that asks for what we do not speak is told so, and the session goes on', async () => {
    const inbox = new RecordingInbox();
    const smsc = await wire((pdu, { send, socket }) => {
      if (pdu.command === 'bind_transceiver') {
        send({ command: 'bind_transceiver_resp', status: 0, sequence: pdu.sequence, systemId: 'W' });
        send({ command: 'other', id: 0x103, status: 0, sequence: 1 }); // data_sm
        send({ command: 'other', id: 0x102, status: 0, sequence: 2 }); // alert_notification
        send({ command: 'other', id: 0x80000103, status: 0, sequence: 3 });
        socket.write(Buffer.from('00000014000000050000000000000004' + '00010100', 'hex')); // a deliver_sm cut short
        return true;
      }
      return false;
    });
    const provider = connect(smsc.port, {}, inbox);
    expect(classesOf(await provider.send(many(1), never))).toEqual(['ok']);
    expect(smsc.connections[0]?.received.filter(({ command }) => command === 'generic_nack')).toEqual([
      { command: 'generic_nack', status: 0x03, sequence: 1 },
      { command: 'generic_nack', status: 0x02, sequence: 4 },
    ]);
    expect(inbox.calls).toEqual([]);
    expect(smsc.connections).toHaveLength(1);
  });

  it('does not confuse an answer to something else with the answer to a submit', async () => {
    const smsc = await wire((pdu, { send }) => {
      if (!isSubmit(pdu)) return false;
      send({ command: 'enquire_link_resp', status: 0, sequence: pdu.sequence });
      send({ command: 'submit_sm_resp', status: 0, sequence: pdu.sequence + 1000, messageId: 'nobody' });
      send({ command: 'submit_sm_resp', status: 0x0b, sequence: pdu.sequence, messageId: '' });
      return true;
    });
    const outcomes = await connect(smsc.port).send(many(1), never);
    expect(classesOf(outcomes)).toEqual(['bad_recipient']);
  });

  it('that does not answer the goodbye does not keep the adapter open', async () => {
    const smsc = await wire((pdu) => pdu.command === 'unbind');
    const provider = connect(smsc.port);
    await untilSent(provider);
    await provider.close();
    expect(smsc.connections[0]?.received.at(-1)?.command).toBe('unbind');
  });
});
