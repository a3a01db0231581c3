import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import type { Sql } from '../connection/database.js';

/** An address of a channel, whoever has it. */
export interface ChannelAddress {
  channel: Channel;
  /** WeChat: the public account; empty elsewhere. */
  account: string;
  address: string;
}

export interface DeadAddress extends ChannelAddress {
  /** In lower snake case, or the provider's code; at most 64 characters are kept. */
  reason: string;
  /** ISO time up to which the verdict speaks: whoever registered the address later keeps it. Absent: now. */
  asOf?: string;
}

const DEACTIVATE = `
WITH dead AS (
  SELECT DISTINCT ON (address) * FROM jsonb_to_recordset($1::jsonb) AS x(address text, reason text, "asOf" timestamptz)
   ORDER BY address, "asOf" DESC NULLS FIRST
), found AS MATERIALIZED (
  SELECT d.token, dead.reason FROM dead JOIN device d ON d.token = dead.address COLLATE "C"
   WHERE d.deactivated_at IS NULL AND (dead."asOf" IS NULL OR d.registered_at <= dead."asOf")
   ORDER BY d.token FOR UPDATE OF d
)
UPDATE device d SET deactivated_at = now(), deactivated_reason = left(f.reason, 64), updated_at = now()
  FROM found f WHERE d.token = f.token`;

/**
 * Addresses that reach nobody are not used until somebody registers them again; that is what `DirectoryUserRepository.put` does,
 * and of devices, whose tokens are addresses of channel `push`, `DeviceRepository.register`.
 */
@Injectable()
export class AddressHygieneRepository {
  /** In the caller's transaction. What is suspended already keeps its date and reason. */
  async suspend(tx: Sql, dead: readonly DeadAddress[]): Promise<void> {
    if (dead.length === 0) return;
    await tx.query(
      `WITH dead AS (
         SELECT DISTINCT ON (channel, account, address) *
           FROM jsonb_to_recordset($1::jsonb) AS x(channel text, account text, address text, reason text, "asOf" timestamptz)
          ORDER BY channel, account, address, "asOf" DESC NULLS FIRST
       ), found AS MATERIALIZED (
         SELECT a.user_id, a.channel, a.app_id, a.account, d.reason
           FROM dead d JOIN recipient_address a ON a.channel = d.channel AND a.address = d.address AND a.account = d.account
          WHERE a.suspended_at IS NULL AND (d."asOf" IS NULL OR a.updated_at <= d."asOf")
          ORDER BY a.user_id, a.channel, a.app_id, a.account FOR UPDATE OF a
       )
       UPDATE recipient_address a SET suspended_at = now(), suspended_reason = left(f.reason, 64)
         FROM found f WHERE a.user_id = f.user_id AND a.channel = f.channel AND a.app_id = f.app_id AND a.account = f.account`,
      [JSON.stringify(dead)],
    );
    const tokens = dead.filter(({ channel }) => channel === 'push');
    if (tokens.length > 0) await tx.query(DEACTIVATE, [JSON.stringify(tokens)]);
  }

  /** In the caller's transaction. */
  async revive(tx: Sql, addresses: readonly ChannelAddress[]): Promise<void> {
    if (addresses.length === 0) return;
    await tx.query(
      `WITH found AS MATERIALIZED (
         SELECT a.user_id, a.channel, a.app_id, a.account
           FROM jsonb_to_recordset($1::jsonb) AS x(channel text, account text, address text)
           JOIN recipient_address a ON a.channel = x.channel AND a.address = x.address AND a.account = x.account
          WHERE a.suspended_at IS NOT NULL
          ORDER BY a.user_id, a.channel, a.app_id, a.account FOR UPDATE OF a
       )
       UPDATE recipient_address a SET suspended_at = NULL, suspended_reason = NULL
         FROM found f WHERE a.user_id = f.user_id AND a.channel = f.channel AND a.app_id = f.app_id AND a.account = f.account`,
      [JSON.stringify(addresses)],
    );
  }
}
