import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { AppError } from '#contracts';
import { FollowerRepository, PublicAccountRepository, type FollowerList } from '#entities';
import { AppLogger, WakeLoop } from '#platform';
import { SyncFollowersService } from './sync-followers.service.js';

/** Each account is due once a day: this is how late it may be. */
const LOOK_EVERY_MS = 10 * 60_000;

/** As the audit log names who asked. */
const BY = { actor: 'center', ip: '' };

/** Asks WeChat every day for the followers of the accounts at which people are registered by their unionid. Claimed account by account. */
@Injectable()
export class SyncFollowersJob implements OnApplicationShutdown {
  private readonly ending = new AbortController();
  private readonly loop = new WakeLoop({
    pass: () => this.syncDue(),
    onError: (error) => this.logger.warn({ err: error }, 'no look at which followers are to be listed, next one soon'),
  });

  constructor(
    private readonly followers: FollowerRepository,
    private readonly accounts: PublicAccountRepository,
    private readonly sync: SyncFollowersService,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.loop.wake();
  }

  /** A list of a large account takes minutes: it is broken off, and made again. */
  async onApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.loop.stop();
  }

  /** One account. Answers whether there may be more. */
  async syncDue(): Promise<boolean> {
    const list = await this.followers.claimDue();
    if (!list) return false;
    try {
      await this.makeList(list);
    } catch (error) {
      const { publicId } = list;
      this.logger.error({ err: error, publicId }, 'followers of a public account not listed, tried again later');
      // What an administrator must mend is tried again the next day.
      if (!(error instanceof AppError && error.kind === 'conflict')) await this.followers.putOff(list);
    }
    return true;
  }

  private async makeList(list: FollowerList): Promise<void> {
    const account = await this.accounts.find(list.publicId);
    if (account) await this.sync.makeList(account, list, BY, this.ending.signal);
  }
}
