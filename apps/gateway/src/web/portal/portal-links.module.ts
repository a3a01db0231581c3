import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { PublicAddressModule } from '../public-address.module.js';
import { PortalLinks } from './portal-links.service.js';

/** For the pages and for the doors that hand out links to them. */
@Module({ imports: [PersistenceModule, PublicAddressModule], providers: [PortalLinks], exports: [PortalLinks] })
export class PortalLinksModule {}
