import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import {
  AccountHealthRepository,
  CatalogWatch,
  DatabaseClock,
  WaitingWorkRepository,
  type AccountHealthRow,
} from '#entities';
import { AppLogger, Metrics } from '#platform';
import type { Outcome } from '#providers';
import { PROBE_UNDER_WAY_MS, admissionOf, wait, type Admission } from './account-admission.policy.js';
import { verdictOf } from './account-verdict.policy.js';
import type { AccountTerms } from './accounts.service.js';
import { FailureWindow } from './failure-window.js';

/** What other workers found out is known here after at most this long, ms. */
const KEPT_MS = 1000;
const STATES = ['closed', 'open', 'half_open', 'stopped'] as const;

/** Which accounts may be called. What the calls of this process say of them is shared through the database. */
@Injectable()
export class AccountHealth {
  private rows: Promise<Map<string, AccountHealthRow>> | undefined;
  private loadedAt = 0;
  private readonly windows = new Map<string, FailureWindow>();

  constructor(
    private readonly health: AccountHealthRepository,
    private readonly waiting: WaitingWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => this.forget());
  }

  /** `probe`: claimed, the caller makes it and reports it. */
  async admit({ id }: AccountTerms): Promise<Admission> {
    const admission = admissionOf((await this.current()).get(id), this.clock.nowMs());
    if (admission.kind !== 'probe') return admission;
    const isMine = await this.health.claimProbe(id);
    this.rows = undefined;
    return isMine ? admission : wait(PROBE_UNDER_WAY_MS, 'circuit_open', 'another worker is trying the provider');
  }

  /** What a send came to. Never throws: the outcomes of the deliveries matter more than what they say of the account. */
  async report(account: AccountTerms, outcomes: readonly Outcome[], isProbe: boolean): Promise<void> {
    if (!account.isWatched) return;
    try {
      if (await this.learn(account, outcomes, isProbe)) this.rows = undefined;
    } catch (error) {
      this.logger.warn({ err: error, account: account.id }, 'health of an account not stored');
    }
  }

  /** What an administrator's test came to: where it worked, whatever was wrong is over and what waits is tried now. */
  async reportTest(channel: Channel, account: AccountTerms, outcome: Outcome): Promise<void> {
    if (outcome.class !== 'ok') return;
    if (await this.health.close(account.id)) await this.waiting.wake(channel);
    this.rows = undefined;
  }

  /** Out of a quota of ours: nobody calls it for `ms`. */
  async park(account: AccountTerms, ms: number, reason: string): Promise<void> {
    await this.health.park(account.id, ms, reason);
    this.rows = undefined;
  }

  /** True when something was written down. */
  private async learn({ id, version }: AccountTerms, outcomes: readonly Outcome[], isProbe: boolean): Promise<boolean> {
    const { worked, failed, trouble, misconfigured, parked } = verdictOf(outcomes);
    if (parked) await this.health.park(id, parked.ms, parked.code);
    if (misconfigured) {
      if (await this.health.stop(id, misconfigured, version))
        this.logger.error({ account: id, code: misconfigured.code }, 'account stopped, it is wrongly set up');
      return true;
    }
    if (isProbe) {
      this.windows.delete(id);
      if (failed > 0 && worked === 0) await this.health.reopen(id, trouble ?? { code: 'unknown', words: '' });
      else if (await this.health.close(id)) this.logger.info({ account: id }, 'account works again');
      return true;
    }
    const window = this.windows.get(id) ?? new FailureWindow();
    this.windows.set(id, window);
    if (!window.add(performance.now(), worked, failed) || !trouble) return parked !== null;
    if (await this.health.open(id, trouble))
      this.logger.warn({ account: id, code: trouble.code }, 'circuit opened, the provider is failing');
    return true;
  }

  private forget(): void {
    this.rows = undefined;
    this.windows.clear();
  }

  private current(): Promise<Map<string, AccountHealthRow>> {
    if (this.rows && performance.now() - this.loadedAt < KEPT_MS) return this.rows;
    this.loadedAt = performance.now();
    const loading = this.load();
    this.rows = loading;
    loading.catch(() => {
      if (this.rows === loading) this.rows = undefined;
    });
    return loading;
  }

  private async load(): Promise<Map<string, AccountHealthRow>> {
    const rows = await this.health.list();
    this.metrics.accountState.reset();
    this.metrics.accountParked.reset();
    for (const { account, state, parked_until_ms: parkedUntilMs } of rows) {
      if (state !== 'closed') this.windows.delete(account); // what was counted before the pause is no news after it
      for (const name of STATES) this.metrics.accountState.set({ account, state: name }, name === state ? 1 : 0);
      this.metrics.accountParked.set({ account }, Math.max(0, ((parkedUntilMs ?? 0) - this.clock.nowMs()) / 1000));
    }
    return new Map(rows.map((row) => [row.account, row]));
  }
}
