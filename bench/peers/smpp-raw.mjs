// Peer: the npm package `smpp` as client, with as many submits under way as the window allows. No batches, no outcomes, no refs.
import smpp from 'smpp';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const window = Number(process.env.SMPP_WINDOW);
const session = smpp.connect({ host: '127.0.0.1', port: Number(process.env.SMPP_PORT) });
await new Promise((resolve) => session.once('connect', resolve));
await new Promise((resolve) => session.bind_transceiver({ system_id: 'bench', password: 'bench' }, resolve));
onTerm(() => new Promise((resolve) => session.unbind(() => session.close(resolve))));
serveQuestions(true, { run });

function run({ seconds, text }) {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let sent = 0;
  let failed = 0;
  let number = 0;
  let underWay = 0;
  return new Promise((resolve) => {
    const submit = () => {
      if (performance.now() >= until) {
        if (underWay === 0) resolve({ perSecond: (sent / (performance.now() - startedAt)) * 1000, failed });
        return;
      }
      underWay++;
      session.submit_sm(
        {
          source_addr: '1069',
          dest_addr_ton: 1,
          dest_addr_npi: 1,
          destination_addr: `86138${String(++number % 1e8).padStart(8, '0')}`,
          registered_delivery: 1,
          data_coding: 0,
          short_message: text,
        },
        (answer) => {
          underWay--;
          if (answer.command_status === 0) sent++;
          else failed++;
          submit();
        },
      );
    };
    for (let i = 0; i < window; i++) submit();
  });
}
