import { AppError } from '#contracts';
import type { Outcome } from '#providers';

/** WeChat did not list the templates, or the followers, of a public account. */
export class WechatListRefusedError extends AppError {
  constructor(
    /** WeChat's errcode, or how the call failed. */
    readonly vendorCode: string,
    /** WeChat's own words. */
    readonly words: string,
    /** It was already the access token that could not be had. */
    readonly hasNoToken: boolean,
    isForAdministrator: boolean,
    what: 'templates' | 'followers',
  ) {
    super(
      isForAdministrator ? 'conflict' : 'unavailable',
      isForAdministrator ? 'conflict' : 'transient',
      `WeChat did not list the ${what}: ${[vendorCode, words].filter(Boolean).join(' ')}`,
    );
  }

  static of(
    what: 'templates' | 'followers',
    { class: name, code = name, words = '' }: Outcome,
    hasNoToken: boolean,
  ): WechatListRefusedError {
    return new WechatListRefusedError(code, words, hasNoToken || name === 'auth_refresh', name === 'bad_config', what);
  }
}
