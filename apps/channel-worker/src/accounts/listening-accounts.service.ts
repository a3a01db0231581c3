import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CatalogWatch } from '#entities';
import { AppLogger, WorkerConfig } from '#platform';
import { Accounts } from './accounts.service.js';

/** Keeps open the accounts whose providers speak unasked: receipts and answers arrive even while nothing is sent. */
@Injectable()
export class ListeningAccounts implements OnApplicationBootstrap {
  constructor(
    private readonly accounts: Accounts,
    private readonly config: WorkerConfig,
    private readonly logger: AppLogger,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => void this.open());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.open();
  }

  private async open(): Promise<void> {
    try {
      await this.accounts.openListening(this.config.CHANNELS, (account, err) =>
        this.logger.error({ err, account }, 'provider account cannot be used'),
      );
    } catch (error) {
      // The next change of the channels, or the first send, opens them.
      this.logger.warn({ err: error }, 'provider accounts not opened');
    }
  }
}
