import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Center } from '../support/center.js';
import { CRASH_CASES, crashAt } from '../support/crash-cases.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { watchRanks } from '../support/outcome.js';

(HAS_BROKER ? describe : describe.skip)(`kill -9 of one of five processes${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;

  beforeAll(async () => {
    broker = await openVirtualHost();
    center = await Center.open({ rabbitUrl: broker.url, recipients: 210 });
    await watchRanks(center);
    await center.startAll();
  });
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it.each(CRASH_CASES)('at $failpoint of $app: $title', (crash) => crashAt(center, crash));
});
