// How many submits a second go out over one SMPP session, ours against the raw client of the npm package, to the same centre.
import { figure } from './lib/figures.mjs';
import { startProgram } from './lib/processes.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';

const WINDOW = 100;
const WARM_UP_S = 1;
const OURS = 'SMPP submits, our adapter';
const RAW = 'raw npm smpp client';
const TEXT = 'Your parcel is waiting at the front desk until Friday, 6 pm.';

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export const smpp = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const centre = stack.add(await startProgram('programs/smpp-centre.mjs', {}));
    const environment = { SMPP_PORT: String(centre.ready.port), SMPP_WINDOW: String(WINDOW) };
    const clients = new Map([
      [OURS, stack.add(await startProgram('programs/smpp-provider.mjs', environment))],
      [RAW, stack.add(await startProgram('peers/smpp-raw.mjs', environment))],
    ]);
    const rates = new Map([...clients.keys()].map((name) => [name, []]));
    for (const client of clients.values()) await client.ask({ ask: 'run', seconds: WARM_UP_S, text: TEXT });
    // In turns: whatever else the machine does meanwhile hits both alike.
    for (let round = 1; round <= rounds; round++) {
      for (const [name, client] of inTurn(clients, round)) {
        const { perSecond, failed } = await client.ask({ ask: 'run', seconds, text: TEXT });
        if (failed > 0) throw new Error(`${name}: ${failed} submits failed`);
        rates.get(name).push(perSecond);
        console.log(`  round ${round}/${rounds}  ${name}: ${Math.round(perSecond)}/s`);
      }
    }
    return {
      figures: [
        figure(OURS, median(rates.get(OURS)), 'submits/s', {
          baselines: [{ name: RAW, value: median(rates.get(RAW)), goal: { atLeast: 1 } }],
        }),
      ],
      facts: [`one session, window ${WINDOW}, one process for the centre (npm smpp)`],
    };
  });
