import { Injectable } from '@nestjs/common';
import { AppError, QUEUES, isChannel } from '#contracts';
import { keptForm } from '#content';
import { DeviceConfigRepository, ProviderNewsRepository } from '#entities';
import { MessageBus } from '#messaging';
import type { ProviderInbox, ProviderNews } from '#providers';

/** Takes what arrives on connections that adapters keep open. Resolves when it is stored: only then may the provider hear of it. */
@Injectable()
export class ProviderInboxService implements ProviderInbox {
  constructor(
    private readonly store: ProviderNewsRepository,
    private readonly configs: DeviceConfigRepository,
    private readonly bus: MessageBus,
  ) {}

  /** @param accountId `<channel>:<account id>`, as in `ProviderAccount.id` */
  async take(accountId: string, news: ProviderNews): Promise<void> {
    const channel = accountId.split(':')[0];
    if (!isChannel(channel))
      throw new AppError('unknown_account', 'bug', 'this is no name of an account', { accountId });
    await this.store.take(channel, accountId, {
      ...news,
      ...(news.uplinks && {
        uplinks: news.uplinks.map((uplink) => ({ ...uplink, from: keptForm(channel, uplink.from) })),
      }),
    });
    // Doing it again does no harm: who hears nothing repeats himself.
    if (news.devicesBack) await this.configs.replayFor(news.devicesBack);
    this.bus.publish(QUEUES.receiptArrived, {}).catch(() => undefined); // reporting looks by itself, too
  }
}
