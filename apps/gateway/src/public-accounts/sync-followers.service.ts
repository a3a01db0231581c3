import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { AuditRepository, Database, FollowerRepository, type FollowerList, type PublicAccountRow } from '#entities';
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

/** Takes over who follows a public account, and finds the openids of people who were registered by their unionid. */
@Injectable()
export class SyncFollowersService {
  private readonly secrets: AccountSecrets;

  constructor(
    private readonly database: Database,
    private readonly followers: FollowerRepository,
    private readonly audit: AuditRepository,
    private readonly http: GuardedHttp,
    private readonly custody: SharedTokenCustody,
    box: SecretBox,
  ) {
    this.secrets = new AccountSecrets(box);
  }

  /** As `makeList`, now. @throws WechatListRefusedError; AppError `not_found` the account is gone */
  async sync(account: PublicAccountRow, by: SyncedBy): Promise<SyncedFollowers> {
    if (account.provider === 'sandbox') return { followers: 0, resolved: 0 };
    const list = await this.followers.begin(account.publicId);
    if (!list) throw new AppError('not_found', 'not_found', 'There is no such public account.');
    return this.makeList(account, list, by);
  }

  /** What was found before WeChat refuses stays. @throws WechatListRefusedError */
  async makeList(
    { publicId, provider, settings, secrets }: PublicAccountRow,
    list: FollowerList,
    by: SyncedBy,
    signal?: AbortSignal,
  ): Promise<SyncedFollowers> {
    const found: SyncedFollowers = { followers: 0, resolved: 0 };
    const opened = this.secrets.accountOf({ channel: 'wechat', id: publicId, provider, settings, secrets });
    const take: Parameters<typeof eachWechatFollower>[3] = async (followers) => {
      found.followers += followers.filter(({ unionid }) => unionid !== null).length;
      found.resolved += await this.followers.learn(list, followers);
    };
    const end = await eachWechatFollower(opened.settings, this.http, this.custody, take, signal);
    // Nobody is taken for one who does not follow because WeChat told of a part of them only.
    if ('isWhole' in end && end.isWhole) found.resolved += await this.followers.finish(list);
    await this.database.transaction((tx) =>
      this.audit.record(
        { ...by, action: 'public-account.sync-followers', target: publicId, details: { ...found } },
        tx,
      ),
    );
    if ('outcome' in end) throw WechatListRefusedError.of('followers', end.outcome, end.hasNoToken ?? false);
    return found;
  }
}
