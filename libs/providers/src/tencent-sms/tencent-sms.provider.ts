import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  RecipientLimit,
  RenderedContent,
} from '../port/channel-provider.port.js';
import { ApprovedTemplates, type ChosenTemplate } from '../sms/approved-templates.js';
import { readSmsNumber, type SmsNumber } from '../sms/sms-number.js';
import type { SendStatus, TencentSmsApi } from './tencent-sms.api.js';
import { blamesOneNumber, TENCENT_REFUSALS } from './tencent-sms.outcomes.js';
import type { TencentSmsSettings } from './tencent-sms.settings.js';

const PLACEHOLDER = /\{\s{0,4}(\d{1,3})\s{0,4}\}/g;
const MAX_NUMBERS = 200;

/** A delivery that can be sent, with what the vendor needs. */
interface Ready {
  delivery: OutboundDelivery;
  number: SmsNumber;
  template: ChosenTemplate;
  values: string[];
}

/**
 * SMS through Tencent Cloud. Numbers that get the same template with the same values share a call, at home and abroad apart; the
 * vendor answers for each number. It has no idempotency key and cannot be asked by our reference, so a send without an answer stays
 * unknown. SessionContext is one for the whole call: it carries the reference where the call has one number.
 */
export class TencentSmsProvider implements ChannelProvider {
  readonly channel = 'sms' as const;
  readonly name = 'tencent';
  readonly maxBatch = MAX_NUMBERS;
  readonly isIdempotent = false;
  readonly recipientLimits?: readonly RecipientLimit[];
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;
  private readonly templates: ApprovedTemplates;

  constructor(
    private readonly settings: TencentSmsSettings,
    private readonly api: TencentSmsApi,
  ) {
    this.gate = new ConcurrencyGate(settings.concurrency);
    this.templates = new ApprovedTemplates(settings.templates, PLACEHOLDER);
    if (settings.recipientLimits) this.recipientLimits = settings.recipientLimits;
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) => this.sendAll(batch, scope));
  }

  probeFor(address: string): RenderedContent | undefined {
    return this.templates.sample(readSmsNumber(address)?.isMainland ?? true);
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private sendAll(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    const prepared = new Map(batch.map((delivery) => [delivery, this.prepare(delivery)]));
    const ready = (delivery: OutboundDelivery): Ready => {
      const found = prepared.get(delivery);
      if (!found || 'outcome' in found) throw new Error('only what was prepared is sent');
      return found;
    };
    const grouping: Grouping = {
      refusalOf: (delivery) => {
        const found = prepared.get(delivery);
        return found && 'outcome' in found ? found.outcome : null;
      },
      keyOf: (delivery) => {
        const { template, values, number } = ready(delivery);
        return JSON.stringify([template.code, template.signName, number.isMainland, values]);
      },
      recipientOf: (delivery) => ready(delivery).number.e164,
      maxRecipients: MAX_NUMBERS,
      gate: this.gate,
    };
    return sendGrouped(batch, grouping, (group) => this.sendGroup(group.map(ready), signal));
  }

  private prepare(delivery: OutboundDelivery): Ready | { outcome: Outcome } {
    const number = readSmsNumber(delivery.address);
    if (!number) return { outcome: { class: 'bad_recipient', code: 'bad_address' } };
    const template = this.templates.choose(delivery.content, number.isMainland);
    if ('outcome' in template) return template;
    return { delivery, number, template, values: valuesInOrder(template.values) };
  }

  private async sendGroup(group: readonly Ready[], signal: AbortSignal): Promise<Outcome[] | 'blames_one'> {
    const [first] = group;
    if (!first) return [];
    const answer = await this.api.send(this.parametersOf(first, group), signal);
    if ('outcome' in answer) return group.map(() => answer.outcome);
    if ('refusal' in answer) {
      if (group.length > 1 && blamesOneNumber(answer.refusal.code)) return 'blames_one';
      return group.map((item) => outcomeOfRefusal(item, answer.refusal));
    }
    const statuses = new Map(answer.statuses.map((status) => [digitsOf(status.number), status]));
    return group.map((item) => outcomeOf(item, statuses.get(digitsOf(item.number.e164))));
  }

  /** @param first what all of the group have in common, it has, too */
  private parametersOf({ number, template, values, delivery }: Ready, group: readonly Ready[]): object {
    const { smsSdkAppId, signName, extendCode, senderId } = this.settings;
    return {
      PhoneNumberSet: group.map((item) => item.number.e164),
      SmsSdkAppId: smsSdkAppId,
      TemplateId: template.code,
      SignName: template.signName ?? signName,
      TemplateParamSet: values,
      ExtendCode: extendCode,
      SenderId: number.isMainland ? undefined : senderId,
      SessionContext: group.length === 1 ? delivery.ref : undefined,
    };
  }
}

const digitsOf = (number: string): string => number.replace(/\D/g, '');

function outcomeOf(item: Ready, status: SendStatus | undefined): Outcome {
  // The vendor answered, but not for this number.
  if (!status) return { class: 'unknown_outcome', code: 'no_status' };
  if (status.code !== 'Ok') return outcomeOfRefusal(item, status);
  const { code, serialNo } = status;
  return { class: 'ok', code, ...(serialNo === undefined ? {} : { providerRef: serialNo }) };
}

const outcomeOfRefusal = ({ delivery, template }: Ready, { code, words }: { code: string; words: string }): Outcome =>
  TENCENT_REFUSALS.outcomeOf({
    code,
    words,
    attempt: delivery.attempt,
    nowMs: Date.now(),
    isListedTemplate: template.isListed,
  });

/** The vendor counts values from 1 and knows no names. */
function valuesInOrder(values: Record<string, string>): string[] {
  const ordered: string[] = [];
  for (let i = 1; Object.hasOwn(values, i); i++) ordered.push(values[i] ?? '');
  return ordered;
}
