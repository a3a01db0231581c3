import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { AuditRepository, RateWindowRepository, UpkeepRepository } from '#entities';
import { HealthRegistry } from '#platform';
import { UpkeepJob } from '../../../apps/dispatcher/src/upkeep/upkeep.job.js';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';

const RETENTION_DAYS = 400;
/** As in partitions.repository.ts: whoever makes partitions holds it. */
const MAKER_LOCK = 0x6d635f70;

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps({ DATABASE_LOCK_TIMEOUT_MS: '200' });
});
afterAll(() => mc.close());

describe('what strangers leave behind', () => {
  const sweep = (): Promise<boolean> => mc.get(UpkeepRepository).dropStale(1000, RETENTION_DAYS);

  it('of their calls goes when no window can count it any more', async () => {
    for (const subject of ['wrong:1.2.3.4', 'wrong:1.2.3.5', 'quota_day:sms:main'])
      await mc.get(RateWindowRepository).lease(subject, 10, 86_400, 1);
    await mc.rows(`UPDATE rate_window SET window_start = now() - interval '47 hours' WHERE subject LIKE 'quota%'`);
    await mc.rows(`UPDATE rate_window SET window_start = now() - interval '49 hours' WHERE subject = 'wrong:1.2.3.4'`);
    await sweep();
    expect(await mc.rows('SELECT subject FROM rate_window ORDER BY subject')).toEqual([
      { subject: 'quota_day:sms:main' },
      { subject: 'wrong:1.2.3.5' },
    ]);
  });

  it('in the audit log goes with the messages of its time; what was done stays', async () => {
    const audit = mc.get(AuditRepository);
    await mc.rows('DELETE FROM audit_log');
    for (const [actor, action] of [
      ['anonymous', 'token.refused'],
      ['admin', 'channel.put'],
    ] as const)
      await audit.record({ actor, action });
    await mc.rows(`UPDATE audit_log SET at = now() - interval '${RETENTION_DAYS + 1} days'`);
    await audit.record({ actor: 'anonymous', action: 'token.refused', target: 'door:msg' });
    await sweep();
    expect(await mc.rows('SELECT action, target FROM audit_log ORDER BY id')).toEqual([
      { action: 'channel.put', target: '' },
      { action: 'token.refused', target: 'door:msg' },
    ]);
  });
});

describe('partitions that cannot be made at the start', () => {
  it('do not hide those that are there, and are made a minute later', async () => {
    const partitions = (): Promise<{ name: string }[]> =>
      mc.rows(
        `SELECT max(relname) AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
          WHERE inhparent IN ('message'::regclass, 'message_state'::regclass, 'delivery'::regclass, 'delivery_attempt'::regclass)
          GROUP BY inhparent ORDER BY 1`,
      );
    const before = await partitions();
    await mc.rows(`DROP TABLE ${before.map(({ name }) => name).join(', ')}`);
    const other = new Client({ connectionString: mc.databaseUrl });
    await other.connect();
    await other.query('SELECT pg_advisory_lock($1)', [MAKER_LOCK]);
    const job = mc.get(UpkeepJob);
    await job.onApplicationBootstrap();
    expect(await partitions()).not.toEqual(before);
    expect((await mc.get(HealthRegistry).readiness()).checks['partitions']).toEqual({ ok: true });
    await other.end();
    await job.keepPartitions(); // the timer of the next minute
    expect(await partitions()).toEqual(before);
  });
});
