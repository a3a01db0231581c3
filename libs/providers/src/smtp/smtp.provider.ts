import type { Readable } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import { runLimited, withDeadline } from '#platform';
import { trustedAuthorities } from '../outbound/trusted-authorities.js';
import { RunningSends } from '../outcome/running-sends.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { MAIL_ADDRESS } from './mail-address.js';
import { mailOf, messageIdOf } from './smtp.message.js';
import { outcomeOfSmtpError } from './smtp.outcomes.js';
import type { SmtpSettings } from './smtp.settings.js';

/** Deliveries one pooled connection gets of a batch, so that a batch ends in reasonable time. */
const BATCH_PER_CONNECTION = 10;
const MESSAGES_PER_CONNECTION = 1000;
const CONNECT_TIMEOUT_MS = 15_000;

/** Mail over SMTP: a pool of connections, one envelope a recipient. A 250 means queued, not read. */
export class SmtpProvider implements ChannelProvider {
  readonly channel = 'mail' as const;
  readonly name = 'smtp';
  readonly maxBatch: number;
  // The Message-ID is the same each time, but few servers drop the second copy.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly transport: ReturnType<typeof openPool>;
  private readonly secrets: readonly string[];
  /** By Message-ID: the stream the connection reads the message from, which it does only after the server said 354. */
  private readonly bodies = new Map<string, Readable>();

  constructor(private readonly settings: SmtpSettings) {
    this.maxBatch = settings.maxConnections * BATCH_PER_CONNECTION;
    this.secrets = [settings.pass, settings.dkimPrivateKey, settings.callbackToken].filter(
      (secret) => secret !== undefined,
    );
    this.transport = openPool(settings);
    this.transport.use('stream', ({ message }, done) => {
      const createReadStream = message.createReadStream.bind(message);
      message.createReadStream = (options) => {
        const body = createReadStream(options);
        this.bodies.set(message.messageId(), body);
        return body;
      };
      done();
    });
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      runLimited(batch, this.settings.maxConnections, (delivery) => this.sendOne(delivery, scope)),
    );
  }

  async close(): Promise<void> {
    await this.sends.end();
    this.transport.close();
  }

  private async sendOne(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    if (!MAIL_ADDRESS.test(delivery.address)) return { class: 'bad_recipient', code: 'bad_address' };
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const messageId = messageIdOf(delivery.ref, this.settings.from);
    // A server that trickles its replies outlives every timeout of a socket; the signal ends it.
    const deadline = withDeadline(signal, this.settings.timeoutMs);
    try {
      const sent = await this.transport.sendMail({ ...mailOf(delivery, this.settings), signal: deadline });
      const words = vendorWords(sent.response, this.secrets);
      return { class: 'ok', code: sent.response.slice(0, 3), words, providerRef: delivery.ref };
    } catch (error) {
      const isBodyWritten = this.bodies.get(messageId)?.readableEnded ?? false;
      const ended = outcomeOfSmtpError(error as NodemailerError, isBodyWritten, this.secrets);
      // Our own deadline ends it in the same way, but says something of the server.
      const isAborted = signal.aborted && (error as NodemailerError).code === 'EABORT';
      const outcome = isAborted ? { ...ended, code: 'aborted' } : ended;
      // A report or a bounce may still come of a mail of which nobody knows whether it was taken.
      return outcome.class === 'unknown_outcome' ? { ...outcome, providerRef: delivery.ref } : outcome;
    } finally {
      this.bodies.delete(messageId);
    }
  }
}

function openPool(settings: SmtpSettings) {
  const { host, port, secure, requireTls, ca, user, pass, dkimDomain, dkimSelector, dkimPrivateKey } = settings;
  return createTransport({
    pool: true,
    host,
    port,
    secure,
    requireTLS: requireTls,
    maxConnections: settings.maxConnections,
    maxMessages: MESSAGES_PER_CONNECTION,
    // Once more on a fresh connection when the server had closed an idle one before a byte of the message went out.
    maxRequeues: 1,
    connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, settings.timeoutMs),
    greetingTimeout: Math.min(CONNECT_TIMEOUT_MS, settings.timeoutMs),
    socketTimeout: settings.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca !== undefined && { tls: { ca: trustedAuthorities(ca) } }),
    ...(user !== undefined && pass !== undefined && { auth: { user, pass } }),
    ...(dkimDomain !== undefined &&
      dkimSelector !== undefined &&
      dkimPrivateKey !== undefined && {
        dkim: { domainName: dkimDomain, keySelector: dkimSelector, privateKey: dkimPrivateKey },
      }),
  });
}
