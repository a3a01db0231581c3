import type { Channel } from '#contracts';
import type { Outcome } from '../port/channel-provider.port.js';
import type { SandboxReceipt } from '../port/sandbox-store.port.js';

/** How one simulated recipient behaves. Also the table that the documentation, the sandbox page and the tests show. */
export interface SandboxRecipient {
  /** Local part of a mail address (`fail@…`, `fail+any@…`), or a word of its own in any other address (`https://…/fail`). */
  word: string;
  /** The same behaviour for SMS. */
  phone: string;
  /** What a sender sees, in one line. */
  meaning: string;
  outcome: Outcome;
  /** The outcome is given up to this attempt, afterwards `ok`. Without it, always. */
  untilAttempt?: number;
  /** The simulated vendor answers after this time, ms. */
  afterMs?: number;
  receipts?: readonly Omit<SandboxReceipt, 'ref'>[];
}

const OK: Outcome = { class: 'ok' };

export const SANDBOX_RECIPIENTS: readonly SandboxRecipient[] = [
  {
    word: 'fail',
    phone: '13700000001',
    meaning: 'refused at once: the address does not exist',
    // Made to order: it is refused every time, so the address stays in use.
    outcome: {
      class: 'bad_recipient',
      code: 'sandbox_no_such_recipient',
      words: 'no such recipient',
      isAddressKept: true,
    },
  },
  {
    word: 'bounce',
    phone: '13700000002',
    meaning: 'accepted, a failure receipt follows after 1 s',
    outcome: OK,
    receipts: [
      { status: 'failed', code: 'sandbox_bounced', words: 'the recipient could not be reached', afterMs: 1000 },
    ],
  },
  { word: 'slow', phone: '13700000003', meaning: 'accepted after 5 s', outcome: OK, afterMs: 5000 },
  {
    word: 'flaky',
    phone: '13700000004',
    meaning: 'fails for a while on attempts 1 and 2, accepted on attempt 3',
    outcome: { class: 'retry', code: 'sandbox_busy', words: 'try again later' },
    untilAttempt: 2,
  },
  {
    word: 'limit',
    phone: '13700000005',
    meaning: 'rate-limited for 2 s once, then accepted',
    outcome: { class: 'rate_limited', code: 'sandbox_rate_limit', words: 'too many requests', retryAfterMs: 2000 },
    untilAttempt: 1,
  },
  {
    word: 'unknown',
    phone: '13700000006',
    meaning: 'taken, but the answer is lost: nobody knows whether it arrived',
    outcome: { class: 'unknown_outcome', code: 'timeout', words: 'no answer' },
  },
  {
    word: 'read',
    phone: '13700000007',
    meaning: 'accepted, receipts "delivered" and "read" follow',
    outcome: OK,
    receipts: [
      { status: 'delivered', afterMs: 200 },
      { status: 'read', afterMs: 600 },
    ],
  },
  {
    word: 'delivered',
    phone: '13700000008',
    meaning: 'accepted, a receipt "delivered" follows',
    outcome: OK,
    receipts: [{ status: 'delivered', afterMs: 200 }],
  },
  {
    word: 'badcontent',
    phone: '13700000009',
    meaning: 'refused: the vendor does not take this content',
    outcome: { class: 'bad_content', code: 'sandbox_content_refused', words: 'content refused' },
  },
  {
    word: 'badconfig',
    phone: '13700000010',
    meaning: 'refused: the account is wrongly set up',
    outcome: { class: 'bad_config', code: 'sandbox_account_refused', words: 'account refused' },
  },
];

const BY_WORD = new Map(SANDBOX_RECIPIENTS.map((recipient) => [recipient.word, recipient]));
const BY_PHONE = new Map(SANDBOX_RECIPIENTS.map((recipient) => [recipient.phone, recipient]));

/** The simulated recipient behind an address, or undefined: everybody else takes everything. */
export function sandboxRecipientOf(channel: Channel, address: string): SandboxRecipient | undefined {
  if (channel === 'sms') return BY_PHONE.get(address.replace(/^\+?86/, ''));
  const lower = address.toLowerCase();
  if (channel === 'mail') return BY_WORD.get(lower.split(/[@+]/, 1)[0] ?? '');
  return lower
    .split(/[^a-z]+/)
    .map((word) => BY_WORD.get(word))
    .find((recipient) => recipient !== undefined);
}
