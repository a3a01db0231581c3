// Things that were started, in order; ended in the opposite one, whatever happens.
/** @typedef {{ add<T extends { stop(): Promise<unknown> }>(thing: T): T, stopAll(): Promise<void> }} Stack */

/** @returns {Stack} */
export function stack() {
  const things = [];
  return {
    add(thing) {
      things.push(thing);
      return thing;
    },
    async stopAll() {
      for (const thing of things.splice(0).reverse()) {
        await thing.stop().catch((error) => console.error(`could not be ended: ${error.message}`));
      }
    },
  };
}

/** Stacks in use, the innermost last. */
const inUse = [];

/** Runs `body` with a stack of its own and ends everything on it. */
export async function withStack(body) {
  const own = stack();
  inUse.push(own);
  try {
    return await body(own);
  } finally {
    await own.stopAll();
    inUse.splice(inUse.indexOf(own), 1);
  }
}

/** Ends whatever runs, from the inside out: for a bench that is interrupted. */
export async function endEverything() {
  for (const own of [...inUse].reverse()) await own.stopAll();
}
