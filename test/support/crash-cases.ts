import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Center } from './center.js';
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
    failpoint: 'bus.published-before-confirm',
    app: 'dispatcher',
    title: 'what may be published twice is sent once',
    needsBroker: true,
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

/** Sends one message into a process that ends at the step, lets another take its place, and looks at what became of it. */
export async function crashAt(center: Center, crash: CrashCase): Promise<void> {
  const { sink } = center;
  const users = Array.from({ length: crash.recipients ?? 2 }, (_, n) => `u${n}`);
  const before = await outcomeOf(center, 2);
  const host = center.hostOf(crash.app);
  const victim = center.app(host);
  await victim.armFailpoint(crash.failpoint);
  const key = randomUUID();
  const more = { statusCallback: sink.callbackUrl };
  const first = await center.send(users, more, { key }).catch(() => null); // in one process any crash may lose the answer
  if (crash.isUnanswered) expect(first).toBeNull();
  expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
  const doesWorkerLive = center.isDistributed && crash.app !== 'channel-worker';
  await (doesWorkerLive ? center.passTime() : center.endLeases());
  if (crash.app === 'reporting') await center.db.query('UPDATE callback SET due_at = now()'); // nobody holds one
  await center.start(host);
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
