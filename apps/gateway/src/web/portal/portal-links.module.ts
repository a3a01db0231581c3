import { Module } from '@nestjs/common';
import { PublicAddressModule } from '../public-address.module.js';
import { PortalLinks } from './portal-links.service.js';

/** For the pages and for the doors that hand out links to them. */
@Module({ imports: [PublicAddressModule], providers: [PortalLinks], exports: [PortalLinks] })
export class PortalLinksModule {}
