import { Injectable } from '@nestjs/common';
import { BATCH_DELIVERIES, DEFAULT_EXPIRY_HOURS, DELIVERY_STATUS } from '#contracts';
import { Database, FORGETTABLE } from '../connection/database.js';

const S = DELIVERY_STATUS;

/** Code of a config push that a newer one of the same app, tag and device made pointless. */
const REPLACED = 'replaced';

/** A configuration about to be sent to a device. */
export interface ConfigPush {
  appId: string;
  tag: string;
  deviceToken: string;
  messageId: string;
  seq: number;
}

/** A newer config that replaces more than so many at once leaves it to them to find out when they are due. */
const HURRIED_AT_ONCE = 20;

/**
 * Messages are numbered in the order of their acceptance, so the greater id is the newer config. Rows are locked in key order.
 * What has gone out already keeps its status, because it may still be acknowledged; work that waits becomes due, to find out
 * that it is replaced.
 *
 * Its commit does not wait for the disk: that of the outcomes, which follows, does. What a crash forgets before it is claimed and
 * kept again.
 */
const KEEP = `
WITH forgettable AS MATERIALIZED (
  ${FORGETTABLE}
), given AS MATERIALIZED (
  SELECT g.*, row_number() OVER (PARTITION BY app_id, tag, device_token ORDER BY message_id DESC, place) AS age
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::int[])
         WITH ORDINALITY AS g(app_id, tag, device_token, message_id, seq, place)
), met AS MATERIALIZED (
  SELECT g.*, c.message_id AS before_id, c.seq AS before_seq
    FROM (SELECT given.* FROM given CROSS JOIN forgettable
           ORDER BY app_id COLLATE "C", tag COLLATE "C", device_token COLLATE "C") g
    LEFT JOIN LATERAL (
      SELECT message_id, seq FROM device_config c
       WHERE c.app_id = g.app_id COLLATE "C" AND c.tag = g.tag COLLATE "C" AND c.device_token = g.device_token COLLATE "C"
         FOR UPDATE
    ) c ON true
), kept AS (
  INSERT INTO device_config AS c (app_id, tag, device_token, message_id, seq)
  SELECT app_id, tag, device_token, message_id, seq FROM met WHERE age = 1 AND (before_id IS NULL OR before_id < message_id)
  ON CONFLICT (app_id, tag, device_token) DO UPDATE
    SET message_id = excluded.message_id, seq = excluded.seq, kept_at = now()
    WHERE c.message_id < excluded.message_id
), older AS MATERIALIZED (
  SELECT before_id AS message_id, before_seq AS seq FROM met WHERE age = 1 AND before_id < message_id
), marked AS (
  UPDATE delivery d SET error_code = '${REPLACED}' FROM older o
   WHERE d.message_id = o.message_id AND d.seq = o.seq AND d.status IN (${S.sent}, ${S.unknown})
), waiting AS MATERIALIZED (
  SELECT w.id FROM work w
   WHERE w.message_id = ANY(ARRAY(SELECT message_id FROM older)) AND w.lease_token IS NULL AND w.due_at > now()
     AND (SELECT count(*) FROM older) <= ${HURRIED_AT_ONCE}
     AND EXISTS (SELECT FROM older o WHERE o.message_id = w.message_id AND o.seq = ANY(w.seqs))
   ORDER BY w.id FOR UPDATE SKIP LOCKED
), hurried AS (
  UPDATE work w SET due_at = now() FROM waiting WHERE w.id = waiting.id
)
SELECT place::int FROM met WHERE age > 1 OR message_id < before_id`;

/**
 * Sent again under the reference it had, so that a device that has it already knows it; to the owner it was for, whatever was kept
 * while the device changed hands. Work with an empty list of accounts to avoid
 * calls for what went out, or failed, before.
 */
const REPLAY = `
WITH back AS MATERIALIZED (
  SELECT c.app_id, c.message_id, c.seq, v.user_id
    FROM unnest($1::text[]) AS t(token)
    JOIN device v ON v.token = t.token COLLATE "C" AND v.deactivated_at IS NULL
    JOIN device_config c ON c.device_token = v.token AND v.app_id IN ('', c.app_id)
    JOIN client_app a ON a.app_id = c.app_id AND a.enabled
), due AS MATERIALIZED (
  SELECT b.app_id, b.message_id, b.seq, m.priority,
         (row_number() OVER (PARTITION BY b.message_id ORDER BY b.seq) - 1) / ${BATCH_DELIVERIES} AS slice
    FROM back b
    JOIN message m ON m.id = b.message_id
    JOIN delivery d ON d.message_id = b.message_id AND d.seq = b.seq AND d.recipient = b.user_id
   WHERE d.status IN (${S.sent}, ${S.unknown}, ${S.failed}, ${S.expired})
     AND NOT EXISTS (SELECT FROM work w WHERE w.message_id = b.message_id AND w.kind = 'deliver' AND b.seq = ANY(w.seqs))
), added AS (
  INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at, avoid)
  SELECT 'deliver', message_id, app_id, 'push', priority, array_agg(seq ORDER BY seq), now(),
         now() + interval '${DEFAULT_EXPIRY_HOURS.push} hours', '{}'
    FROM due GROUP BY message_id, app_id, priority, slice
)
SELECT count(*)::int AS replayed FROM due`;

/** The newest configuration of each app and tag on each device. */
@Injectable()
export class DeviceConfigRepository {
  constructor(private readonly database: Database) {}

  /**
   * Remembers configs that are about to be sent as the newest of their app, tag and device, unless a newer one is known. What they
   * replace and nobody has acknowledged ends, or bears the code `replaced`.
   * @returns places in `pushes` of those that are replaced themselves: they must not be sent
   */
  async keep(pushes: readonly ConfigPush[]): Promise<Set<number>> {
    const rows = await this.database.keyed.query<{ place: number }>(
      KEEP,
      [
        pushes.map((push) => push.appId),
        pushes.map((push) => push.tag),
        pushes.map((push) => push.deviceToken),
        pushes.map((push) => push.messageId),
        pushes.map((push) => push.seq),
      ],
      'keep_configs',
    );
    return new Set(rows.map(({ place }) => place - 1));
  }

  /**
   * Devices that are there again get the newest config of each app and tag that they have not acknowledged, whatever became of it
   * before. Answers how many are due; what is under way anyway, or delivered, is none of them.
   */
  async replayFor(deviceTokens: readonly string[]): Promise<number> {
    if (deviceTokens.length === 0) return 0;
    const [row] = await this.database.query<{ replayed: number }>(
      REPLAY,
      [[...new Set(deviceTokens)]],
      'replay_configs',
    );
    return row?.replayed ?? 0;
  }
}
