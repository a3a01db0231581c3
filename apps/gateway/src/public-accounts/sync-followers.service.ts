import { Injectable } from '@nestjs/common';
import { AddressHygieneRepository, AuditRepository, Database, type PublicAccountRow } from '#entities';
import { GuardedHttp, SecretBox } from '#platform';
import { AccountSecrets, SharedTokenCustody, eachWechatFollower } from '#providers';
import type { SyncedBy } from './sync-templates.service.js';
import { WechatListRefusedError } from './wechat-list-refused.error.js';

export interface SyncedFollowers {
  /** People who follow the account and have a unionid. */
  followers: number;
  /** Addresses that were a unionid and are an openid now. */
  resolved: number;
}

/** Finds the openids of people who were registered by the name that all accounts of an owner have for them. */
@Injectable()
export class SyncFollowersService {
  private readonly secrets: AccountSecrets;

  constructor(
    private readonly database: Database,
    private readonly addresses: AddressHygieneRepository,
    private readonly audit: AuditRepository,
    private readonly http: GuardedHttp,
    private readonly custody: SharedTokenCustody,
    box: SecretBox,
  ) {
    this.secrets = new AccountSecrets(box);
  }

  /** What was found before WeChat refuses stays. @throws WechatListRefusedError */
  async sync(account: PublicAccountRow, by: SyncedBy): Promise<SyncedFollowers> {
    const { publicId, provider, settings, secrets } = account;
    const found: SyncedFollowers = { followers: 0, resolved: 0 };
    if (provider === 'sandbox') return found;
    const opened = this.secrets.accountOf({ channel: 'wechat', id: publicId, provider, settings, secrets });
    const refused = await eachWechatFollower(opened.settings, this.http, this.custody, async (followers) => {
      found.followers += followers.length;
      found.resolved += await this.database.transaction((tx) =>
        this.addresses.resolveUnionids(tx, publicId, followers),
      );
    });
    await this.database.transaction((tx) =>
      this.audit.record(
        { ...by, action: 'public-account.sync-followers', target: publicId, details: { ...found } },
        tx,
      ),
    );
    if (refused) throw WechatListRefusedError.of('followers', refused.outcome, refused.hasNoToken ?? false);
    return found;
  }
}
