import { Injectable } from '@nestjs/common';
import {
  DEVICE_STEP,
  STEPS_PER_RECIPIENT,
  deliveryStatusName,
  type DeliveryStatus,
  type Door,
  type MessageStatus,
} from '#contracts';
import { Database } from '../connection/database.js';

/** How many devices a push met, by what became of them; as the counters say, which follow the rows within moments. */
export interface PushCounts {
  /** Devices, and names that led to none. */
  total: number;
  /** Went out, those that arrived included. */
  sent: number;
  /** Arrived, as the device or its provider says. */
  delivered: number;
  /** Ended otherwise. */
  failed: number;
}

export interface PushTask extends PushCounts {
  status: MessageStatus;
  /** Part of `failed`: their time was over. */
  expired: number;
}

/** Pushes of one tag together. */
export interface PushTagSums extends PushCounts {
  tasks: number;
  /** There are more than are summed up: these are the newest. */
  isPartial: boolean;
}

/** A device of a push, or a name that led to none. */
export interface PushTaskLine {
  /** Empty where no device stands behind the name. */
  deviceToken: string;
  /** Its owner, or whoever was named. */
  userId: string;
  status: DeliveryStatus;
  error: string | null;
}

/** Pushes that one question sums up. */
const MAX_SUMMED = 100_000;

const COUNTS = `sent + delivered + read AS sent, delivered + read AS delivered,
  unknown + failed + expired + cancelled + suppressed + skipped AS failed, expired`;

/** Pushes of the device-push door as their caller asks after them. */
@Injectable()
export class PushTaskRepository {
  constructor(private readonly database: Database) {}

  /** Null: unknown, or another app's. Before the fan-out its total are the devices it names itself. */
  async find(messageId: string, appId: string): Promise<PushTask | null> {
    // By the key: with the door among the conditions the index of tags looks as good, and is as long as the app has pushes.
    const [row] = await this.database.query<PushTask & { door: Door }>(
      `SELECT m.door, s.status, ${COUNTS},
              greatest(s.next_ordinal, jsonb_array_length(coalesce(m.audience->'devices'->'tokens', '[]'))) AS total
         FROM message m JOIN message_state s ON s.message_id = m.id
        WHERE m.id = $1 AND s.message_id = $1 AND m.client_app_id = $2`,
      [messageId, appId],
      'push_task',
    );
    return row?.door === 'psp' ? row : null;
  }

  /** Devices `from` (from 0) and those after it, in the order of the fan-out, at most `limit`. */
  async lines(messageId: string, from: number, limit: number): Promise<PushTaskLine[]> {
    const rows = await this.database.query<Omit<PushTaskLine, 'status'> & { status: number }>(
      `SELECT d.address AS "deviceToken", d.recipient AS "userId", d.status, d.error_code AS error
         FROM delivery d
        WHERE d.message_id = $1 AND d.seq >= $2 AND d.seq < $3 AND d.seq % ${STEPS_PER_RECIPIENT} = ${DEVICE_STEP}
        ORDER BY d.seq`,
      [messageId, from * STEPS_PER_RECIPIENT, (from + limit) * STEPS_PER_RECIPIENT],
      'push_task_lines',
    );
    return rows.map((row) => ({ ...row, status: deliveryStatusName(row.status) }));
  }

  /** Over the pushes of the app with the tag that are kept; zeros where there is none. */
  async sums(appId: string, tag: string): Promise<PushTagSums> {
    const [row] = await this.database.query<PushTagSums>(
      `WITH task AS MATERIALIZED (
         SELECT m.id FROM message m
          WHERE m.door = 'psp' AND m.client_app_id = $1 AND m.content->'payload'->>'tag' = $2
          ORDER BY m.id DESC LIMIT ${MAX_SUMMED + 1}
       )
       SELECT count(*)::int AS tasks, (SELECT count(*) FROM task) > ${MAX_SUMMED} AS "isPartial",
              coalesce(sum(total), 0)::int AS total, coalesce(sum(sent), 0)::int AS sent,
              coalesce(sum(delivered), 0)::int AS delivered, coalesce(sum(failed), 0)::int AS failed
         FROM (SELECT s.next_ordinal AS total, ${COUNTS}
                 FROM (SELECT id FROM task LIMIT ${MAX_SUMMED}) t JOIN message_state s ON s.message_id = t.id) c`,
      [appId, tag],
      'push_tag_sums',
    );
    return row ?? { tasks: 0, isPartial: false, total: 0, sent: 0, delivered: 0, failed: 0 };
  }
}
