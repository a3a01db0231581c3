import { timingSafeEqual } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  Aedes,
  type AedesPublishPacket,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
} from 'aedes';
import { DEVICE_TOKEN } from '#contracts';
import { MqttSignInRepository, type MqttSignIn } from '#entities';
import { AppLogger, Metrics, MqttConfig, safeEqual, sha256 } from '#platform';
import { AuditRefusedSignIns } from './audit-refused-sign-ins.service.js';
import { CatchUp } from './catch-up.js';
import { Connections, isSameSignIn, type ConnectedDevice, type ConnectedPeer } from './connections.js';
import { Mailbox, refOf } from './mailbox.service.js';
import { SessionStore } from './session-store.js';
import { CENTER_USER, UNHEARD, deviceOf, isHeard, mayPublish, maySubscribe, messagesTo } from './topic-rules.policy.js';

/** Who does not say who he is within this time is hung up on, ms. */
const CONNECT_WITHIN_MS = 10_000;
const MOST_CONNECTIONS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;
/** A device that was removed, or may sign in otherwise by now, is hung up on within this time; at once where it is to get something. */
const VERIFY_EVERY_MS = 2_000;
/** Compared with where a device has no password: a stranger cannot tell from the time that there is no such device. */
const NO_PASSWORD = sha256('');

const refusal = (returnCode: 3 | 4): AuthenticateError => Object.assign(new Error('refused'), { returnCode });

/**
 * The MQTT broker of `npm start`, so that a device can be tried at once (3.1.1). A device has one session, under its token,
 * which lasts: what comes while it is away stands in the mailbox, also over a restart.
 */
@Injectable()
export class EmbeddedMqttBroker implements OnApplicationShutdown {
  private readonly connections = new Connections();
  /** The one connection that is to get a message, by its payload: the broker copies packets, not payloads. */
  private readonly addressees = new WeakMap<Buffer, ConnectedDevice>();
  private readonly sessions = new SessionStore(
    ({ clientId, topic }) => deviceOf(topic) !== null && this.connections.find(clientId) === undefined,
  );
  private readonly broker = new Aedes({
    persistence: this.sessions,
    connectTimeout: CONNECT_WITHIN_MS,
    maxClientsIdLength: 512,
    preConnect: (_client, packet, done) => done(null, nameSession(packet)),
    authenticate: (client, username, password, done) => {
      this.identify(client, username, password).then(
        (peer) => {
          if (peer === null) {
            void this.refusals.record((client.conn as Socket).remoteAddress);
            return done(refusal(4), false);
          }
          this.connections.add(client, peer);
          done(null, true);
        },
        () => done(refusal(3), false),
      );
    },
    authorizePublish: (client, packet, done) => {
      this.admit(client, packet).then(() => done(), done);
    },
    authorizeSubscribe: (client, subscription, done) => {
      const peer = this.connections.peerOf(client);
      const isAllowed = peer !== undefined && maySubscribe(peer, subscription.topic, subscription.qos);
      done(null, isAllowed ? subscription : null);
    },
    authorizeForward: (client, packet) => (this.mayHear(client, packet) ? packet : null),
  });
  private server: Server | undefined;
  private pruning: NodeJS.Timeout | undefined;
  private verifying: NodeJS.Timeout | undefined;

  constructor(
    private readonly signIns: MqttSignInRepository,
    private readonly mailbox: Mailbox,
    private readonly refusals: AuditRefusedSignIns,
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
    this.verifyLater();
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server) return;
    clearInterval(this.pruning);
    clearTimeout(this.verifying);
    this.server.close();
    await new Promise<void>((resolve) => this.broker.close(resolve));
    await this.mailbox.settled();
  }

  /** Null where the password is wrong. */
  private async identify(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<ConnectedPeer | null> {
    if (username === undefined || password === undefined) return null;
    if (username === CENTER_USER) {
      return safeEqual(password, this.config.MQTT_PASSWORD ?? '') && this.config.MQTT_PASSWORD
        ? { kind: 'center' }
        : null;
    }
    if (!DEVICE_TOKEN.test(username)) return null;
    const signIn = (await this.signIns.of([username])).get(username);
    const hash = signIn?.passwordHash ?? null;
    const isRight = timingSafeEqual(sha256(password), hash ?? NO_PASSWORD);
    if (!signIn || hash === null || !isRight) return null;
    return { kind: 'device', token: username, client, signIn, catchUp: new CatchUp() };
  }

  /** Rejects what may not be published: the connection ends with it, for 3.1.1 has no word for no. */
  private async admit(client: Client | null, packet: PublishPacket): Promise<void> {
    const peer = client === null ? undefined : this.connections.peerOf(client);
    const { topic } = packet;
    const payload = Buffer.from(packet.payload);
    if (!peer || !mayPublish(peer, topic)) throw new Error('not allowed');
    packet.payload = payload;
    packet.retain = false;
    const token = deviceOf(topic);
    if (!isHeard(peer, payload.length) || (token !== null && !(await this.keep(token, payload))))
      packet.topic = UNHEARD;
  }

  /** False: no connection gets it now. It stands in the mailbox, unless it is for nobody. */
  private async keep(token: string, payload: Buffer): Promise<boolean> {
    const text = String(payload);
    const ended = this.connections.find(token)?.catchUp.taking();
    try {
      const signIn = await this.mailbox.keep({ token, payload: text });
      const device = this.connections.find(token);
      if (!device || !(await this.mayStay(device, signIn))) return false;
      const isNow = device.catchUp.stored(refOf(text));
      if (isNow) this.addressees.set(payload, device);
      return isNow;
    } finally {
      ended?.();
    }
  }

  /** What is for a device goes to the connection it was taken for: not to the next one, whosever that is. */
  private mayHear(client: Client, { payload }: AedesPublishPacket): boolean {
    const peer = this.connections.peerOf(client);
    if (peer?.kind !== 'device') return peer !== undefined;
    return Buffer.isBuffer(payload) && this.addressees.get(payload) === peer;
  }

  /** Hangs up on a device that may not sign in any more as it did. @param signIn as it was a moment ago */
  private async mayStay(device: ConnectedDevice, signIn: MqttSignIn | null): Promise<boolean> {
    if (isSameSignIn(device.signIn, signIn)) return true;
    await this.verify([device]);
    return false;
  }

  /** Hangs up on those that may not sign in any more as they did. @param devices that were connected before this call */
  private async verify(devices: readonly ConnectedDevice[]): Promise<void> {
    if (devices.length === 0) return;
    const signIns = await this.signIns.of(devices.map(({ token }) => token));
    for (const { token, client, signIn } of devices) {
      if (isSameSignIn(signIn, signIns.get(token))) continue;
      this.connections.remove(client);
      client.close();
    }
  }

  private verifyLater(): void {
    const again = (): void => {
      this.verify(this.connections.list())
        .catch((error: unknown) => this.logger.warn({ err: error }, 'connected devices not verified'))
        .finally(() => this.server?.listening && this.verifyLater());
    };
    this.verifying = setTimeout(again, VERIFY_EVERY_MS).unref();
  }

  private forget(packet: PublishPacket | undefined, { id }: Client): void {
    if (packet?.topic === messagesTo(id)) this.mailbox.drop({ token: id, payload: String(packet.payload) });
  }

  private leave(client: Client): void {
    this.connections.remove(client);
    this.metrics.mqttDevices.set(this.connections.size);
  }

  /** As soon as the device listens: what waited. */
  private catchUp(client: Client): void {
    const peer = this.connections.peerOf(client);
    this.metrics.mqttDevices.set(this.connections.size);
    // Before that the broker is still clearing away what the connection before this one left.
    if (peer?.kind !== 'device' || !client.connected) return;
    this.hand(peer).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'mailbox of a device not handed over, next time it connects');
      client.close();
    });
  }

  private async hand(device: ConnectedDevice): Promise<void> {
    const { client, token, signIn } = device;
    const topic = messagesTo(token);
    const subscriptions = await this.sessions.subscriptionsByClient(client);
    if (!subscriptions.some((subscription) => subscription.topic === topic)) return;
    await device.catchUp.run(
      () => this.mailbox.waitingFor(token, signIn),
      async ({ payload: text }) => {
        if (client.closed) return;
        const payload = Buffer.from(text);
        this.addressees.set(payload, device);
        const packet: PublishPacket = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false };
        await new Promise<void>((resolve) => client.publish(packet, () => resolve()));
      },
    );
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
