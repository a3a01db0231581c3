import type { GuardedHttp } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WechatApi } from './wechat.api.js';
import { WechatSettings } from './wechat.settings.js';

/** A template of a public account, as WeChat lists it. */
export interface WechatTemplate {
  templateId: string;
  title: string;
  primaryIndustry: string;
  deputyIndustry: string;
  /** With its placeholders, e.g. `状态：{{phrase1.DATA}}`. */
  content: string;
  example: string;
}

/**
 * Asks WeChat for the templates of a public account; the outcome where it refuses, `hasNoToken` where it gave no token already.
 * @param settings of the account, secrets in clear. Throws `bad_provider_settings`.
 */
export async function listWechatTemplates(
  settings: Record<string, unknown>,
  http: GuardedHttp,
  custody: TokenCustody,
  signal?: AbortSignal,
): Promise<{ templates: WechatTemplate[] } | { outcome: Outcome; hasNoToken?: true }> {
  const api = new WechatApi(readSettings(WechatSettings, settings), http, custody);
  const answer = await api.call({ path: '/cgi-bin/template/get_all_private_template', ...(signal ? { signal } : {}) });
  if ('outcome' in answer) return answer;
  const list = answer.json['template_list'];
  if (!Array.isArray(list)) {
    return { outcome: { class: 'retry', code: 'broken_answer', words: 'the answer holds no list of templates' } };
  }
  return {
    templates: list
      .filter(isRecord)
      .map(templateOf)
      .filter(({ templateId }) => templateId !== ''),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Without NUL, which the database cannot hold. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('\0', '') : '');

const templateOf = (given: Record<string, unknown>): WechatTemplate => ({
  templateId: textOf(given['template_id']),
  title: textOf(given['title']),
  primaryIndustry: textOf(given['primary_industry']),
  deputyIndustry: textOf(given['deputy_industry']),
  content: textOf(given['content']),
  example: textOf(given['example']),
});
