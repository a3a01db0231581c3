import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { AccountHealthRepository, AlarmRepository, type AlarmKind } from '#entities';
import { AlarmsJob } from '../../../apps/reporting/src/alarms/alarms.job.js';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Posted {
  headers: Record<string, string>;
  body: string;
}

let mc: CoreSteps;
let receiver: Server;
const posted: Posted[] = [];
let answer: { status: number; headers?: Record<string, string> } = { status: 204 };

const take = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => resolve(body));
  });

beforeAll(async () => {
  receiver = createServer((request, response) => {
    void take(request).then((body) => {
      posted.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?key=k`;
  mc = await coreSteps({ ALARM_WEBHOOK_URL: url, ALARM_WEBHOOK_SECRET: SECRET });
});
afterEach(async () => {
  posted.length = 0;
  answer = { status: 204 };
  await mc.rows(emptying('alarm, account_health'));
});
afterAll(async () => {
  await mc.close();
  delete process.env['ALARM_WEBHOOK_URL'];
  delete process.env['ALARM_WEBHOOK_SECRET'];
  await new Promise((closed) => receiver.close(closed));
});

const alarms = (): AlarmRepository => mc.get(AlarmRepository);
const raise = (kind: AlarmKind, subject: string, detail = 'look'): Promise<void> =>
  mc.database.transaction((tx) => alarms().raise(tx, kind, subject, detail, { code: '1' }));
const clear = (kind: AlarmKind, subject: string): Promise<void> =>
  mc.database.transaction((tx) => alarms().clear(tx, [kind], [subject]));
const tell = async (): Promise<void> => {
  await mc.rows('UPDATE alarm SET due_at = now() WHERE due_at IS NOT NULL');
  await mc.get(AlarmsJob).tellDue();
};
const types = (): string[] => posted.map(({ body }) => (JSON.parse(body) as { type: string }).type);

describe('an alarm', () => {
  it('stands once for one thing, and is counted when it is raised again', async () => {
    await Promise.all(Array.from({ length: 20 }, () => raise('account_stopped', 'sms:main')));
    await raise('account_stopped', 'sms:other');
    expect(await mc.rows('SELECT subject, count FROM alarm ORDER BY subject')).toEqual([
      { subject: 'sms:main', count: 20 },
      { subject: 'sms:other', count: 1 },
    ]);
  });

  it('that was cleared is a new one when it is raised again', async () => {
    await raise('sms_budget', 'billing');
    await clear('sms_budget', 'billing');
    await clear('sms_budget', 'billing');
    await raise('sms_budget', 'billing');
    const rows = await alarms().list(null, null, 10);
    expect(rows.map(({ cleared_at: clearedAt }) => clearedAt === null)).toEqual([true, false]);
    expect(await alarms().list(true, null, 10)).toHaveLength(1);
    expect(await alarms().list(false, rows[0]?.id ?? 0, 10)).toHaveLength(1);
  });

  it('falls with the transaction that raised it', async () => {
    const failing = mc.database.transaction(async (tx) => {
      await alarms().raise(tx, 'sms_budget', 'billing', 'look');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await mc.rows('SELECT 1 FROM alarm')).toEqual([]);
  });
});

describe('the webhook of alarms', () => {
  it('is told of each state once, signed so that a receiver can verify it', async () => {
    await raise('account_stopped', 'sms:main', 'wrongly set up');
    await tell();
    await tell();
    await raise('account_stopped', 'sms:main');
    await tell();
    await clear('account_stopped', 'sms:main');
    await tell();
    await tell();
    expect(types()).toEqual(['alarm.raised', 'alarm.cleared']);
    for (const { body, headers } of posted) expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({
      data: { kind: 'account_stopped', subject: 'sms:main', detail: 'wrongly set up', data: { code: '1' }, count: 1 },
    });
    expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('that does not take it is tried again under the same id, not before it asked for', async () => {
    await raise('account_stopped', 'sms:main');
    answer = { status: 503, headers: { 'retry-after': '600' } };
    await tell();
    const { s, attempts } = await mc.row<{ s: number; attempts: number }>(
      'SELECT extract(epoch FROM due_at - now())::float8 AS s, attempts FROM alarm',
    );
    expect(attempts).toBe(1);
    expect(s).toBeGreaterThan(590);
    answer = { status: 204 };
    await tell();
    expect(posted).toHaveLength(2);
    expect(posted[1]?.headers['webhook-id']).toBe(posted[0]?.headers['webhook-id']);
    expect(await mc.rows('SELECT 1 FROM alarm WHERE due_at IS NOT NULL')).toEqual([]);
  });

  it('hears of a clearing that came while it was being told of the raising', async () => {
    await raise('account_stopped', 'sms:main');
    const [due] = await alarms().claimDue(10, 60);
    await clear('account_stopped', 'sms:main');
    if (due) await alarms().told(due);
    await tell();
    expect(types()).toEqual(['alarm.cleared']);
  });

  it('is given up after the ladder, without an endless loop', async () => {
    answer = { status: 500 };
    await raise('account_stopped', 'sms:main');
    for (let i = 0; i < 10; i++) await tell();
    expect(posted).toHaveLength(8);
  });
});

describe('what is known of an account’s health', () => {
  it('is forgotten with its alarms when the administrator changes it', async () => {
    const health = mc.get(AccountHealthRepository);
    await health.stop('sms:main', { code: '40013', words: 'appid' });
    await health.stop('sms:main', { code: '40013', words: 'appid' });
    expect(await mc.rows('SELECT count FROM alarm WHERE cleared_at IS NULL')).toEqual([{ count: 1 }]);
    await mc.database.transaction((tx) => health.clear(tx, ['sms:main']));
    expect(await health.list()).toEqual([]);
    expect(await mc.rows('SELECT 1 FROM alarm WHERE cleared_at IS NULL')).toEqual([]);
  });

  it('stays forgotten although a worker is just telling what it heard with the settings before', async () => {
    const health = mc.get(AccountHealthRepository);
    const setUp = `INSERT INTO provider_account (channel, id, provider, settings) VALUES ('mail', 'crossed', 'sandbox', '{}')`;
    await mc.rows(setUp);
    const { version } = await mc.row<{ version: string }>(
      `SELECT extract(epoch FROM updated_at)::text AS version FROM provider_account WHERE id = 'crossed'`,
    );
    let told: Promise<boolean> | undefined;
    await mc.database.transaction(async (tx) => {
      await tx.query(`DELETE FROM provider_account WHERE id = 'crossed'`);
      await tx.query(setUp);
      await health.clear(tx, ['mail:crossed']);
      told = health.stop('mail:crossed', { code: '40013', words: 'appid' }, version);
      const waits = mc.until(
        'it waits for the change',
        () => mc.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
        (waiting) => waiting.length > 0,
      );
      await Promise.race([told, waits]);
    });
    expect(await told).toBe(false);
    expect(await health.list()).toEqual([]);
    expect(await mc.rows('SELECT 1 FROM alarm WHERE cleared_at IS NULL')).toEqual([]);
    await mc.rows(`DELETE FROM provider_account WHERE id = 'crossed'`);
  });
});
