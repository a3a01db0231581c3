import type { GuardedHttp } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WechatApi } from './wechat.api.js';
import { WechatSettings } from './wechat.settings.js';

/** Somebody who follows a public account, by the names that the account and all accounts of its owner have for him. */
export interface WechatFollower {
  openid: string;
  unionid: string;
}

/** Openids that WeChat tells about in one call. */
const PEOPLE_A_CALL = 100;

/**
 * Asks WeChat who follows a public account and hands over those who have a unionid, a page of at most 10,000 openids after the other;
 * the outcome where it refuses, `hasNoToken` where it gave no token already. What was handed over before stays so.
 * @param settings of the account, secrets in clear. Throws `bad_provider_settings`.
 */
export async function eachWechatFollower(
  settings: Record<string, unknown>,
  http: GuardedHttp,
  custody: TokenCustody,
  take: (followers: readonly WechatFollower[]) => Promise<void>,
): Promise<null | { outcome: Outcome; hasNoToken?: true }> {
  const api = new WechatApi(readSettings(WechatSettings, settings), http, custody);
  let next = '';
  do {
    const page = await api.call({ path: '/cgi-bin/user/get', query: { next_openid: next } });
    if ('outcome' in page) return page;
    const openids = openidsOf(page.json['data']);
    for (let from = 0; from < openids.length; from += PEOPLE_A_CALL) {
      const body = { user_list: openids.slice(from, from + PEOPLE_A_CALL).map((openid) => ({ openid })) };
      const answer = await api.call({ path: '/cgi-bin/user/info/batchget', body, isRead: true });
      if ('outcome' in answer) return answer;
      const list = answer.json['user_info_list'];
      if (!Array.isArray(list)) return { outcome: NO_LIST };
      await take(list.flatMap(followerOf));
    }
    const last = page.json['next_openid'];
    // WeChat names the last one again where there are no more.
    next = openids.length > 0 && typeof last === 'string' && last !== next ? last : '';
  } while (next !== '');
  return null;
}

const NO_LIST: Outcome = { class: 'retry', code: 'broken_answer', words: 'the answer holds no list of people' };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,128}$/.test(value);

/** Absent where nobody follows. */
const openidsOf = (data: unknown): string[] =>
  isRecord(data) && Array.isArray(data['openid']) ? data['openid'].filter(isName) : [];

/** People have a unionid only where the account belongs to an owner at WeChat's Open Platform. */
const followerOf = (given: unknown): WechatFollower[] =>
  isRecord(given) && isName(given['openid']) && isName(given['unionid'])
    ? [{ openid: given['openid'], unionid: given['unionid'] }]
    : [];
