// Node's environment for tests, which lets go of a file when it is done.
// Jest makes a store for the context of tests per file and never gives it up: Node would keep it, with all that the file had loaded,
// and hand it on at every promise of every later file of the same worker.
import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

const inUse = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...given) {
  inUse.add(this);
  return run.apply(this, given);
};

export default class ForgettingEnvironment extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const storage of inUse) storage.disable();
    inUse.clear();
  }
}
