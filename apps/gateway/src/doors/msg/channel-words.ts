import type { Channel } from '#contracts';
import type { ChannelChoice } from '../../intake/accept-message.command.js';
import { MSG_CODE, MsgError } from './msg.error.js';

/** The door's words for the channels an address can be registered on. */
const WORDS = new Map<string, Exclude<Channel, 'portal'>>([
  ['mobile', 'sms'],
  ['sms', 'sms'],
  ['email', 'mail'],
  ['mail', 'mail'],
  ['wechat', 'wechat'],
  ['wecom', 'wecom'],
  ['dingtalk', 'dingtalk'],
  ['push', 'push'],
  ['webhook', 'webhook'],
]);

const unknown = (word: string): MsgError => new MsgError(MSG_CODE.channelUnknown, `渠道 ${word.slice(0, 32)} 不存在`);

/** @throws MsgError 40003 */
export function addressChannel(word: string): Exclude<Channel, 'portal'> {
  const channel = WORDS.get(word);
  if (!channel) throw unknown(word);
  return channel;
}

/** `any` (default), `all`, or a channel. @throws MsgError 40003 */
export function channelChoice(word = 'any'): ChannelChoice {
  if (word === 'any' || word === 'all') return { mode: word };
  if (word === 'portal') return { mode: 'list', list: ['portal'] };
  return { mode: 'list', list: [addressChannel(word)] };
}
