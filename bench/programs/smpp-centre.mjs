// A message centre that takes everything at once: the npm package `smpp` as server, the same process for all clients.
import smpp from 'smpp';
import { onTerm, serveQuestions } from '../lib/program.mjs';

let taken = 0;
const server = smpp.createServer({}, (session) => {
  session.on('error', () => undefined);
  session.on('bind_transceiver', (pdu) => session.send(pdu.response()));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('submit_sm', (pdu) => session.send(pdu.response({ message_id: String(++taken) })));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
});
server.listen(0, '127.0.0.1', () => {
  onTerm(() => server.close());
  serveQuestions({ port: server.address().port }, {});
});
