import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { PublicAccountRepository, type PublicAccountRow } from '#entities';
import { MSG_CODE, MsgError } from './msg.error.js';

/** Which account an address belongs to: an openid means somebody to one public account only. */
@Injectable()
export class RegisteredAccount {
  constructor(private readonly accounts: PublicAccountRepository) {}

  /**
   * @param publicId as the caller named it
   * @returns empty: none in particular
   * @throws MsgError 40002
   */
  async of(channel: Channel, appId: string, publicId: string | undefined): Promise<string> {
    if (channel !== 'wechat') return '';
    const usable = await this.accounts.listFor(appId);
    if (publicId !== undefined) {
      if (usable.some((account) => account.publicId === publicId)) return publicId;
      throw new MsgError(MSG_CODE.parameter, '参数 public_id 不是该应用可用的公众号，请联系管理员绑定');
    }
    const [only, ...others] = ownOf(appId, usable);
    if (others.length === 0) return only?.publicId ?? '';
    throw new MsgError(MSG_CODE.parameter, '该应用有多个可用的公众号，请用参数 public_id 指明 openid 所属的公众号');
  }
}

/** Those bound to the app go before those open to all. */
function ownOf(appId: string, usable: readonly PublicAccountRow[]): readonly PublicAccountRow[] {
  const bound = usable.filter(({ clientApps }) => clientApps.includes(appId));
  return bound.length > 0 ? bound : usable;
}
