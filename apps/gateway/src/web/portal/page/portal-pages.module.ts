import { Module } from '@nestjs/common';
import { PublicAddressModule } from '../../public-address.module.js';
import { PortalAssetsController } from './portal-assets.controller.js';
import { PortalPages } from './portal-pages.service.js';

/** The frame of every page: language, style, script, headers. */
@Module({
  imports: [PublicAddressModule],
  controllers: [PortalAssetsController],
  providers: [PortalPages],
  exports: [PortalPages],
})
export class PortalPagesModule {}
