import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { QUEUES } from '#contracts';
import { eventually } from '../broker/messaging/eventually.js';
import type { Center } from './center.js';
import { copiesOf, type EventCopies } from './event-copies.js';
import { outcomeOf } from './outcome.js';
import type { AppName } from './processes.js';

/** A step of the way of one message (architecture §3) at which its process is ended as by a power failure. */
export interface CrashCase {
  failpoint: string;
  app: AppName;
  /** What holds there. */
  title: string;
  /** The provider may have said yes and nobody wrote it down: the one window for a duplicate. */
  isWindow?: boolean;
  /** The caller is not answered and asks again. */
  isUnanswered?: boolean;
  /** Recipients; more than 200 take the way of large audiences. Default 2. */
  recipients?: number;
  /** The event is in the broker when the process ends, and its successor publishes it again. */
  isPublishedTwice?: boolean;
  /** A step of the work on the broker: it does not exist inside one process. */
  needsBroker?: boolean;
}

export const CRASH_CASES: readonly CrashCase[] = [
  {
    failpoint: 'intake.before-commit',
    app: 'gateway',
    title: 'the caller hears nothing and asks again: sent once',
    isUnanswered: true,
  },
  {
    failpoint: 'intake.after-commit',
    app: 'gateway',
    title: 'the same key answers the same message: sent once',
    isUnanswered: true,
  },
  { failpoint: 'dispatcher.before-fan-out', app: 'dispatcher', title: 'the work row is due all the same' },
  {
    failpoint: 'dispatcher.after-fan-out',
    app: 'dispatcher',
    title: 'work that was never published is handed over again',
  },
  {
    failpoint: 'dispatcher.after-chunk',
    app: 'dispatcher',
    title: 'the next one goes on behind the chunk',
    recipients: 210,
  },
  {
    failpoint: 'dispatcher.after-hand-over',
    app: 'dispatcher',
    title: 'work taken and not published is handed over again',
    recipients: 210,
  },
  {
    failpoint: 'bus.confirmed-before-known',
    app: 'dispatcher',
    title: 'what is published twice is sent once',
    needsBroker: true,
    isPublishedTwice: true,
  },
  { failpoint: 'worker.after-claim', app: 'channel-worker', title: 'the lease ends and another worker sends' },
  { failpoint: 'worker.before-call', app: 'channel-worker', title: 'sent once' },
  {
    failpoint: 'worker.after-call',
    app: 'channel-worker',
    title: 'sent a second time, counted and flagged',
    isWindow: true,
  },
  {
    failpoint: 'worker.before-settle',
    app: 'channel-worker',
    title: 'sent a second time, counted and flagged',
    isWindow: true,
  },
  { failpoint: 'worker.after-settle', app: 'channel-worker', title: 'the repeated event does nothing' },
  {
    failpoint: 'consumer.handled-before-ack',
    app: 'channel-worker',
    title: 'the redelivered event does nothing',
    needsBroker: true,
  },
  { failpoint: 'reporting.after-fold', app: 'reporting', title: 'nothing is counted twice' },
  { failpoint: 'reporting.before-callback', app: 'reporting', title: 'the callback is due again' },
  { failpoint: 'reporting.after-callback', app: 'reporting', title: 'the callback comes again under the same id' },
];

/** Lets no worker take up the first copy of a delivery event before the second is there. */
class PublishedTwice {
  private constructor(
    private readonly copies: EventCopies,
    private readonly workerPid: number,
  ) {}

  static async expectIn(center: Center): Promise<PublishedTwice> {
    const copies = await copiesOf(center.rabbitUrl, QUEUES.deliveryRequested('webhook'));
    const { pid } = center.app('channel-worker');
    process.kill(pid, 'SIGSTOP');
    return new PublishedTwice(copies, pid);
  }

  async first(): Promise<void> {
    await eventually(
      () => this.copies.bodies,
      ({ length }) => length === 1,
    );
  }

  async second(): Promise<void> {
    try {
      const [first, second] = await eventually(
        () => this.copies.bodies,
        ({ length }) => length === 2,
        20_000,
      );
      expect(second).toBe(first);
    } finally {
      process.kill(this.workerPid, 'SIGCONT');
      await this.copies.close();
    }
  }
}

/** Sends one message into a process that ends at the step, lets another take its place, and looks at what became of it. */
export async function crashAt(center: Center, crash: CrashCase): Promise<void> {
  const { sink } = center;
  const users = Array.from({ length: crash.recipients ?? 2 }, (_, n) => `u${n}`);
  const before = await outcomeOf(center, 2);
  const host = center.hostOf(crash.app);
  const victim = center.app(host);
  const twice = crash.isPublishedTwice ? await PublishedTwice.expectIn(center) : null;
  await victim.armFailpoint(crash.failpoint);
  const key = randomUUID();
  const more = { statusCallback: sink.callbackUrl };
  const first = await center.send(users, more, { key }).catch(() => null); // in one process any crash may lose the answer
  if (crash.isUnanswered) expect(first).toBeNull();
  expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
  const doesWorkerLive = center.isDistributed && crash.app !== 'channel-worker';
  await (doesWorkerLive ? center.passTime() : center.endLeases());
  if (crash.app === 'reporting') await center.db.query('UPDATE callback SET due_at = now()'); // nobody holds one
  await twice?.first();
  await center.start(host);
  await twice?.second();
  const id = await center.sendUntilAccepted(users, more, key);
  if (first !== null) expect(id).toBe(first);
  await center.untilDone([id]);

  const after = await outcomeOf(center, 2);
  expect(after.complaints).toEqual([]);
  expect(after.duplicates - before.duplicates).toBe(crash.isWindow ? users.length : 0);
  if (crash.isWindow) expect(after.flagged - before.flagged).toBe(users.length);
  const told = sink.reported(id).map(({ uid, status }) => `${uid} ${status}`);
  expect(told.sort()).toEqual(users.map((user) => `${user} delivered`).sort());
}
