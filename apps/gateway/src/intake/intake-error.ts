import { AppError, type ErrorKind } from '#contracts';

/** Everything a message can be refused for, with the kind that decides the HTTP status where a door uses true ones. */
const REFUSALS = {
  template_unknown: 'not_found',
  content_missing: 'invalid',
  param_missing: 'invalid',
  channel_closed: 'forbidden',
  channel_off: 'forbidden',
  smart_closed: 'forbidden',
  tag_unknown: 'not_found',
  org_unit_unknown: 'not_found',
  recipient_unknown: 'not_found',
  no_address: 'invalid',
  audience_empty: 'invalid',
  all_opted_out: 'invalid',
  broadcast_closed: 'forbidden',
  address_invalid: 'invalid',
  text_invalid: 'invalid',
  sensitive_word: 'invalid',
  sms_signature: 'invalid',
  callback_refused: 'invalid',
  time_refused: 'invalid',
  reminder_refused: 'invalid',
  idempotency_conflict: 'conflict',
  todo_duplicate: 'conflict',
  sms_quota_exceeded: 'rate_limited',
} as const satisfies Record<string, ErrorKind>;

export type Refusal = keyof typeof REFUSALS;

/** Users that `details.users` of a refusal names at most. */
export const MAX_NAMED = 100;

/** A message that was not accepted: nothing is stored, nothing is sent. `field` names what to change. */
export class IntakeError extends AppError {
  declare readonly code: Refusal;

  constructor(
    code: Refusal,
    message: string,
    readonly field?: string,
    details: Record<string, unknown> = {},
  ) {
    super(code, REFUSALS[code], message, details);
  }
}

export const idempotencyConflict = (): IntakeError =>
  new IntakeError('idempotency_conflict', 'This idempotency key was used with another body in the last 24 hours.');
