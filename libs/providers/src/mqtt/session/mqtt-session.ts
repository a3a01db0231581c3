import type { Socket } from 'node:net';
import mqttPacket, { type IConnectPacket, type Packet, type Parser } from 'mqtt-packet';
import { Outbox } from '../../connection/outbox.js';
import { PACKET_TOO_LARGE } from '../mqtt.outcomes.js';
import { encodePublish } from './encode-publish.js';
import { Publishes, type Publication, type PublishAnswer, type PublishesOptions } from './publishes.js';

export interface SessionOptions extends PublishesOptions {
  /** 4 is 3.1.1. */
  version: 4 | 5;
  keepAliveS: number;
}

/** What the broker said to CONNECT; `code` is a return code of 3.1.1 or a reason code of 5. */
export type Greeting = { isAnswered: true; code: number } | { isAnswered: false; word: string };

/** Something that came in; resolves once it may be acknowledged. Without its end the broker keeps it. Must not reject. */
export type TakeMessage = (topic: string, payload: Buffer) => Promise<void>;

/** Who connects. The session lasts: what arrives for it meanwhile is kept by the broker. */
export interface Identity {
  clientId: string;
  username?: string;
  password?: string;
}

/** A session is forgotten by the broker after this time without its owner, s. Only version 5 lets the client say so. */
const SESSION_EXPIRY_S = 86_400;
/** What a broker may hand over before the first is acknowledged; nothing larger than this comes in, octets (version 5). */
const RECEIVE_MAXIMUM = 1_000;
const MAX_PACKET = 65_536;
/** A full window of large messages is gathered in one turn, octets. */
const MAX_UNSENT = 64_000_000;
/** For the last words of a session, ms. */
const FAREWELL_MS = 3_000;

/** One connection to a broker, from its first byte to its last. Never connects again. */
export class MqttSession {
  /** Resolves when the connection is over, whoever ended it, with our word for the reason. */
  readonly ended: Promise<string>;
  private readonly parser: Parser;
  private readonly outbox: Outbox;
  private readonly publishes: Publishes;
  private heardAt = performance.now();
  private watchTimer: NodeJS.Timeout | undefined;
  private isOver = false;
  /** Octets of a packet; brokers of version 3.1.1 do not tell. */
  private maxSent = Infinity;
  private greet: ((greeting: Greeting) => void) | undefined;
  private confirm: ((granted: readonly number[]) => void) | undefined;
  private tellEnded: (code: string) => void = () => undefined;

  /** @param socket connected */
  constructor(
    private readonly socket: Socket,
    private readonly options: SessionOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.ended = new Promise((resolve) => (this.tellEnded = resolve));
    this.outbox = new Outbox(socket, () => this.publishes.pump(), MAX_UNSENT);
    this.publishes = new Publishes(
      options,
      () => this.outbox.hasRoom,
      (id, publication) => this.writePublish(id, publication),
      () => this.end('timeout'),
    );
    this.parser = mqttPacket.parser({ protocolVersion: options.version });
    this.parser.on('packet', (packet) => {
      if (!this.isOver) this.handle(packet);
    });
    this.parser.on('error', () => this.end('garbage_received'));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', (error: Error & { code?: string }) =>
      this.end(error.code === 'ETIMEDOUT' ? 'timeout' : 'connection_reset'),
    );
    socket.on('end', () => this.end('connection_closed'));
    socket.on('close', () => this.end('connection_closed'));
  }

  connect({ clientId, username, password }: Identity): Promise<Greeting> {
    const { version, keepAliveS, answerTimeoutMs } = this.options;
    const connect: IConnectPacket = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: version,
      clientId,
      clean: false,
      keepalive: keepAliveS,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password: Buffer.from(password) }),
      ...(version === 5 && {
        properties: {
          sessionExpiryInterval: SESSION_EXPIRY_S,
          receiveMaximum: RECEIVE_MAXIMUM,
          maximumPacketSize: MAX_PACKET,
        },
      }),
    };
    return this.within<Greeting>(answerTimeoutMs, (tell) => {
      this.greet = tell;
      this.write(connect);
      void this.ended.then((word) => tell({ isAnswered: false, word }));
    }).then((greeting) => {
      if (greeting.isAnswered && greeting.code === 0) this.watch();
      return greeting;
    });
  }

  /** At QoS 1. Whether the broker granted all of it. */
  subscribe(topics: readonly string[]): Promise<boolean> {
    return this.within<readonly number[]>(this.options.answerTimeoutMs, (tell) => {
      this.confirm = tell;
      // Ids of messages begin at 1 and no message was written yet.
      this.write({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 })) });
      void this.ended.then(() => tell([]));
    }).then((granted) => granted.length === topics.length && granted.every((qos) => qos < 0x80));
  }

  /** As `Publishes.publish`. */
  publish(publications: readonly Publication[], signal: AbortSignal): Promise<PublishAnswer[]> {
    return this.publishes.publish(publications, signal);
  }

  /** Says goodbye; the broker keeps what comes for the session. */
  close(): void {
    this.publishes.refuse('connection_closed');
    this.write({ cmd: 'disconnect', reasonCode: 0 });
    this.end('connection_closed');
  }

  /** Hangs up without a word. */
  drop(): void {
    this.end('connection_closed');
  }

  /** No answer in time is the end of the connection, and with that an answer. */
  private within<T>(ms: number, ask: (tell: (answer: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.end('timeout'), ms);
      ask((answer) => {
        clearTimeout(patience);
        resolve(answer);
      });
    });
  }

  private writePublish(messageId: number, publication: Publication): void {
    const bytes = encodePublish(messageId, publication, this.options.version);
    // A broker hangs up on what is too large, and all others on the way would be lost with it.
    if (bytes.length > this.maxSent) this.publishes.answer(messageId, PACKET_TOO_LARGE);
    else this.outbox.put(bytes);
  }

  private write(packet: Packet): void {
    if (!this.isOver) this.outbox.put(mqttPacket.generate(packet, { protocolVersion: this.options.version }));
  }

  private read(chunk: Buffer): void {
    if (this.isOver) return;
    this.heardAt = performance.now();
    this.parser.parse(chunk);
  }

  private handle(packet: Packet): void {
    switch (packet.cmd) {
      case 'puback':
        return this.publishes.answer(packet.messageId ?? 0, packet.reasonCode ?? 0);
      case 'publish':
        return this.take(packet.topic, packet.payload, packet.qos === 1 ? packet.messageId : undefined);
      case 'connack':
        this.publishes.narrow(packet.properties?.receiveMaximum ?? this.options.window);
        this.maxSent = packet.properties?.maximumPacketSize ?? Infinity;
        return this.greet?.({ isAnswered: true, code: packet.reasonCode ?? packet.returnCode ?? 0 });
      case 'suback':
        return this.confirm?.(packet.granted as number[]);
      case 'disconnect':
        return this.end('connection_closed');
      default:
    }
  }

  private take(topic: string, payload: string | Buffer, messageId: number | undefined): void {
    void this.takeMessage(topic, Buffer.from(payload)).then(() => {
      if (messageId !== undefined) this.write({ cmd: 'puback', messageId, reasonCode: 0 });
    });
  }

  /** Asks in good time whether anybody is there; a silence of one and a half times the agreed one is the end. */
  private watch(): void {
    const aliveMs = this.options.keepAliveS * 1000;
    this.watchTimer = setInterval(() => {
      if (performance.now() - this.heardAt > 1.5 * aliveMs) this.end('timeout');
      else this.write({ cmd: 'pingreq' });
    }, aliveMs / 2);
  }

  private end(code: string): void {
    if (this.isOver) return;
    this.outbox.flush();
    this.isOver = true;
    clearInterval(this.watchTimer);
    this.socket.destroySoon();
    // A peer that does not read would keep the last words in the air for ever.
    setTimeout(() => this.socket.destroy(), FAREWELL_MS).unref();
    this.publishes.end(code);
    this.tellEnded(code);
  }
}
