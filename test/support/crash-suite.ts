import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Center } from './center.js';
import { crashAt, type CrashCase } from './crash-cases.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from './e2e-broker.js';
import { watchRanks } from './outcome.js';

/** Enough for the way of large audiences. */
const RECIPIENTS = 210;

/** One center that goes through all these crashes, one after the other: five processes over RabbitMQ. */
export function crashSuiteDistributed(title: string, cases: readonly CrashCase[]): void {
  (HAS_BROKER ? describe : describe.skip)(`${title}${WITHOUT_BROKER}`, () => {
    let broker: Awaited<ReturnType<typeof openVirtualHost>>;
    crashTests(cases, async () => {
      broker = await openVirtualHost();
      return Center.open({ rabbitUrl: broker.url, recipients: RECIPIENTS });
    });
    afterAll(() => broker?.drop());
  });
}

/** The same in one standalone process. */
export function crashSuiteStandalone(title: string, cases: readonly CrashCase[]): void {
  describe(title, () => crashTests(cases, () => Center.open({ recipients: RECIPIENTS })));
}

function crashTests(cases: readonly CrashCase[], open: () => Promise<Center>): void {
  let center: Center;
  beforeAll(async () => {
    center = await open();
    await watchRanks(center);
    await center.startAll();
  });
  afterAll(() => center?.close());
  it.each(cases)('at $failpoint of $app: $title', (crash) => crashAt(center, crash));
}
