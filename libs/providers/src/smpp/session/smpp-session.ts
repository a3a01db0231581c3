import type { Socket } from 'node:net';
import { BadPduError } from '../wire/byte-reader.js';
import { FrameReader } from '../wire/frame-reader.js';
import { decodePdu, encodePdu } from '../wire/pdu-codec.js';
import { STATUS, isResponseId, type BindRequest, type Pdu, type ShortMessage } from '../wire/pdu.js';
import { Outbox } from '../../connection/outbox.js';
import { Requests, type Answer } from './requests.js';

export interface SessionOptions {
  /** Submits that may be without an answer at the same time. */
  window: number;
  responseTimeoutMs: number;
  /** Silence after which the other side is asked whether it is there, ms. */
  enquireLinkMs: number;
}

/** Something that came in; resolves with the `command_status` of the answer. Must not reject. */
export type TakeMessage = (message: ShortMessage) => Promise<number>;

/** Alerts have no answer (SMPP 3.4 §4.12.1). */
const ALERT_NOTIFICATION = 0x00000102;
/** For the last words of a session, ms. */
const FAREWELL_MS = 3_000;

/** One connection to a message centre, from its first byte to its last. Never connects again. */
export class SmppSession {
  /** Resolves when the connection is over, whoever ended it, with our word for the reason. */
  readonly ended: Promise<string>;
  private readonly frames = new FrameReader();
  private readonly outbox: Outbox;
  private readonly requests: Requests;
  private heardAt = performance.now();
  private idleTimer: NodeJS.Timeout | undefined;
  private isOver = false;
  private closing: Promise<void> | undefined;
  private tellEnded: (code: string) => void = () => undefined;

  /** @param socket connected */
  constructor(
    private readonly socket: Socket,
    private readonly options: SessionOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.ended = new Promise((resolve) => (this.tellEnded = resolve));
    this.outbox = new Outbox(socket, () => this.requests.pump());
    this.requests = new Requests(
      options,
      () => this.outbox.hasRoom,
      (pdu) => this.write(pdu),
    );
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', (error: Error & { code?: string }) =>
      this.end(error.code === 'ETIMEDOUT' ? 'timeout' : 'connection_reset'),
    );
    socket.on('end', () => this.end('connection_closed'));
    socket.on('close', () => this.end('connection_closed'));
  }

  async bind(bind: BindRequest): Promise<Answer> {
    const answer = await this.requests.ask({ command: 'bind_transceiver', ...bind });
    if (answer.isAnswered && answer.status === STATUS.ok && !this.isOver) this.watch(this.options.enquireLinkMs);
    return answer;
  }

  submit(message: ShortMessage, signal: AbortSignal): Promise<Answer> {
    return this.requests.submit(message, signal);
  }

  /** Takes no more submits and says goodbye; resolves when the connection is over. May be called again. */
  close(): Promise<void> {
    this.closing ??= this.sayGoodbye();
    return this.closing;
  }

  /** Hangs up without a word. */
  drop(): void {
    this.end('connection_closed');
  }

  private async sayGoodbye(): Promise<void> {
    this.requests.refuse('connection_closed');
    const farewell = setTimeout(() => this.end('timeout'), FAREWELL_MS);
    await this.requests.ask({ command: 'unbind' });
    clearTimeout(farewell);
    this.end('connection_closed');
  }

  private write(pdu: Pdu): void {
    if (!this.isOver) this.outbox.put(encodePdu(pdu));
  }

  private read(chunk: Buffer): void {
    if (this.isOver) return;
    this.heardAt = performance.now();
    let frames: Buffer[];
    try {
      frames = this.frames.push(chunk);
    } catch {
      // The place in the stream is lost, or it never was SMPP: there is no way back but a new connection.
      this.write({ command: 'generic_nack', status: STATUS.invalidCommandLength, sequence: 0 });
      return this.end('garbage_received');
    }
    for (const frame of frames) if (!this.isOver) this.readFrame(frame);
  }

  private readFrame(frame: Buffer): void {
    try {
      this.handle(decodePdu(frame));
    } catch (error) {
      if (!(error instanceof BadPduError)) throw error;
      const sequence = frame.readUInt32BE(12);
      this.write({ command: 'generic_nack', status: STATUS.invalidCommandLength, sequence });
    }
  }

  private handle(pdu: Pdu): void {
    const { sequence } = pdu;
    switch (pdu.command) {
      case 'enquire_link':
        return this.write({ command: 'enquire_link_resp', status: STATUS.ok, sequence });
      case 'deliver_sm':
        return void this.takeMessage(pdu).then((status) =>
          this.write({ command: 'deliver_sm_resp', status, sequence, messageId: '' }),
        );
      case 'unbind':
        return this.leaveOnRequest(sequence);
      case 'bind_transceiver':
      case 'submit_sm':
        return this.refuseCommand(sequence);
      case 'other':
        if (!isResponseId(pdu.id) && pdu.id !== ALERT_NOTIFICATION) this.refuseCommand(sequence);
        return;
      default:
        this.requests.answer(pdu);
    }
  }

  private refuseCommand(sequence: number): void {
    this.write({ command: 'generic_nack', status: STATUS.invalidCommandId, sequence });
  }

  /** The other side wants to end. Its answers to what is in flight may still come until it hangs up. */
  private leaveOnRequest(sequence: number): void {
    this.requests.refuse('connection_closed');
    this.write({ command: 'unbind_resp', status: STATUS.ok, sequence });
    setTimeout(() => this.end('connection_closed'), FAREWELL_MS).unref();
  }

  /** Asks after each silence whether anybody is there; no answer is the end of the connection. */
  private watch(afterMs: number): void {
    this.idleTimer = setTimeout(() => {
      const silentMs = performance.now() - this.heardAt;
      if (silentMs < this.options.enquireLinkMs) return this.watch(Math.ceil(this.options.enquireLinkMs - silentMs));
      void this.requests.ask({ command: 'enquire_link' }).then((answer) => {
        if (this.isOver) return;
        if (answer.isAnswered) this.watch(this.options.enquireLinkMs);
        else this.end('timeout');
      });
    }, afterMs);
  }

  private end(code: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.idleTimer);
    this.outbox.flush();
    this.socket.destroySoon();
    // A peer that does not read would keep the last words in the air for ever.
    setTimeout(() => this.socket.destroy(), FAREWELL_MS).unref();
    this.requests.end(code);
    this.tellEnded(code);
  }
}
