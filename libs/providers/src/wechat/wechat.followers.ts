import type { GuardedHttp } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WechatApi } from './wechat.api.js';
import { WechatSettings } from './wechat.settings.js';

/** Somebody who follows a public account. */
export interface WechatFollower {
  openid: string;
  /** By which all accounts of the owner know him; null where the account belongs to no owner at WeChat's Open Platform. */
  unionid: string | null;
}

/** `isWhole`: everybody whom WeChat counts was handed over. `hasNoToken`: the outcome is that of asking for a token. */
export type WechatFollowersEnd = { isWhole: boolean } | { outcome: Outcome; hasNoToken?: true };

/** Openids that WeChat tells about in one call. */
const PEOPLE_A_CALL = 100;

/**
 * Asks WeChat who follows a public account and hands them over, as many at a time as it tells about in one call; ends with the
 * outcome where it refuses. What was handed over before stays so.
 * @param settings of the account, secrets in clear. Throws `bad_provider_settings`.
 */
export async function eachWechatFollower(
  settings: Record<string, unknown>,
  http: GuardedHttp,
  custody: TokenCustody,
  take: (followers: readonly WechatFollower[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<WechatFollowersEnd> {
  const api = new WechatApi(readSettings(WechatSettings, settings), http, custody);
  const abortable = signal ? { signal } : {};
  let next = '';
  let listed = 0;
  let total: unknown;
  do {
    const page = await api.call({ path: '/cgi-bin/user/get', query: { next_openid: next }, ...abortable });
    if ('outcome' in page) return page;
    const openids = openidsOf(page.json['data']);
    listed += openids.length;
    total = page.json['total'];
    for (let from = 0; from < openids.length; from += PEOPLE_A_CALL) {
      const asked = openids.slice(from, from + PEOPLE_A_CALL);
      const body = { user_list: asked.map((openid) => ({ openid })) };
      const answer = await api.call({ path: '/cgi-bin/user/info/batchget', body, isRead: true, ...abortable });
      if ('outcome' in answer) return answer;
      const list = answer.json['user_info_list'];
      if (!Array.isArray(list)) return { outcome: NO_LIST };
      const unionids = new Map(list.flatMap(unionidOf));
      await take(asked.map((openid) => ({ openid, unionid: unionids.get(openid) ?? null })));
    }
    const last = page.json['next_openid'];
    // WeChat names the last one again where there are no more.
    next = openids.length > 0 && typeof last === 'string' && last !== next ? last : '';
  } while (next !== '');
  return { isWhole: typeof total === 'number' && listed >= total };
}

const NO_LIST: Outcome = { class: 'retry', code: 'broken_answer', words: 'the answer holds no list of people' };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,128}$/.test(value);

/** Absent where nobody follows. Each once: who takes them may write each but once. */
const openidsOf = (data: unknown): string[] =>
  isRecord(data) && Array.isArray(data['openid']) ? [...new Set(data['openid'].filter(isName))] : [];

const unionidOf = (given: unknown): [openid: string, unionid: string][] =>
  isRecord(given) && isName(given['openid']) && isName(given['unionid']) ? [[given['openid'], given['unionid']]] : [];
