import { Injectable } from '@nestjs/common';
import { deliveryStatusName, type DeliveryStatus } from '#contracts';
import { Database } from '../connection/database.js';

export const SUMMARY_GROUPS = ['hour', 'day', 'channel', 'app'] as const;
export type SummaryGroup = (typeof SUMMARY_GROUPS)[number];

export interface SummaryQuestion {
  from: Date;
  /** Exclusive. */
  to: Date;
  groupBy: SummaryGroup;
  /** Zone of `day`, an IANA name. */
  timeZone: string;
  /** Null: all client apps. */
  clientAppId: string | null;
}

export interface SummaryLine {
  /** Start of the hour or day (ISO 8601), channel, or app id. */
  group: string;
  /** How many deliveries reached the status in that time; one that was sent and then delivered counts in both. */
  counts: Partial<Record<DeliveryStatus, number>>;
}

const KEY: Readonly<Record<SummaryGroup, string>> = {
  hour: `to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  day: `to_char(date_trunc('day', hour, $4) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  channel: 'channel',
  app: 'app_id',
};

/** Reads the hourly time series. */
@Injectable()
export class SummaryRepository {
  constructor(private readonly database: Database) {}

  async summary({ from, to, groupBy, timeZone, clientAppId }: SummaryQuestion): Promise<SummaryLine[]> {
    const rows = await this.database.query<{ key: string; status: number; count: number }>(
      `SELECT ${KEY[groupBy]} AS key, status, sum(count)::float8 AS count FROM report_hour
        WHERE hour >= date_trunc('hour', $1::timestamptz) AND hour < $2 AND ($3::text IS NULL OR app_id = $3)
          AND $4::text IS NOT NULL
        GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2`,
      [from, to, clientAppId, timeZone],
    );
    const lines = new Map<string, SummaryLine>();
    for (const { key, status, count } of rows) {
      const line = lines.get(key) ?? { group: key, counts: {} };
      line.counts[deliveryStatusName(status)] = count;
      lines.set(key, line);
    }
    return [...lines.values()];
  }
}
