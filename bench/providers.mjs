// How many deliveries a second one provider hands to its vendor, 50 ms away, against the same calls from a bare undici loop.
import { figure } from './lib/figures.mjs';
import { startProgram } from './lib/processes.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { VENDORS } from './lib/vendors.mjs';

const LATENCY_MS = 50;
const WARM_UP_S = 1;
const GOAL = 0.8;

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export async function providers({ seconds, rounds }) {
  const figures = [];
  for (const vendor of VENDORS) figures.push(await measured(vendor, seconds, rounds));
  return {
    figures,
    facts: [
      `fakes in a process of their own, ${LATENCY_MS} ms away; every delivery with a content of its own, so one call each`,
      'the bare loop repeats the very calls of the run before it, as many at a time',
    ],
  };
}

const measured = ({ provider }, seconds, rounds) =>
  withStack(async (stack) => {
    const environment = { VENDOR: provider, VENDOR_LATENCY_MS: String(LATENCY_MS) };
    const fake = stack.add(await startProgram('programs/vendor.mjs', environment));
    const { settings } = fake.ready;
    const load = stack.add(
      await startProgram('programs/provider-load.mjs', { VENDOR: provider, VENDOR_SETTINGS: JSON.stringify(settings) }),
    );
    await load.ask({ ask: 'ours', seconds: WARM_UP_S });
    const rates = { ours: [], bare: [] };
    let concurrency = 0;
    for (let round = 1; round <= rounds; round++) {
      const ours = await load.ask({ ask: 'ours', seconds });
      if (ours.failed > 0) throw new Error(`${provider}: ${ours.failed} deliveries failed`);
      concurrency = ours.mostRunning;
      const bare = await load.ask({ ask: 'bare', concurrency });
      if (bare.failed > 0) throw new Error(`${provider}: ${bare.failed} bare calls failed`);
      rates.ours.push(ours.perSecond);
      rates.bare.push(bare.perSecond);
      console.log(
        `  round ${round}/${rounds}  ${provider}: ${Math.round(ours.perSecond)}/s, bare ${Math.round(bare.perSecond)}/s`,
      );
    }
    return figure(`${provider}, one process`, median(rates.ours), 'deliveries/s', {
      details: { 'calls at a time': concurrency },
      baselines: [{ name: 'bare undici loop', value: median(rates.bare), goal: { atLeast: GOAL } }],
    });
  });
