import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { HTTP_LIMITS } from '#platform';
import { decodeJsonObject } from '../../../http/raw-body.js';
import { findBadText } from './bad-text.js';
import { fieldProblems } from './field-problems.js';
import { InvalidRequestError, invalidField } from './native-errors.js';

/** More problems than this tell a caller nothing new. */
const MAX_PROBLEMS = 50;
/** Longer than any id; what an id may be is said by the call that stores it. */
const MAX_PARAM_LENGTH = 2048;

/**
 * Turns the raw body into its DTO: JSON within the limits, no field the DTO does not have, no text that the database
 * cannot hold. Query and path parameters are judged alike.
 */
export class NativeValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      exceptionFactory: (errors) => new InvalidRequestError(fieldProblems(errors).slice(0, MAX_PROBLEMS)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    const given = metadata.type === 'body' ? decodeJsonObject(value, HTTP_LIMITS.jsonDepth) : value;
    if (metadata.type === 'param') checkParam(metadata.data ?? '', given);
    else refuseBadText(given, '');
    return (await super.transform(given, metadata)) as unknown;
  }
}

function checkParam(name: string, value: unknown): void {
  if (typeof value !== 'string') return;
  if (value.length > MAX_PARAM_LENGTH)
    throw invalidField(name, `${name} is longer than ${MAX_PARAM_LENGTH} characters`);
  refuseBadText(value, name);
}

function refuseBadText(value: unknown, path: string): void {
  const found = findBadText(value, path);
  if (found !== null) throw invalidField(found, `${found || 'the request'} holds characters that cannot be stored`);
}
