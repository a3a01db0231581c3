import { Injectable } from '@nestjs/common';
import { DEFAULT_CHANNEL_ORDER, type Channel } from '#contracts';
import { PublicAccountRepository } from '#entities';
import { ChannelCatalog } from '../../catalog/channel-catalog.service.js';
import type { ChannelsNow } from '../../catalog/channels-now.js';
import type { AcceptMessage, CallingApp } from '../../intake/accept-message.command.js';
import { PlatformError, badParameter } from './platform.error.js';

const SMART = 'IntelligenceMode';
const CHANNEL_OF = { DingTalk: 'dingtalk', Mail: 'mail', SMS: 'sms', Portal: 'portal' } as const;

export const CHANNEL_WORDS = ['WeChat', 'DingTalk', 'Mail', 'SMS', SMART, 'Portal'] as const;
export type ChannelWord = (typeof CHANNEL_WORDS)[number];

/** The comma list of `sendChannel`, each word once. @throws PlatformError 500001 */
export function channelWords(name: string, list: string): ChannelWord[] {
  const words = list.split(',').map((given) => {
    const word = CHANNEL_WORDS.find((known) => known === given.trim());
    if (!word) throw badParameter(name, `含有未知的渠道，只能是 ${CHANNEL_WORDS.join('、')}，多个用英文逗号隔开`);
    return word;
  });
  const distinct = [...new Set(words)];
  if (distinct.includes(SMART) && distinct.length > 1) throw badParameter(name, `中 ${SMART} 不能与其他渠道同时使用`);
  return distinct;
}

/** How a message goes out: see `AcceptMessage`. */
export interface Way {
  channels: AcceptMessage['channels'];
  publicAccount?: string | undefined;
}

/** From the door's channel words to channels that are open to the app and switched on. */
@Injectable()
export class PlatformChannels {
  constructor(
    private readonly catalog: ChannelCatalog,
    private readonly accounts: PublicAccountRepository,
  ) {}

  /** @throws PlatformError 500010, 500011, 500014 */
  async choose(app: CallingApp, words: readonly ChannelWord[]): Promise<Way> {
    if (words.includes(SMART)) return { channels: smart(app) };
    const now = await this.catalog.current();
    const list: Channel[] = [];
    let publicAccount: string | undefined;
    for (const word of words) {
      if (word === SMART) continue;
      if (word !== 'WeChat') list.push(usable(app, word, CHANNEL_OF[word], now));
      else if (hasWecom(app, now)) list.push('wecom');
      else {
        publicAccount = await this.officialAccount(app, now);
        list.push('wechat');
      }
    }
    return { channels: { mode: 'list', list }, publicAccount };
  }

  /**
   * An official account shows nothing without a template to put the words in. Where only one has such a template, nobody
   * is written to through another that he follows; among several the receiver's following decides.
   */
  private async officialAccount(app: CallingApp, now: ChannelsNow): Promise<string | undefined> {
    if (!app.channels.has('wechat') || !now.isOn('wechat')) throw off('WeChat');
    const [first, second] = await this.accounts.withDefaultTemplateFor(app.appId, 2);
    if (first === undefined) throw off('WeChat');
    return second === undefined ? first : undefined;
  }
}

/** `WeChat` is WeCom where the app has it. */
function hasWecom({ channels }: CallingApp, now: ChannelsNow): boolean {
  if (!channels.has('wecom') && !channels.has('wechat')) throw closed('WeChat');
  return channels.has('wecom') && now.isOn('wecom');
}

/** Whether one of its channels works right now the intake finds out. */
function smart({ channels }: CallingApp): Way['channels'] {
  if (!channels.has('smart')) throw closed(SMART);
  if (!DEFAULT_CHANNEL_ORDER.some((channel) => channels.has(channel))) throw new PlatformError('smartEmpty');
  return { mode: 'smart' };
}

function usable(app: CallingApp, word: ChannelWord, channel: Channel, now: ChannelsNow): Channel {
  if (!app.channels.has(channel)) throw closed(word);
  if (!now.isOn(channel)) throw off(word);
  return channel;
}

const closed = (word: string): PlatformError =>
  new PlatformError('channelClosed', `未开通发送渠道 ${word} 的权限，请联系管理员`);
const off = (word: string): PlatformError =>
  new PlatformError('channelOff', `渠道 ${word} 已关闭或尚未配置，请联系管理员`);
