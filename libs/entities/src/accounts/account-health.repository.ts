import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { AlarmRepository, type AlarmKind } from './alarm.repository.js';
import { ProviderTokenRepository } from './provider-token.repository.js';

/** `closed` well · `open` nobody calls until `until` · `half_open` one probe is under way · `stopped` wrongly set up. */
export type AccountState = 'closed' | 'open' | 'half_open' | 'stopped';

/** Accounts that never had trouble have no row. Times are epoch ms by the database's clock. */
export interface AccountHealthRow {
  /** `<channel>:<account id>`. */
  account: string;
  state: AccountState;
  /** `open`, `stopped`: the next probe; `half_open`: the probe is given up then. */
  until_ms: number | null;
  /** The provider's last word. */
  code: string | null;
  words: string | null;
  /** Out of quota until then. */
  parked_until_ms: number | null;
  parked_reason: string | null;
}

export interface Trouble {
  code: string;
  words: string;
}

/** First pause of an open circuit; each further one in a row is twice as long, up to the longest. Each ±20 %. */
const FIRST_PAUSE_S = 5;
const LONGEST_PAUSE_S = 300;
/** A probe of which nothing is heard for so long is given up. */
const PROBE_S = 60;
/** A stopped account is tried with one delivery this often: vendors mend things, too. */
const STOPPED_PROBE_S = 600;
const ALARM_AFTER = '5 minutes';
const ALARMS: readonly AlarmKind[] = ['account_stopped', 'circuit_open'];

const pause = (opened: string): string =>
  `make_interval(secs => least(${FIRST_PAUSE_S} * 2 ^ least(${opened}, 10), ${LONGEST_PAUSE_S}) * (0.8 + 0.4 * random()))`;

/**
 * Circuit breaker and quota of provider accounts, shared by all workers. Every change names the state it starts from, so
 * that of many workers which see the same trouble one writes it down.
 */
@Injectable()
export class AccountHealthRepository {
  constructor(
    private readonly database: Database,
    private readonly alarms: AlarmRepository,
    private readonly tokens: ProviderTokenRepository,
  ) {}

  list(): Promise<AccountHealthRow[]> {
    return this.database.query<AccountHealthRow>(
      `SELECT account, state, (extract(epoch FROM until) * 1000)::float8 AS until_ms, code, words,
              CASE WHEN parked_until > now() THEN (extract(epoch FROM parked_until) * 1000)::float8 END AS parked_until_ms,
              CASE WHEN parked_until > now() THEN parked_reason END AS parked_reason
         FROM account_health`,
    );
  }

  /** closed → open. Answers whether it was this call that opened it. */
  async open(account: string, { code, words }: Trouble): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO account_health AS h (account, state, until, opened, code, words)
       VALUES ($1, 'open', now() + ${pause('0')}, 1, $2, $3)
       ON CONFLICT (account) DO UPDATE
         SET state = 'open', until = excluded.until, opened = 1, code = $2, words = $3, changed_at = now()
       WHERE h.state = 'closed' RETURNING 1`,
      [account, code, words],
    );
    return rows.length > 0;
  }

  /** The one probe at a time, over all workers: true for the caller that may make it. */
  async claimProbe(account: string): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE account_health
          SET until = now() + make_interval(secs => CASE state WHEN 'stopped' THEN ${STOPPED_PROBE_S} ELSE ${PROBE_S} END),
              state = CASE state WHEN 'stopped' THEN 'stopped' ELSE 'half_open' END
        WHERE account = $1 AND state <> 'closed' AND until <= now() RETURNING 1`,
      [account],
    );
    return rows.length > 0;
  }

  /** half_open → open again, for longer. An account in trouble for more than five minutes raises an alarm. */
  async reopen(account: string, { code, words }: Trouble): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ is_long: boolean }>(
        `UPDATE account_health
            SET state = 'open', until = now() + ${pause('opened')}, opened = least(opened + 1, 100), code = $2, words = $3
          WHERE account = $1 AND state = 'half_open' RETURNING changed_at < now() - interval '${ALARM_AFTER}' AS is_long`,
        [account, code, words],
      );
      if (!row?.is_long) return;
      const detail =
        'The provider has been failing for more than five minutes; its deliveries wait or take another way.';
      await this.alarms.raise(tx, 'circuit_open', account, detail, { code, words });
    });
  }

  /**
   * Whatever it was → stopped, with an alarm. Answers whether it was this call that stopped it.
   * @param version of the settings with which the provider was called: about others, which the administrator has changed meanwhile,
   *   it said nothing. Absent: those that stand
   */
  stop(account: string, { code, words }: Trouble, version?: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      if (version !== undefined && !(await stands(tx, account, version))) return false;
      const rows = await tx.query(
        `INSERT INTO account_health AS h (account, state, until, code, words)
         VALUES ($1, 'stopped', now() + interval '${STOPPED_PROBE_S} seconds', $2, $3)
         ON CONFLICT (account) DO UPDATE
           SET state = 'stopped', until = excluded.until, opened = 0, code = $2, words = $3, changed_at = now()
         WHERE h.state <> 'stopped' RETURNING 1`,
        [account, code, words],
      );
      if (rows.length === 0) return false;
      const detail =
        'The provider says that the account is wrongly set up: correct it with PUT /v1/channels/{channel}.';
      await this.alarms.raise(tx, 'account_stopped', account, detail, { code, words });
      return true;
    });
  }

  /** A call worked: closed, its alarms cleared. Answers whether it was this call that closed it. */
  close(account: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query(
        `UPDATE account_health SET state = 'closed', until = NULL, opened = 0, code = NULL, words = NULL, changed_at = now()
          WHERE account = $1 AND state <> 'closed' RETURNING 1`,
        [account],
      );
      if (rows.length > 0) await this.alarms.clear(tx, ALARMS, [account]);
      return rows.length > 0;
    });
  }

  /** Nobody calls the account for `ms`; a longer time that stands stays. */
  async park(account: string, ms: number, reason: string): Promise<void> {
    await this.database.query(
      `INSERT INTO account_health AS h (account, parked_until, parked_reason)
       VALUES ($1, now() + $2 * interval '1 millisecond', $3)
       ON CONFLICT (account) DO UPDATE SET parked_until = excluded.parked_until, parked_reason = excluded.parked_reason
       WHERE h.parked_until IS NULL OR h.parked_until < excluded.parked_until`,
      [account, ms, reason],
    );
  }

  /** The administrator changed or removed these accounts: what was known of them says nothing any more. */
  async clear(tx: Sql, accounts: readonly string[]): Promise<void> {
    if (accounts.length === 0) return;
    await tx.query('DELETE FROM account_health WHERE account = ANY($1::text[])', [accounts]);
    await this.alarms.clear(tx, ALARMS, accounts);
    await this.tokens.forgetRefusals(tx);
  }
}

/** Locked until the transaction ends: an administrator who is changing the settings right now comes before, or after. */
async function stands(tx: Sql, account: string, version: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM provider_account
      WHERE channel = split_part($1, ':', 1) AND id = substr($1, length(split_part($1, ':', 1)) + 2)
        AND extract(epoch FROM updated_at)::text = $2 FOR SHARE`,
    [account, version],
  );
  return rows.length > 0;
}
