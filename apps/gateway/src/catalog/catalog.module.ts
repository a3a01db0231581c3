import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { ChannelCatalog } from './channel-catalog.service.js';
import { SensitiveWords } from './sensitive-words.service.js';
import { TemplateCatalog } from './template-catalog.service.js';

/** What the administrator set up, kept in memory and renewed within a second of a change. */
@Module({
  imports: [PersistenceModule],
  providers: [ChannelCatalog, SensitiveWords, TemplateCatalog],
  exports: [ChannelCatalog, SensitiveWords, TemplateCatalog],
})
export class CatalogModule {}
