/**
 * How one provider call ended for one delivery. The class alone decides what happens next; texts are for people.
 * `ok` accepted by the provider · `retry` try again later · `rate_limited` try again at a given time, does not count as an attempt ·
 * `auth_refresh` the account's token must be renewed once · `bad_recipient` this address will never work ·
 * `bad_content` the provider refuses this content · `bad_config` the account is wrongly set up ·
 * `unknown_outcome` the request was written and no answer came. A batch of which the provider took a part only needs none: each
 * of its deliveries has its own.
 */
export const OUTCOME_CLASSES = [
  'ok',
  'retry',
  'rate_limited',
  'auth_refresh',
  'bad_recipient',
  'bad_content',
  'bad_config',
  'unknown_outcome',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];
