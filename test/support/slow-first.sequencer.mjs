// Which test file begins first. Suites of whole processes take a minute each: begun last, they would run on alone while the other
// workers have nothing left to do. Jest itself knows their lengths from its cache only, and a fresh clone has none.
import Sequencer from '@jest/test-sequencer';

const TIERS = ['e2e', 'broker', 'medium', 'unit'];

export default class SlowFirstSequencer extends Sequencer {
  sort(tests) {
    // Within a tier as Jest would have it: by what it knows, else by size.
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
}

/**
 * Those that kill processes over and over take longest. The storm, which starts one every half second, begins when the first of the
 * others is done: beside two of them none of the three gets on.
 */
function place({ path, context }) {
  const tier = TIERS.indexOf(context.config.displayName?.name);
  if (!path.includes('/crash-')) return tier;
  return path.includes('/crash-storm') ? -1 : -2;
}
