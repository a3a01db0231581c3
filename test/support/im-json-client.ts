import { WebSocket } from 'ws';

export interface JsonFrame {
  id?: string;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
  params?: Record<string, unknown>;
}

/** A client that speaks JSON-RPC in text frames, one object each. */
export class ImJsonClient {
  readonly frames: JsonFrame[] = [];
  /** Settles with the code when the connection is over. */
  readonly closed: Promise<number>;
  /** Why, in the words of the server; empty until then. */
  closeReason = '';
  private nextId = 1;

  private constructor(readonly socket: WebSocket) {
    socket.setMaxListeners(0); // one an open question
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.frames.push(JSON.parse(data.toString()) as JsonFrame);
    });
    socket.on('error', () => undefined); // the close says it
    this.closed = new Promise((settle) =>
      socket.once('close', (code, reason) => {
        this.closeReason = reason.toString();
        settle(code);
      }),
    );
  }

  static async open(port: number): Promise<ImJsonClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const client = new ImJsonClient(socket);
    await new Promise<void>((ready, fail) => socket.once('open', () => ready()).once('error', fail));
    return client;
  }

  /** Opened and logged in, whatever came of it. */
  static async login(port: number, params: Record<string, unknown>): Promise<ImJsonClient & { answer: JsonFrame }> {
    const client = await ImJsonClient.open(port);
    const answer = await client.ask('connect', { token: '', deviceFlag: 1, clientTimestamp: Date.now(), ...params });
    return Object.assign(client, { answer });
  }

  /** Waits for the answer; an empty one where the connection ends before. */
  async ask(method: string, params?: object): Promise<JsonFrame> {
    const id = `r${this.nextId++}`;
    const answered = new Promise<JsonFrame>((settle) => {
      const look = (): void => {
        const answer = this.frames.find((frame) => frame.id === id);
        if (!answer) return;
        this.socket.off('message', look);
        settle(answer);
      };
      this.socket.on('message', look);
    });
    this.say({ jsonrpc: '2.0', id, method, ...(params ? { params } : {}) });
    return Promise.race([answered, this.closed.then(() => ({}))]);
  }

  say(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Params of the notifications of a kind that came so far. */
  heard(method: string): Record<string, unknown>[] {
    return this.frames.flatMap((frame) => (frame.method === method && frame.params ? [frame.params] : []));
  }

  close(): void {
    this.socket.terminate();
  }
}
