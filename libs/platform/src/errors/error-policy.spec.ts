import { describe, expect, it } from '@jest/globals';
import { AppError, ERROR_KINDS } from '#contracts';
import { dispositionOf, httpStatusOf, logLevelOf } from './error-policy.js';

const withKind = (kind: (typeof ERROR_KINDS)[number]) => new AppError('X', kind, 'x');

describe('error policy', () => {
  it('gives every kind an HTTP status, server faults only where the server is at fault', () => {
    expect(Object.fromEntries(ERROR_KINDS.map((kind) => [kind, httpStatusOf(kind)]))).toEqual({
      invalid: 400,
      unauthorized: 401,
      forbidden: 403,
      not_found: 404,
      conflict: 409,
      permanent: 422,
      rate_limited: 429,
      bug: 500,
      transient: 503,
    });
  });

  it('logs bugs as errors and the mistakes of callers as information', () => {
    expect(ERROR_KINDS.filter((kind) => logLevelOf(kind) === 'error')).toEqual(['bug']);
    expect(logLevelOf('invalid')).toBe('info');
    expect(logLevelOf('unauthorized')).toBe('warn');
    expect(logLevelOf('transient')).toBe('warn');
  });

  it('waits for what is away, tries again what was too much, parks the rest', () => {
    expect(ERROR_KINDS.filter((kind) => dispositionOf(withKind(kind)) === 'wait')).toEqual(['transient']);
    expect(ERROR_KINDS.filter((kind) => dispositionOf(withKind(kind)) === 'retry')).toEqual(['rate_limited']);
  });

  it('tries again after an error that is not ours: the limit of attempts ends it', () => {
    for (const error of [new Error('x'), new TypeError('x'), { code: 'ECONNRESET' }, 'text', undefined]) {
      expect(dispositionOf(error)).toBe('retry');
    }
  });
});
