import { Injectable } from '@nestjs/common';
import { PublicAccountRepository, type PublicAccountRow } from '#entities';
import type { CallingApp } from '../../../intake/accept-message.command.js';
import { PlatformError } from '../platform.error.js';

/** The public account that a call names, where the app may use it. */
@Injectable()
export class UsableAccount {
  constructor(private readonly accounts: PublicAccountRepository) {}

  /** @throws PlatformError 600000, 600022, 600011 */
  async get({ appId }: CallingApp, publicId: string): Promise<PublicAccountRow> {
    const account = await this.accounts.find(publicId);
    if (!account) throw new PlatformError('accountUnknown');
    if (account.clientApps.length > 0 && !account.clientApps.includes(appId)) throw new PlatformError('accountUnbound');
    if (!account.enabled) throw new PlatformError('accountOff');
    return account;
  }
}
