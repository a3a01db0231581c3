import { setMaxListeners } from 'node:events';
import { withDeadline } from '#platform';
import { outcomeOfLoss } from '../connection/connection-outcomes.js';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome, ProviderInbox } from '../port/channel-provider.port.js';
import { SmppInbound } from './inbound/smpp-inbound.js';
import { SmppLink } from './session/smpp-link.js';
import { SmppSession } from './session/smpp-session.js';
import { submitsOf, type MessageProblem } from './smpp.message.js';
import { outcomeOfStatus } from './smpp.outcomes.js';
import { submitRef } from './smpp.receipts.js';
import type { SmppSettings } from './smpp.settings.js';
import { STATUS, type ShortMessage } from './wire/pdu.js';

/** How long to wait before connecting again, ms; doubles from the first to the longest. */
export interface ReconnectPauses {
  firstPauseMs: number;
  longestPauseMs: number;
}

const RECONNECT: ReconnectPauses = { firstPauseMs: 1_000, longestPauseMs: 30_000 };
const CONNECT_TIMEOUT_MS = 15_000;
/** A batch has this many times the patience of one submit: the last of it have waited for the window. */
const BATCH_PATIENCE = 2;

const PROBLEMS: Record<MessageProblem, Outcome> = {
  bad_address: { class: 'bad_recipient', code: 'bad_address' },
  no_text: { class: 'bad_content', code: 'no_text' },
  too_long: { class: 'bad_content', code: 'too_long' },
};

/**
 * SMS over one SMPP 3.4 session (transceiver), open from the first moment, since receipts and what people send come in on it. A text in
 * several parts goes out part by part and is `ok` when the last was taken; the receipt of that one stands for all.
 */
export class SmppProvider implements ChannelProvider {
  readonly channel = 'sms' as const;
  readonly name = 'smpp';
  readonly maxBatch = 200;
  // SMPP has no key by which a centre could tell a repeated submit.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly inbound: SmppInbound;
  private readonly link: SmppLink;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly settings: SmppSettings,
    accountId: string,
    inbox: ProviderInbox,
    reconnect = RECONNECT,
  ) {
    const { host, port, tls, ca, systemId, password, systemType, addressRange } = settings;
    this.inbound = new SmppInbound(inbox, accountId, settings);
    this.link = new SmppLink(
      {
        endpoint: { host, port, tls, ...(ca !== undefined && { ca }) },
        bind: { systemId, password, systemType, addressRange },
        window: settings.window,
        responseTimeoutMs: settings.responseTimeoutMs,
        enquireLinkMs: settings.enquireLinkS * 1000,
        connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, settings.responseTimeoutMs),
        ...reconnect,
      },
      (message) => this.inbound.take(message),
    );
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) => this.sendAll(batch, scope));
  }

  /** What arrives while the last sends end is stored and answered for before the session is. */
  close(): Promise<void> {
    this.closing ??= this.sends
      .end()
      .then(() => this.inbound.close())
      .then(() => this.link.close());
    return this.closing;
  }

  private async sendAll(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    const deadline = withDeadline(signal, BATCH_PATIENCE * this.settings.responseTimeoutMs);
    setMaxListeners(0, deadline);
    const session = await this.link.session(deadline);
    return Promise.all(batch.map((delivery) => this.sendOne(delivery, session, deadline)));
  }

  private async sendOne(
    delivery: OutboundDelivery,
    session: SmppSession | Outcome,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const submits = submitsOf(delivery, this.settings);
    if (typeof submits === 'string') return PROBLEMS[submits];
    if (!(session instanceof SmppSession)) return session;
    return this.submitInTurn(session, submits, signal);
  }

  /** One part after the other: what follows a refused part would only cost money. */
  private async submitInTurn(session: SmppSession, submits: ShortMessage[], signal: AbortSignal): Promise<Outcome> {
    let messageId = '';
    for (const submit of submits) {
      const answer = await session.submit(submit, signal);
      if (!answer.isAnswered) return outcomeOfLoss(answer.isWritten, answer.code);
      if (answer.status === STATUS.notBound) void session.close(); // the next one will be
      if (answer.status !== STATUS.ok) return outcomeOfStatus(answer.status);
      messageId = answer.messageId;
    }
    return { class: 'ok', ...(messageId !== '' && { providerRef: submitRef(messageId, this.settings) }) };
  }
}
