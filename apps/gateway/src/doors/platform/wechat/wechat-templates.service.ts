import { Injectable } from '@nestjs/common';
import type { PublicAccountRow, PublicAccountTemplate } from '#entities';
import { FreshTemplates } from '../../../public-accounts/fresh-templates.service.js';
import type { SyncedBy } from '../../../public-accounts/sync-templates.service.js';
import { WechatListRefusedError } from '../../../public-accounts/wechat-list-refused.error.js';
import { PlatformError } from '../platform.error.js';
import { saidBy } from '../provider-failure.js';

/** The templates of a public account, with this door's words for what WeChat answers instead. */
@Injectable()
export class WechatTemplates {
  constructor(private readonly templates: FreshTemplates) {}

  /** @throws PlatformError 600001, 600002 */
  list(account: PublicAccountRow, by: SyncedBy): Promise<PublicAccountTemplate[]> {
    return this.templates.list(account, by).catch(inDoorsWords);
  }

  /** @throws PlatformError 600008, 600001, 600002 */
  async get(account: PublicAccountRow, templateId: string, by: SyncedBy): Promise<PublicAccountTemplate> {
    const template = await this.templates.find(account, templateId, by).catch(inDoorsWords);
    if (!template) throw new PlatformError('templateUnknown');
    return template;
  }
}

function inDoorsWords(error: unknown): never {
  if (!(error instanceof WechatListRefusedError)) throw error;
  const said = saidBy(error.vendorCode, error.words);
  if (error.hasNoToken) throw new PlatformError('wechatToken', `公众号TOKEN失效：${said}`);
  throw new PlatformError('wechatFailed', `微信公众号获取数据失败：${said}`);
}
