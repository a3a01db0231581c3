import { coreSteps, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

export interface Attempt {
  seq: number;
  attempt: number;
  account: string;
  outcome: string;
  code: string | null;
  is_possible_duplicate: boolean;
}

export interface WaitingWork {
  kind: string;
  attempts: number;
  seqs: number[];
  avoid: string[] | null;
  due_in_s: number;
}

/** A core in which provider accounts come, go and fall ill. */
export interface AccountsCore extends CoreSteps {
  /** A further SMS account, after those there are. */
  addAccount(id: string, fields?: Record<string, unknown>): Promise<void>;
  setMain(fields: Record<string, unknown>): Promise<void>;
  /** Everything the tests of this kind leave behind goes; one account `main` a channel stays. */
  tidy(): Promise<void>;
  attempts(messageId: string): Promise<Attempt[]>;
  waiting(messageId?: string): Promise<WaitingWork[]>;
  health(
    account: string,
  ): Promise<Record<string, unknown> & { state: string; until_in_s: number; parked_in_s: number }>;
  /** The pause of an open circuit, or the time until a stopped account is tried, is over. */
  endPause(account: string): Promise<void>;
}

export async function accountsCore(env?: Record<string, string>, databaseUrl?: string): Promise<AccountsCore> {
  const mc = await coreSteps(env, databaseUrl);
  const { rows, row } = mc;
  const set = async (id: string, fields: Record<string, unknown>): Promise<void> => {
    for (const [name, value] of Object.entries(fields))
      await rows(`UPDATE provider_account SET ${name} = $2 WHERE channel = 'sms' AND id = $1`, [id, value]);
    await mc.refresh();
  };
  return {
    ...mc,
    async addAccount(id, fields = {}) {
      await rows(
        `INSERT INTO provider_account (channel, id, provider, position)
         SELECT 'sms', $1, 'scripted', count(*) FROM provider_account WHERE channel = 'sms'`,
        [id],
      );
      await set(id, fields);
    },
    setMain: (fields) => set('main', fields),
    async tidy() {
      mc.provider.reset();
      await rows(
        emptying(
          'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, status_query, account_health, alarm, rate_window, recipient_window',
        ),
      );
      await rows(`DELETE FROM provider_account WHERE channel = 'sms' AND id <> 'main'`);
      await set('main', {
        enabled: true,
        weight: 1,
        rate_per_second: null,
        quota_per_hour: null,
        quota_per_day: null,
        receipt_within_s: null,
      });
    },
    attempts: (id) =>
      rows<Attempt>(
        `SELECT seq, attempt, account, outcome, code, is_possible_duplicate FROM delivery_attempt
          WHERE message_id = $1 ORDER BY seq, attempt`,
        [id],
      ),
    waiting: (id) =>
      rows<WaitingWork>(
        `SELECT kind, attempts, seqs, avoid, extract(epoch FROM due_at - now())::float8 AS due_in_s
           FROM work WHERE $1::uuid IS NULL OR message_id = $1 ORDER BY due_at, id`,
        [id ?? null],
      ),
    health: (account) =>
      row(
        `SELECT state, code, words, opened, parked_reason, extract(epoch FROM until - now())::float8 AS until_in_s,
                extract(epoch FROM parked_until - now())::float8 AS parked_in_s FROM account_health WHERE account = $1`,
        [account],
      ),
    async endPause(account) {
      // A second ago: the worker's idea of the database's clock may be some ms behind.
      await rows(`UPDATE account_health SET until = now() - interval '1 second' WHERE account = $1`, [account]);
      await mc.refresh();
    },
  };
}

export const users = (...ids: string[]): { users: { id: string }[] } => ({ users: ids.map((id) => ({ id })) });
