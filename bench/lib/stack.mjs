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

/** Runs `body` with a stack of its own and ends everything on it. */
export async function withStack(body) {
  const own = stack();
  try {
    return await body(own);
  } finally {
    await own.stopAll();
  }
}
