import { Injectable } from '@nestjs/common';
import { DEVICE_STEP, PORTAL_BESIDE_STEP, type Audience, type Channel, type Params, type Plan } from '#contracts';
import { Database } from '../connection/database.js';
import { candidatesOf, hasDirectorySource, pageOf, type AudienceSources } from './audience-page.sql.js';
import { CHOOSE_STEPS, fromAddresses } from './choose-steps.sql.js';
import { fromTokens } from './device-audience.sql.js';

/** A delivery that would be made; several of one `ordinal` belong to one recipient. */
export interface DryRunRow {
  ordinal: number;
  /** Empty for people outside the directory and for devices that are unknown. */
  user_id: string;
  /** A device that the audience names by the token in `address`. */
  is_device: boolean;
  name: string | null;
  params: Params | null;
  channel: Channel;
  address: string | null;
  is_known: boolean;
  left_app: boolean;
  left_channel: boolean;
  /** Why nothing would be sent to the device; null: nothing stands in the way. */
  refusal: string | null;
  /** Channels that would be tried after a failure, in order. */
  fallbacks: Channel[] | null;
}

export interface DryRunQuestion {
  clientAppId: string;
  audience: Audience;
  plan: Plan;
}

/** No row has it: the message is never stored. */
const NO_MESSAGE = '00000000-0000-0000-0000-000000000000';

/** Answers what a fan-out would make, with the fan-out's own SQL, and writes nothing. */
@Injectable()
export class DryRunRepository {
  constructor(private readonly database: Database) {}

  /** The rows of the first `limit` recipients: people of the directory by id, the devices named by token, then the given addresses. */
  preview({ clientAppId, audience, plan }: DryRunQuestion, limit: number): Promise<DryRunRow[]> {
    const sources: AudienceSources = {
      has_users: Boolean(audience.users),
      tag_ids: audience.tagIds ?? null,
      org_units: audience.orgUnits ?? null,
      has_all: audience.all ?? false,
      todo_id: null,
    };
    const page = hasDirectorySource(sources)
      ? pageOf(sources)
      : 'page AS MATERIALIZED (SELECT NULL::text AS user_id, 0 AS place WHERE $2::text IS NULL)';
    return this.database.query<DryRunRow>(
      `WITH m AS MATERIALIZED (
         SELECT $1::uuid AS id, $4::text AS client_app_id, $5::jsonb AS audience, $6::jsonb AS plan, now() AS accepted_at,
                0 AS base
       ), ${page}, candidate AS MATERIALIZED (${candidatesOf(sources)}), ${CHOOSE_STEPS},
       ${fromTokens('$3::int', 'e.ord <= $3 - (SELECT count(*) FROM page)')},
       ${fromAddresses('ord <= $3 - (SELECT count(*) FROM page) - (SELECT count(*) FROM from_tokens)')}, picked AS (
         SELECT 0 AS part, * FROM from_directory UNION ALL SELECT 0, * FROM from_tokens UNION ALL SELECT 2, * FROM from_addresses
       )
       SELECT p.ordinal::int + p.part * $3::int AS ordinal, p.user_id, p.step = ${DEVICE_STEP} AS is_device, p.name, p.params,
              p.channel, p.address, p.is_known, p.left_app, p.left_channel, p.refusal,
              CASE WHEN m.plan->>'mode' IN ('any', 'smart') AND p.user_id <> '' AND p.step <> ${PORTAL_BESIDE_STEP}
                   THEN (SELECT array_agg(r.channel ORDER BY r.step) FROM ranked r
                          WHERE r.ordinal = p.ordinal AND r.is_usable AND r.step > p.step) END AS fallbacks
         FROM picked p CROSS JOIN m ORDER BY 1, p.step`,
      [NO_MESSAGE, '', limit, clientAppId, JSON.stringify(audience), JSON.stringify(plan)],
    );
  }
}
