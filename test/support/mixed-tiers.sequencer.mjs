// Which test file begins when. Suites of whole processes take longest and come early: begun last, they would run on alone while the
// other workers have nothing left to do. But they also start a process every other second, and several of them side by side keep one
// another waiting; so half of the time goes to the other tiers for as long as there are any of them left.
// Jest itself knows how long files take from its cache only, and a fresh clone has none.
import Sequencer from '@jest/test-sequencer';

/** Seconds that a file of a tier takes, more or less. */
const SECONDS = { e2e: 18, broker: 20, medium: 5, unit: 1 };
const ORDER = ['e2e', 'broker', 'medium', 'unit'];

export default class MixedTiersSequencer extends Sequencer {
  sort(tests) {
    // Within a tier as Jest would have it: by what it knows, else by size.
    const sorted = [...super.sort(tests)].sort((a, b) => place(a) - place(b));
    const slow = sorted.filter((test) => ORDER.indexOf(tierOf(test)) < 2);
    const others = sorted.filter((test) => ORDER.indexOf(tierOf(test)) >= 2);
    const mixed = [];
    let [ofSlow, ofOthers] = [0, 0];
    while (slow.length > 0 && others.length > 0) {
      const isSlowNext = ofSlow <= ofOthers;
      const next = (isSlowNext ? slow : others).shift();
      if (isSlowNext) ofSlow += SECONDS[tierOf(next)];
      else ofOthers += SECONDS[tierOf(next)];
      mixed.push(next);
    }
    return [...mixed, ...slow, ...others];
  }
}

const tierOf = ({ context }) => context.config.displayName?.name;

/**
 * Those that kill processes over and over take longest of all. The storm, which starts one every half second, comes behind all other
 * suites of whole processes: beside one of them neither gets on.
 */
function place(test) {
  const tier = ORDER.indexOf(tierOf(test));
  if (!test.path.includes('/crash-')) return tier;
  return test.path.includes('/crash-storm') ? 0.5 : -1;
}
