import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';

/** A broker that does as it is told: for what a sound one would never do. */
export class ScriptedMqttBroker {
  readonly published: IPublishPacket[] = [];
  readonly connects: IConnectPacket[] = [];
  readonly pubacks: number[] = [];
  /** Answer to CONNECT; null: none, the connection is closed. */
  connackCode: (connect: IConnectPacket) => number | null = () => 0;
  /** Answer to a message; null: none. */
  pubackReason: (publish: IPublishPacket) => number | null = () => 0;
  /** Of every subscription. */
  grants = 1;
  receiveMaximum: number | undefined;
  maximumPacketSize: number | undefined;
  /** Most messages that were without an answer at the same time. */
  mostOpen = 0;
  private open = 0;
  private readonly sockets = new Set<Socket>();
  private raw = '';

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(): Promise<ScriptedMqttBroker> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedMqttBroker(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** All that ever came in, as text. */
  get received(): string {
    return this.raw;
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Hands a message to everybody who is connected. */
  say(topic: string, payload: string, messageId: number): void {
    this.writeAll({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId });
  }

  writeAll(packet: Packet): void {
    for (const socket of this.sockets) socket.write(mqttPacket.generate(packet));
  }

  dropAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    const parser = mqttPacket.parser();
    let version = 4;
    const answer = (packet: Packet): void =>
      void socket.write(mqttPacket.generate(packet, { protocolVersion: version }));
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connect') version = packet.protocolVersion ?? 4;
      this.answer(packet, version, answer, socket);
    });
    socket.on('data', (chunk) => {
      this.raw += chunk.toString('latin1');
      parser.parse(chunk);
    });
  }

  private answer(packet: Packet, version: number, answer: (packet: Packet) => void, socket: Socket): void {
    switch (packet.cmd) {
      case 'connect': {
        this.connects.push(packet);
        const code = this.connackCode(packet);
        if (code === null) return void socket.destroy();
        const { receiveMaximum, maximumPacketSize } = this;
        const properties = {
          ...(receiveMaximum !== undefined && { receiveMaximum }),
          ...(maximumPacketSize !== undefined && { maximumPacketSize }),
        };
        return answer(
          version === 5
            ? { cmd: 'connack', reasonCode: code, sessionPresent: false, properties }
            : { cmd: 'connack', returnCode: code, sessionPresent: false },
        );
      }
      case 'subscribe':
        return answer({ ...packet, cmd: 'suback', granted: packet.subscriptions.map(() => this.grants) });
      case 'publish': {
        this.published.push(packet);
        this.mostOpen = Math.max(this.mostOpen, ++this.open);
        const reasonCode = this.pubackReason(packet);
        if (reasonCode === null) return;
        // In a later turn, as over a network: else no two would ever be open.
        setImmediate(() => {
          this.open--;
          answer({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode });
        });
        return;
      }
      case 'puback':
        this.pubacks.push(packet.messageId ?? 0);
        return;
      case 'pingreq':
        return answer({ cmd: 'pingresp' });
      default:
    }
  }
}
