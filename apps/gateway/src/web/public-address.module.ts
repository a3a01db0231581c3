import { Module } from '@nestjs/common';
import { PublicAddress } from './public-address.service.js';

/** For everything that hands out links to our own pages. */
@Module({ providers: [PublicAddress], exports: [PublicAddress] })
export class PublicAddressModule {}
