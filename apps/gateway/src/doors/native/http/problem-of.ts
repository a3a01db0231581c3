import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { AppError, type ErrorKind } from '#contracts';
import { isDataError, isDatabaseAway } from '#entities';
import { httpStatusOf } from '#platform';
import { BodyError } from '../../../http/raw-body.js';
import { IntakeError } from '../../../intake/intake-error.js';
import { InvalidRequestError, type FieldProblem } from './native-errors.js';
import type { Problem } from './problem.js';

const UNEXPECTED = 'Something went wrong on our side. Name the request id when you ask for help.';
const UNAVAILABLE = 'The service cannot answer at the moment: try again shortly.';

interface Judgement {
  status: number;
  kind: ErrorKind;
  code: string;
  detail: string;
  errors?: readonly FieldProblem[];
}

/** What an error means to the caller: never a stack, a statement or somebody else's words. */
export function judge(error: unknown): Judgement {
  if (isDatabaseAway(error)) return ofStatus(503);
  if (error instanceof AppError) return ofAppError(error);
  if (error instanceof HttpException) return ofStatus(error.getStatus());
  if (isDataError(error)) return { ...ofStatus(400), detail: 'The database refused a value of this request.' };
  return ofStatus(500);
}

export function problemOf(judgement: Judgement, requestId: string): Problem {
  const { status, code, detail, errors } = judgement;
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    type: `urn:message-center:problem:${code}`,
    title,
    status,
    detail,
    code,
    requestId,
    ...(errors && { errors }),
  };
}

function ofAppError(error: AppError): Judgement {
  if (error.kind === 'bug') return ofStatus(500);
  const status = error instanceof BodyError && error.reason === 'too_large' ? 413 : httpStatusOf(error.kind);
  const errors = fieldsOf(error);
  return { status, kind: error.kind, code: error.code.toLowerCase(), detail: error.message, ...(errors && { errors }) };
}

function fieldsOf(error: AppError): readonly FieldProblem[] | undefined {
  if (error instanceof InvalidRequestError) return error.errors;
  if (error instanceof IntakeError && error.field) return [{ field: error.field, detail: error.message }];
  return undefined;
}

const KINDS: Readonly<Record<number, [ErrorKind, string, string]>> = {
  400: ['invalid', 'invalid_request', 'The request is not valid.'],
  404: ['not_found', 'not_found', 'There is no such resource.'],
  413: ['invalid', 'body_too_large', 'The body is too large.'],
  503: ['transient', 'unavailable', UNAVAILABLE],
};

function ofStatus(status: number): Judgement {
  const known = KINDS[status];
  if (known) return { status, kind: known[0], code: known[1], detail: known[2] };
  return status < 500
    ? { status, kind: 'invalid', code: 'invalid_request', detail: STATUS_CODES[status] ?? 'The request is not valid.' }
    : { status: 500, kind: 'bug', code: 'internal', detail: UNEXPECTED };
}
