import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { PublicAccountTemplateRepository, type PublicAccountRow, type PublicAccountTemplate } from '#entities';
import { GuardedHttp, SecretBox } from '#platform';
import { AccountSecrets, SharedTokenCustody, listWechatTemplates } from '#providers';
import { WechatListRefusedError } from './wechat-list-refused.error.js';

/** For whom the copy is renewed, as the audit log names him. */
export interface SyncedBy {
  actor: string;
  ip: string;
}

/** Keeps the center's copy of a public account's templates like the list at WeChat. */
@Injectable()
export class SyncTemplatesService {
  private readonly secrets: AccountSecrets;

  constructor(
    private readonly templates: PublicAccountTemplateRepository,
    private readonly http: GuardedHttp,
    private readonly custody: SharedTokenCustody,
    box: SecretBox,
  ) {
    this.secrets = new AccountSecrets(box);
  }

  /** A sandbox account keeps what was put. @throws WechatListRefusedError; AppError `not_found` the account is gone */
  async sync(account: PublicAccountRow, by: SyncedBy): Promise<PublicAccountTemplate[]> {
    const { publicId, provider, settings, secrets } = account;
    if (provider !== 'sandbox') {
      const opened = this.secrets.accountOf({ channel: 'wechat', id: publicId, provider, settings, secrets });
      const answer = await listWechatTemplates(opened.settings, this.http, this.custody);
      if ('outcome' in answer) throw WechatListRefusedError.of('templates', answer.outcome, answer.hasNoToken ?? false);
      const entry = {
        ...by,
        action: 'public-account.sync-templates',
        target: publicId,
        details: { templates: answer.templates.length },
      };
      if (!(await this.templates.replace(publicId, answer.templates, entry)))
        throw new AppError('not_found', 'not_found', 'There is no such public account.');
    }
    return this.templates.list(publicId);
  }
}
