import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { AppError, type Channel, type SendDirectV1 } from '#contracts';
import { AppLogger } from '#platform';
import type { OutboundDelivery, Outcome } from '#providers';
import { AccountHealth } from '../accounts/account-health.service.js';
import { Accounts, type OpenAccount } from '../accounts/accounts.service.js';
import { Allowances } from '../accounts/allowance.service.js';
import { CallProviderService } from '../delivery/call-provider.service.js';

/** The caller waits: what the pace of the account does not let go in this time is not sent. */
const PATIENCE_MS = 8_000;
const REFERENCE_BYTES = 26;

const TOO_MANY: Outcome = {
  class: 'rate_limited',
  code: 'limit_reached',
  words: 'the account or the recipient has had as many messages as may be sent in this time',
};
const ACCOUNT_UNUSABLE: Outcome = {
  class: 'bad_config',
  code: 'account_stopped',
  words: 'no account of the channel can be used at the moment',
};

const NOT_TRIED: Outcome = {
  class: 'retry',
  code: 'not_tried',
  words: 'the limits of the account could not be asked for',
};

/** Hands a message to a provider and answers what it said. Nothing is stored; limits and health of the accounts count as ever. */
@Injectable()
export class SendDirectService {
  constructor(
    private readonly accounts: Accounts,
    private readonly health: AccountHealth,
    private readonly allowances: Allowances,
    private readonly calls: CallProviderService,
    private readonly logger: AppLogger,
  ) {}

  /**
   * An outcome for each address. Where something fails after a call, what is known is answered all the same: a caller who hears of an
   * error sends to everybody again.
   * @throws AppError nobody was called for; `not_configured` no provider serves the channel
   */
  async send({ channel, addresses, content }: SendDirectV1): Promise<Outcome[]> {
    const chosen = await this.choose(channel);
    if (!chosen) return addresses.map(() => ACCOUNT_UNUSABLE);
    const { account, isProbe } = chosen;
    const batch = addresses.map((address): OutboundDelivery => ({
      ref: randomBytes(REFERENCE_BYTES).toString('base64url'),
      address,
      content: { ...content, format: 'card' },
      attempt: 1,
    }));
    const outcomes = new Map<OutboundDelivery, Outcome | undefined>();
    try {
      await this.sendAll(account, batch, isProbe, outcomes);
    } catch (error) {
      if (outcomes.size === 0) throw error;
      this.logger.error({ err: error, account: account.id }, 'message handed over to a part of its addresses only');
      return batch.map((item) => outcomes.get(item) ?? NOT_TRIED);
    }
    return batch.map((item) => outcomes.get(item) ?? TOO_MANY);
  }

  /** @param outcomes gets them call by call, and keeps them whatever happens later */
  private async sendAll(
    account: OpenAccount,
    batch: readonly OutboundDelivery[],
    isProbe: boolean,
    outcomes: Map<OutboundDelivery, Outcome | undefined>,
  ): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let rest = batch; rest.length > 0;) {
      const { now, left } = await this.allowances.of(account, rest.slice(0, account.provider.maxBatch), deadline);
      if (now.length === 0) break;
      const answers = await this.calls.call(account, now);
      now.forEach((item, i) => outcomes.set(item, answers[i]));
      await this.health.report(account, answers, isProbe);
      rest = [...left, ...rest.slice(account.provider.maxBatch)];
    }
  }

  /** The first account in order that may be called. */
  private async choose(channel: Channel): Promise<{ account: OpenAccount; isProbe: boolean } | null> {
    const candidates = await this.accounts.candidates(channel, null);
    if (candidates.length === 0)
      throw new AppError('not_configured', 'not_found', 'No provider serves this channel.', { channel });
    for (const candidate of candidates) {
      const { kind } = await this.health.admit(candidate);
      if (kind !== 'wait') return { account: candidate.open(), isProbe: kind === 'probe' };
    }
    return null;
  }
}
