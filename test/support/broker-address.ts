import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One address for whichever broker stands behind it at the moment; none: connections are refused. */
export class BrokerAddress {
  private target: number | null = null;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => this.lead(client));
  }

  static async open(): Promise<BrokerAddress> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new BrokerAddress(server);
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  leadTo(url: string | null): void {
    this.target = url === null ? null : Number(new URL(url).port);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private lead(client: Socket): void {
    if (this.target === null) return void client.resetAndDestroy();
    const broker = connect(this.target, '127.0.0.1');
    this.join(client, broker);
    this.join(broker, client);
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
