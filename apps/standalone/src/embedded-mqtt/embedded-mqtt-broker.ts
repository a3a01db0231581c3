import { timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import { DEVICE_TOKEN } from '#contracts';
import { DeviceRepository } from '#entities';
import { AppLogger, Metrics, MqttConfig, safeEqual, sha256 } from '#platform';
import { Mailbox } from './mailbox.service.js';
import { SessionStore } from './session-store.js';
import { CENTER_USER, deviceOf, mayPublish, maySubscribe, messagesTo, type Peer } from './topic-rules.policy.js';

/** Who does not say who he is within this time is hung up on, ms. */
const CONNECT_WITHIN_MS = 10_000;
const MOST_CONNECTIONS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;
/** Compared with where a device has no password: a stranger cannot tell from the time that there is no such device. */
const NO_PASSWORD = sha256('');

const refusal = (returnCode: 3 | 4): AuthenticateError => Object.assign(new Error('refused'), { returnCode });

/**
 * The MQTT broker of `npm start`, so that a device can be tried at once (3.1.1). A device has one session, under its token,
 * which lasts: what comes while it is away stands in the mailbox, also over a restart.
 */
@Injectable()
export class EmbeddedMqttBroker implements OnApplicationShutdown {
  private readonly peers = new WeakMap<Client, Peer>();
  /** Devices that are connected, by token. */
  private readonly connected = new Map<string, Client>();
  /** Connections on which the device was given what waited for it. */
  private readonly caughtUp = new WeakSet<Client>();
  private readonly sessions = new SessionStore(
    ({ clientId, topic }) => deviceOf(topic) !== null && !this.connected.has(clientId),
  );
  private readonly broker = new Aedes({
    persistence: this.sessions,
    connectTimeout: CONNECT_WITHIN_MS,
    maxClientsIdLength: 512,
    preConnect: (_client, packet, done) => done(null, nameSession(packet)),
    authenticate: (client, username, password, done) => {
      this.identify(username, password).then(
        (peer) => {
          if (peer === null) return done(refusal(4), false);
          this.peers.set(client, peer);
          if (peer.kind === 'device') this.connected.set(peer.token, client);
          done(null, true);
        },
        () => done(refusal(3), false),
      );
    },
    authorizePublish: (client, packet, done) => {
      this.admit(client, packet).then(() => done(), done);
    },
    authorizeSubscribe: (client, subscription, done) => {
      const peer = this.peers.get(client);
      const isAllowed = peer !== undefined && maySubscribe(peer, subscription.topic, subscription.qos);
      done(null, isAllowed ? subscription : null);
    },
  });
  private server: Server | undefined;
  private pruning: NodeJS.Timeout | undefined;

  constructor(
    private readonly devices: DeviceRepository,
    private readonly mailbox: Mailbox,
    private readonly config: MqttConfig,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** @param server listening, and nobody has been accepted yet */
  async serve(server: Server): Promise<void> {
    await this.broker.listen();
    this.broker.on('ack', (packet, client) => this.forget(packet as PublishPacket | undefined, client));
    this.broker.on('subscribe', (_subscriptions, client) => this.catchUp(client));
    this.broker.on('clientReady', (client) => this.catchUp(client));
    this.broker.on('clientDisconnect', (client) => this.leave(client));
    this.broker.on('clientError', () => undefined); // devices go as they please
    this.broker.on('connectionError', () => undefined);
    this.server = server;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) => void this.broker.handle(socket.setNoDelay(true)));
    this.pruning = setInterval(() => this.prune(), PRUNE_EVERY_MS).unref();
    this.prune();
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server) return;
    clearInterval(this.pruning);
    this.server.close();
    await new Promise<void>((resolve) => this.broker.close(resolve));
    await this.mailbox.settled();
  }

  /** Null where the password is wrong. */
  private async identify(username: string | undefined, password: Buffer | undefined): Promise<Peer | null> {
    if (username === undefined || password === undefined) return null;
    if (username === CENTER_USER) {
      return safeEqual(password, this.config.MQTT_PASSWORD ?? '') && this.config.MQTT_PASSWORD
        ? { kind: 'center' }
        : null;
    }
    if (!DEVICE_TOKEN.test(username)) return null;
    const hash = await this.devices.mqttPasswordHash(username);
    const isRight = timingSafeEqual(sha256(password), hash ?? NO_PASSWORD);
    return hash !== null && isRight ? { kind: 'device', token: username } : null;
  }

  /** Rejects what may not be published: the connection ends with it, for 3.1.1 has no word for no. */
  private async admit(client: Client | null, packet: PublishPacket): Promise<void> {
    const peer = client === null ? undefined : this.peers.get(client);
    const { topic, payload, qos } = packet;
    if (!peer || !mayPublish(peer, topic, Buffer.byteLength(payload))) throw new Error('not allowed');
    packet.retain = false;
    const token = deviceOf(topic);
    if (token !== null && qos > 0) await this.mailbox.keep({ token, payload: String(payload) });
  }

  private forget(packet: PublishPacket | undefined, { id }: Client): void {
    if (packet?.topic === messagesTo(id)) this.mailbox.drop({ token: id, payload: String(packet.payload) });
  }

  private leave(client: Client): void {
    // A device that connected again before the end of its last connection was noticed is still there.
    if (this.connected.get(client.id) === client) this.connected.delete(client.id);
    this.metrics.mqttDevices.set(this.connected.size);
  }

  /** Once a connection, as soon as the device listens: what waited, unless it is on its way already. */
  private catchUp(client: Client): void {
    const peer = this.peers.get(client);
    this.metrics.mqttDevices.set(this.connected.size);
    if (peer?.kind !== 'device' || this.caughtUp.has(client)) return;
    this.hand(client, peer.token).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'mailbox of a device not handed over, next time it connects');
      client.close();
    });
  }

  private async hand(client: Client, token: string): Promise<void> {
    const topic = messagesTo(token);
    const subscriptions = await this.sessions.subscriptionsByClient(client);
    if (this.caughtUp.has(client) || !subscriptions.some((subscription) => subscription.topic === topic)) return;
    this.caughtUp.add(client);
    const waiting = await this.mailbox.payloadsFor(token);
    const underWay = new Set(await this.sessions.underWay(client));
    for (const payload of waiting) {
      if (client.closed) return;
      if (underWay.has(payload)) continue;
      const packet: PublishPacket = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false };
      await new Promise<void>((resolve) => client.publish(packet, () => resolve()));
    }
  }

  private prune(): void {
    this.mailbox.prune().catch((error: unknown) => this.logger.warn({ err: error }, 'mailboxes not pruned'));
  }
}

/**
 * Sessions are named by who they belong to: a device has one, and nobody can take another's by naming it. All of them last, for
 * a device that asks for a clean one would lose what waits for it.
 */
function nameSession(packet: ConnectPacket): boolean {
  packet.clientId = packet.username === CENTER_USER ? `@${packet.clientId}` : (packet.username ?? '');
  packet.clean = false;
  return true;
}
