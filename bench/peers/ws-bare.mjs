// What the network alone costs: the same frame to everybody who is connected, nothing kept, nothing enciphered.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { connackPacket, recvPacket } from '../lib/im-wire.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/message/send') {
      const { channel_id: channel, client_msg_no: number, payload } = JSON.parse(Buffer.concat(chunks).toString());
      const frame = recvPacket(channel, number, payload);
      for (const client of sockets.clients) client.send(frame);
    }
    response.end('{}');
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (client) => client.once('message', () => client.send(connackPacket())));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
onTerm(() => {
  for (const client of sockets.clients) client.terminate();
  server.close();
});
const { port } = server.address();
serveQuestions({ port, webSocketPort: port }, {});
