import { Module } from '@nestjs/common';
import { PersistenceModule, ProviderTokenRepository } from '#entities';
import { AppLogger, SchedulingModule, SecretBox } from '#platform';
import { SharedTokenCustody } from '#providers';
import { FreshTemplates } from './fresh-templates.service.js';
import { SyncFollowersJob } from './sync-followers.job.js';
import { SyncFollowersService } from './sync-followers.service.js';
import { SyncTemplatesService } from './sync-templates.service.js';

/** WeChat public accounts as the doors need them: their templates and followers, and the tokens to ask WeChat with. */
@Module({
  imports: [PersistenceModule, SchedulingModule],
  providers: [
    FreshTemplates,
    SyncFollowersJob,
    SyncFollowersService,
    SyncTemplatesService,
    {
      provide: SharedTokenCustody,
      useFactory: (tokens: ProviderTokenRepository, box: SecretBox, logger: AppLogger) =>
        new SharedTokenCustody(tokens, box, (err) => logger.error({ err }, 'access token could not be kept')),
      inject: [ProviderTokenRepository, SecretBox, AppLogger],
    },
  ],
  exports: [FreshTemplates, SyncFollowersService, SyncTemplatesService, SharedTokenCustody],
})
export class PublicAccountsModule {}
