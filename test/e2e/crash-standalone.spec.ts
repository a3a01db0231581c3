import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Center } from '../support/center.js';
import { CRASH_CASES, crashAt } from '../support/crash-cases.js';
import { watchRanks } from '../support/outcome.js';

describe('kill -9 of the standalone process', () => {
  let center: Center;

  beforeAll(async () => {
    center = await Center.open({ recipients: 210 });
    await watchRanks(center);
    await center.startAll();
  });
  afterAll(() => center?.close());

  it.each(CRASH_CASES.filter(({ needsBroker }) => !needsBroker))('at $failpoint: $title', (crash) =>
    crashAt(center, crash),
  );
});
