import { createHash } from 'node:crypto';
import { withDeadline } from '#platform';
import { outcomeOfLoss } from '../connection/connection-outcomes.js';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome, ProviderInbox } from '../port/channel-provider.port.js';
import { MqttInbound } from './inbound/mqtt-inbound.js';
import { ACK_TOPIC, HELLO_TOPIC, payloadOf, topicOf } from './mqtt.message.js';
import { outcomeOfReason } from './mqtt.outcomes.js';
import type { AckSubscription, MqttProtocol, MqttSettings } from './mqtt.settings.js';
import { MqttLink } from './session/mqtt-link.js';
import { MqttSession } from './session/mqtt-session.js';
import type { Publication, PublishAnswer } from './session/publishes.js';

/** How long to wait before connecting again, ms; doubles from the first to the longest. */
export interface ReconnectPauses {
  firstPauseMs: number;
  longestPauseMs: number;
}

const RECONNECT: ReconnectPauses = { firstPauseMs: 500, longestPauseMs: 30_000 };
const CONNECT_TIMEOUT_MS = 10_000;
/** A batch has this many times the patience of one message: the last of it have waited for the window. */
const BATCH_PATIENCE = 2;

const VERSIONS: Record<MqttProtocol, readonly (4 | 5)[]> = { auto: [5, 4], '3.1.1': [4], '5': [5] };

/**
 * Push to devices at an MQTT broker, over one connection that is open from the first moment, since what devices say comes in
 * on it. The broker's answer is `sent`; the device's own word, by the reference of the delivery, is `delivered`.
 */
export class MqttProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'mqtt';
  readonly maxBatch = 200;
  // A device tells a repetition by the reference, so it shows a message once however often it comes.
  readonly isIdempotent = true;
  private readonly sends = new RunningSends();
  private readonly inbound: MqttInbound;
  private readonly link: MqttLink;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly settings: MqttSettings,
    accountId: string,
    replica: string,
    inbox: ProviderInbox,
    reconnect = RECONNECT,
  ) {
    const { username, password, window, responseTimeoutMs, keepAliveS } = settings;
    this.inbound = new MqttInbound(inbox, accountId);
    this.link = new MqttLink(
      {
        endpoint: endpointOf(settings),
        identity: {
          clientId: clientIdOf(settings.clientIdPrefix, replica, accountId),
          ...(username !== undefined && { username }),
          ...(password !== undefined && { password }),
        },
        versions: VERSIONS[settings.protocol],
        topics: topicsOf(settings.acks, settings.clientIdPrefix),
        window,
        answerTimeoutMs: responseTimeoutMs,
        keepAliveS,
        connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, responseTimeoutMs),
        ...reconnect,
      },
      (topic, payload) => this.inbound.take(topic, payload),
    );
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) => this.sendAll(batch, scope));
  }

  /** What devices say while the last sends end is stored before the connection is closed. */
  close(): Promise<void> {
    this.closing ??= this.sends
      .end()
      .then(() => this.inbound.close())
      .then(() => this.link.close());
    return this.closing;
  }

  private async sendAll(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    const deadline = withDeadline(signal, BATCH_PATIENCE * this.settings.responseTimeoutMs);
    const now = new Date();
    const prepared = batch.map((delivery) => publicationOf(delivery, now));
    const session = await this.link.session(deadline);
    if (!(session instanceof MqttSession)) return prepared.map((item) => ('class' in item ? item : session));
    const publications = prepared.flatMap((item) => ('class' in item ? [] : item));
    const answers = (await session.publish(publications, deadline)).values();
    return prepared.map((item) => ('class' in item ? item : outcomeOf(answers.next().value)));
  }
}

/** What to publish, or why the delivery cannot be sent at all. */
function publicationOf(delivery: OutboundDelivery, now: Date): Publication | Outcome {
  const topic = topicOf(delivery.address);
  if (topic === null) return { class: 'bad_recipient', code: 'bad_token' };
  const payload = payloadOf(delivery, now);
  if (payload === null) return { class: 'bad_content', code: 'no_text' };
  const { expiresAt } = delivery;
  if (expiresAt === undefined) return { topic, payload };
  return { topic, payload, expiresInS: Math.max(1, Math.ceil((expiresAt.getTime() - now.getTime()) / 1000)) };
}

const outcomeOf = (answer: PublishAnswer | undefined): Outcome => {
  if (answer === undefined) return outcomeOfLoss(true, 'adapter_lost');
  return answer.isAnswered ? outcomeOfReason(answer.reason) : outcomeOfLoss(answer.isWritten, answer.code);
};

function endpointOf({ url, ca }: MqttSettings): { host: string; port: number; tls: boolean; ca?: string } {
  const { protocol, hostname, port } = new URL(url);
  const tls = protocol === 'mqtts:';
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(port || (tls ? 8883 : 1883)), tls, ...(ca !== undefined && { ca }) };
}

/** The same after a restart: under it the broker kept what devices said meanwhile. Of accounts at one broker each has its own. */
function clientIdOf(prefix: string, replica: string, accountId: string): string {
  const account = createHash('sha256').update(accountId).digest('hex').slice(0, 6);
  return `${prefix}-${replica.replace(/[^A-Za-z0-9_-]/g, '-')}-${account}`;
}

function topicsOf(acks: AckSubscription, group: string): string[] {
  if (acks === 'none') return [];
  return [ACK_TOPIC, HELLO_TOPIC].map((topic) => (acks === 'shared' ? `$share/${group}/${topic}` : topic));
}
