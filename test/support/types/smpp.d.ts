/** The npm package `smpp` has no types of its own: as much of them as the tests use. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  type Fields = Record<string, unknown>;

  class PDU {
    constructor(command: string | Buffer, fields?: Fields);
    static fromBuffer(bytes: Buffer): PDU | false;
    command: string;
    command_status: number;
    sequence_number: number;
    response(fields?: Fields): PDU;
    toBuffer(): Buffer;
    [field: string]: unknown;
  }

  class Session extends EventEmitter {
    socket: Socket;
    send(pdu: PDU): boolean;
    deliver_sm(fields: Fields, onAnswer: (answer: PDU) => void): boolean;
    enquire_link(onAnswer: (answer: PDU) => void): boolean;
    unbind(onAnswer: (answer: PDU) => void): boolean;
    close(): void;
    destroy(): void;
  }

  interface Server extends NetServer {
    sessions: Session[];
  }

  const smpp: {
    PDU: typeof PDU;
    Session: typeof Session;
    createServer(options: { key?: string; cert?: string }, onSession: (session: Session) => void): Server;
    gsmCoder: {
      encode(text: string, tables: number): Buffer;
      decode(octets: Buffer, tables: number): string;
    };
  };
  export type { PDU, Server, Session };
  export default smpp;
}
