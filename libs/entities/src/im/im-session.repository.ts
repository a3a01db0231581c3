import { Injectable } from '@nestjs/common';
import { ImWebhookSettings, type ImSessionEnd } from '#contracts';
import { Database } from '../connection/database.js';
import { isServed } from './im-served.sql.js';
import { CLOSE, OPEN, REPLACE, RESTORE, SWEEP } from './im-session.sql.js';

/** How long a process that says nothing is believed to be there, s. */
const LEASE_S = 15;
/** After this much longer its sessions are removed, s. */
const GONE_S = 30;

export interface ImLogin {
  uid: string;
  /** 0 app, 1 web, 2 pc, 99 system. */
  deviceFlag: number;
  /** Empty: unknown. */
  deviceId: string;
  /** SHA-256. */
  tokenHash: Buffer;
}

export interface ImLoginAnswer {
  refusal: 'banned' | 'wrong_token' | null;
  /** Null where it was refused. */
  sessionId: number | null;
  deviceLevel: number;
}

export interface ImEndedSession {
  sessionId: number;
  endReason: ImSessionEnd;
}

export interface ImLiveSession extends Pick<ImLogin, 'uid' | 'deviceFlag' | 'deviceId'> {
  sessionId: number;
  deviceLevel: number;
}

export interface ImOnlineDevice {
  uid: string;
  deviceFlag: number;
}

/**
 * Who is connected where. A session counts while its process renews its lease. The webhook of the IM door is told of each that
 * comes or goes, by the statement that makes it so.
 */
@Injectable()
export class ImSessionRepository {
  constructor(
    private readonly database: Database,
    private readonly webhook: ImWebhookSettings,
  ) {}

  /** `answers[i]` belongs to `logins[i]`. @param replicaId UUID of the process */
  open(replicaId: string, logins: readonly ImLogin[], isTokenNeeded: boolean): Promise<ImLoginAnswer[]> {
    return this.database.query<ImLoginAnswer>(OPEN, [
      replicaId,
      logins.map(({ uid }) => uid),
      logins.map(({ deviceFlag }) => deviceFlag),
      logins.map(({ deviceId }) => deviceId),
      logins.map(({ tokenHash }) => tokenHash),
      isTokenNeeded,
      this.isTold,
    ]);
  }

  /** Marks what logins of these uids that are committed replace; answers all that have to end because of it. */
  replace(uids: readonly string[]): Promise<ImEndedSession[]> {
    return this.database.query<ImEndedSession>(REPLACE, [uids]);
  }

  async close(sessionIds: readonly number[]): Promise<void> {
    await this.database.query(CLOSE, [sessionIds, this.isTold]);
  }

  /** Sessions of this process that have to end. */
  ended(replicaId: string): Promise<ImEndedSession[]> {
    return this.database.query<ImEndedSession>(
      `SELECT session_id AS "sessionId", end_reason AS "endReason" FROM im_session
        WHERE replica_id = $1 AND end_reason IS NOT NULL`,
      [replicaId],
    );
  }

  /** Says that the process is there. True: the database did not know it, or had given it up with all its sessions. */
  async renew(replicaId: string): Promise<boolean> {
    const [lease] = await this.database.query<{ isNew: boolean }>(
      `INSERT INTO im_replica (replica_id, lease_until) VALUES ($1, now() + interval '${LEASE_S} seconds')
           ON CONFLICT (replica_id) DO UPDATE SET lease_until = excluded.lease_until RETURNING xmax = 0 AS "isNew"`,
      [replicaId],
    );
    return lease?.isNew ?? false;
  }

  /** Puts back sessions that are still open although the process had been given up. */
  async restore(replicaId: string, sessions: readonly ImLiveSession[]): Promise<void> {
    await this.database.query(RESTORE, [
      replicaId,
      sessions.map(({ sessionId }) => sessionId),
      sessions.map(({ uid }) => uid),
      sessions.map(({ deviceFlag }) => deviceFlag),
      sessions.map(({ deviceLevel }) => deviceLevel),
      sessions.map(({ deviceId }) => deviceId),
      this.isTold,
    ]);
  }

  /** Forgets a process that ends in order, and every one that has not been heard of for long. */
  async sweep(leavingId: string | null = null): Promise<void> {
    await this.database.query(SWEEP, [leavingId, GONE_S, this.isTold]);
  }

  /** Devices of these people that are connected, one row each kind. */
  online(uids: readonly string[]): Promise<ImOnlineDevice[]> {
    return this.database.query<ImOnlineDevice>(
      `SELECT DISTINCT s.uid, s.device_flag AS "deviceFlag" FROM im_session s
        WHERE s.uid = ANY($1::text[]) AND s.end_reason IS NULL AND ${isServed('s')}
        ORDER BY s.uid, s.device_flag`,
      [uids],
    );
  }

  private get isTold(): boolean {
    return this.webhook.IM_WEBHOOK_URL !== undefined;
  }
}
