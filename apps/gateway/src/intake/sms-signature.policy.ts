import { hasSmsSignatureBrackets } from '#content';
import { IntakeError } from './intake-error.js';
import type { CheckedMessage } from './plan-message.service.js';
import { smsTextOf } from './sms-text.js';

/**
 * The brackets 【】 around a signature are the carrier's to set: in a text they would let a caller sign as somebody else.
 * @throws IntakeError `sms_signature` where an SMS of the message would hold one
 */
export function refuseSmsSignature(checked: CheckedMessage): void {
  const { plan, audience, template } = checked;
  const isStep = plan.steps.some(({ channel }) => channel === 'sms');
  const outsiders = audience.addresses?.filter(({ channel }) => channel === 'sms') ?? [];
  if (!isStep && outsiders.length === 0) return;
  const people = [...(isStep ? (audience.users ?? []) : []), ...outsiders];
  // Inline content takes no params: it says the same to everybody.
  const own = template ? people.flatMap(({ params }) => (params ? [params] : [])) : [];
  for (const params of [undefined, ...own]) {
    if (hasSmsSignatureBrackets(smsTextOf(checked, params) ?? ''))
      throw new IntakeError(
        'sms_signature',
        'An SMS must not hold 【 or 】: the carrier sets the signature.',
        'content',
      );
  }
}
