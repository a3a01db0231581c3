import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { DatabaseAwayError } from '#entities';
import { BodyError } from '../../../http/raw-body.js';
import { IntakeError } from '../../../intake/intake-error.js';
import { InvalidRequestError } from './native-errors.js';
import { judge, problemOf } from './problem-of.js';

const sqlError = (code: string): Error => Object.assign(new Error('select secret from table'), { code });

describe('problems', () => {
  it.each([
    ['a lost connection', sqlError('57P01'), 503, 'unavailable'],
    ['a refused connection', sqlError('ECONNREFUSED'), 503, 'unavailable'],
    ['a database that is away', new DatabaseAwayError(new Error('secret')), 503, 'unavailable'],
    ['a full disk of the database', sqlError('53100'), 503, 'unavailable'],
    ['a lock that was not to be had', sqlError('55P03'), 503, 'unavailable'],
    ['a value the database refuses', sqlError('22P05'), 400, 'invalid_request'],
    ['any other failure of the database', sqlError('42601'), 500, 'internal'],
    ['a bug', new AppError('BROKEN', 'bug', 'secret inner words'), 500, 'internal'],
    ['something that is no error', 'secret', 500, 'internal'],
    ['an unknown route', new NotFoundException('secret'), 404, 'not_found'],
    ['a body that is too large', new BodyError('too_large', 'too large'), 413, 'body_too_large'],
    ['a worker that does not answer', new AppError('RPC_TIMEOUT', 'transient', 'No answer.'), 503, 'rpc_timeout'],
  ])('judges %s', (_, error, status, code) => {
    const problem = problemOf(judge(error), 'r-1');
    expect(problem).toMatchObject({ status, code, type: `urn:message-center:problem:${code}`, requestId: 'r-1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('names the fields that are wrong', () => {
    const errors = [{ field: 'a.b[0]', detail: 'is wrong' }];
    expect(judge(new InvalidRequestError(errors))).toMatchObject({ status: 400, errors });
    expect(judge(new IntakeError('tag_unknown', 'no such tag', 'to.tags[0]'))).toMatchObject({
      status: 404,
      code: 'tag_unknown',
      errors: [{ field: 'to.tags[0]', detail: 'no such tag' }],
    });
  });
});
