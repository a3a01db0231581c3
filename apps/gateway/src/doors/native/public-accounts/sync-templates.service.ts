import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { PublicAccountTemplateRepository, type PublicAccountRow, type PublicAccountTemplate } from '#entities';
import { GuardedHttp, SecretBox } from '#platform';
import { AccountSecrets, SharedTokenCustody, listWechatTemplates } from '#providers';
import { auditBy, type Caller } from '../auth/caller.js';
import { ConflictError, NotFoundError } from '../http/native-errors.js';

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

  /** A sandbox account keeps what was put. @throws ConflictError WeChat refuses; AppError `unavailable` it does not answer */
  async sync(account: PublicAccountRow, caller: Caller): Promise<PublicAccountTemplate[]> {
    const { publicId, provider, settings, secrets } = account;
    if (provider !== 'sandbox') {
      const opened = this.secrets.accountOf({ channel: 'wechat', id: publicId, provider, settings, secrets });
      const answer = await listWechatTemplates(opened.settings, this.http, this.custody);
      if ('outcome' in answer) {
        const { class: name, code, words } = answer.outcome;
        const detail = `WeChat did not list the templates: ${[code, words].filter(Boolean).join(' ')}`;
        if (name === 'bad_config') throw new ConflictError(detail);
        throw new AppError('unavailable', 'transient', detail);
      }
      const entry = {
        ...auditBy(caller),
        action: 'public-account.sync-templates',
        target: publicId,
        details: { templates: answer.templates.length },
      };
      if (!(await this.templates.replace(publicId, answer.templates, entry))) throw new NotFoundError('public account');
    }
    return this.templates.list(publicId);
  }
}
