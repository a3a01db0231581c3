import { Injectable } from '@nestjs/common';
import { AppError, QUEUES } from '#contracts';
import { keptForm } from '#content';
import { ProviderNewsRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger } from '#platform';
import { ProviderRegistry, type InboundAnswer, type InboundRequest, type ProviderAccount } from '#providers';
import { WrongSecretThrottle } from '../../../access/wrong-secret-throttle.service.js';
import { NotFoundError, RateLimitedError } from '../http/native-errors.js';
import { ReceivingAccounts } from './receiving-accounts.service.js';

/** What a provider said is stored before it hears that it was heard; until then it repeats itself. */
@Injectable()
export class TakeNewsService {
  constructor(
    private readonly accounts: ReceivingAccounts,
    private readonly registry: ProviderRegistry,
    private readonly store: ProviderNewsRepository,
    private readonly throttle: WrongSecretThrottle,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {}

  /** @throws NotFoundError, RateLimitedError; AppError `unavailable` (transient) where it could not be stored */
  async take(channel: string, accountId: string, request: InboundRequest): Promise<InboundAnswer> {
    const account = await this.accounts.find(channel, accountId);
    if (!account) throw new NotFoundError('account');
    // Who calls with wrong signatures hurts his own calls to this account only.
    const attempt = await this.throttle.attempt(
      `receipts ${account.id} ${request.ip}`,
      () => this.registry.receive(account, request),
      isRefused,
    );
    if ('waitMs' in attempt) throw new RateLimitedError(attempt.waitMs);
    const answer = attempt.found;
    if (!answer) throw new NotFoundError('account');
    if (isRefused(answer)) {
      this.logger.warn({ account: account.id, ip: request.ip }, 'a call to the receipt address is not its provider’s');
      return answer;
    }
    await this.keep(account, answer);
    return answer;
  }

  private async keep({ id, channel }: ProviderAccount, { news }: InboundAnswer): Promise<void> {
    const uplinks = news.uplinks?.map((uplink) => ({ ...uplink, from: keptForm(channel, uplink.from) }));
    try {
      await this.store.take(channel, id, { ...news, ...(uplinks && { uplinks }) });
    } catch (cause) {
      throw new AppError('unavailable', 'transient', 'This could not be stored: send it again shortly.', {}, { cause });
    }
    if (news.receipts?.length || news.uplinks?.length)
      this.bus.publish(QUEUES.receiptArrived, {}).catch(() => undefined); // reporting looks by itself, too
  }
}

const isRefused = (answer: InboundAnswer | null): boolean => answer?.status === 401 || answer?.status === 403;
