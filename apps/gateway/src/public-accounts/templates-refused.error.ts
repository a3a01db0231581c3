import { AppError } from '#contracts';
import type { Outcome } from '#providers';

/** WeChat did not list the templates of a public account. */
export class TemplatesRefusedError extends AppError {
  constructor(
    /** WeChat's errcode, or how the call failed. */
    readonly vendorCode: string,
    /** WeChat's own words. */
    readonly words: string,
    /** It was already the access token that could not be had. */
    readonly hasNoToken: boolean,
    isForAdministrator: boolean,
  ) {
    super(
      isForAdministrator ? 'conflict' : 'unavailable',
      isForAdministrator ? 'conflict' : 'transient',
      `WeChat did not list the templates: ${[vendorCode, words].filter(Boolean).join(' ')}`,
    );
  }

  static of({ class: name, code = name, words = '' }: Outcome, hasNoToken: boolean): TemplatesRefusedError {
    return new TemplatesRefusedError(code, words, hasNoToken || name === 'auth_refresh', name === 'bad_config');
  }
}
