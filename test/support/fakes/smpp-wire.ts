import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FrameReader } from '../../../libs/providers/src/smpp/wire/frame-reader.js';
import { decodePdu, encodePdu } from '../../../libs/providers/src/smpp/wire/pdu-codec.js';
import type { Pdu } from '../../../libs/providers/src/smpp/wire/pdu.js';

/** One connection as the script sees it. */
export interface WireConnection {
  /** From 0. */
  number: number;
  socket: Socket;
  send(pdu: Pdu): void;
  /** Units that came over it so far. */
  received: Pdu[];
}

export interface SmppWire {
  port: number;
  connections: WireConnection[];
  close(): Promise<void>;
}

/** What the centre does with one unit. `true`: nothing else; otherwise binds, enquiries and unbinds are answered in the usual way. */
export type WireScript = (pdu: Pdu, connection: WireConnection) => boolean | void;

/** A message centre that can do to the wire what no library would. */
export async function openSmppWire(script: WireScript): Promise<SmppWire> {
  const connections: WireConnection[] = [];
  const server = createServer((socket) => {
    const connection: WireConnection = {
      number: connections.length,
      socket,
      send: (pdu) => void socket.write(encodePdu(pdu)),
      received: [],
    };
    connections.push(connection);
    const frames = new FrameReader();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        const pdu = decodePdu(frame);
        connection.received.push(pdu);
        if (script(pdu, connection) !== true) answerAsUsual(pdu, connection);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    close: async () => {
      server.close();
      for (const { socket } of connections) socket.destroy();
      await once(server, 'close');
    },
  };
}

function answerAsUsual({ command, sequence }: Pdu, { send, socket }: WireConnection): void {
  if (command === 'bind_transceiver') send({ command: 'bind_transceiver_resp', status: 0, sequence, systemId: 'WIRE' });
  if (command === 'enquire_link') send({ command: 'enquire_link_resp', status: 0, sequence });
  if (command === 'submit_sm') send({ command: 'submit_sm_resp', status: 0, sequence, messageId: `id-${sequence}` });
  if (command === 'unbind') {
    send({ command: 'unbind_resp', status: 0, sequence });
    socket.end();
  }
}
