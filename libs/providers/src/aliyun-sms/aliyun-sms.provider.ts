import { setMaxListeners } from 'node:events';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  QueryAnswer,
  RecipientLimit,
  RenderedContent,
} from '../port/channel-provider.port.js';
import { ApprovedTemplates, type ChosenTemplate } from '../sms/approved-templates.js';
import { textOf } from '../vendor-api/text-of.js';
import { readSmsNumber, type SmsNumber } from '../sms/sms-number.js';
import type { AliyunSmsApi } from './aliyun-sms.api.js';
import { ALIYUN_REFUSALS } from './aliyun-sms.outcomes.js';
import { askAbout, encodeAskRef, FIRST_ASK_MS } from './aliyun-sms.query.js';
import type { AliyunSmsSettings } from './aliyun-sms.settings.js';

const PLACEHOLDER = /\$\{\s{0,4}([^{}$\s]{1,64})\s{0,4}\}/g;

/**
 * SMS through Aliyun, one call a number. The API also takes lists, but answers a list with one code (a bad number fails the good
 * ones), echoes one OutId for all of it, and says of itself that lists are slower; so calls run side by side instead.
 * Receipts name the OutId, which is our reference: they find their delivery even where the answer to the send was lost.
 */
export class AliyunSmsProvider implements ChannelProvider {
  readonly channel = 'sms' as const;
  readonly name = 'aliyun';
  readonly maxBatch = 200;
  readonly isIdempotent = false;
  readonly recipientLimits?: readonly RecipientLimit[];
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;
  private readonly templates: ApprovedTemplates;

  constructor(
    private readonly settings: AliyunSmsSettings,
    private readonly api: AliyunSmsApi,
  ) {
    this.gate = new ConcurrencyGate(settings.concurrency);
    this.templates = new ApprovedTemplates(settings.templates, PLACEHOLDER);
    if (settings.recipientLimits) this.recipientLimits = settings.recipientLimits;
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      Promise.all(batch.map((delivery) => this.gate.run(() => this.submit(delivery, scope)))),
    );
  }

  query(refs: readonly string[], signal: AbortSignal): Promise<QueryAnswer[]> {
    const scope = AbortSignal.any([signal]);
    setMaxListeners(0, scope);
    return Promise.all(refs.map((ref) => this.gate.run(() => askAbout(this.api, ref, Date.now(), scope))));
  }

  probeFor(address: string): RenderedContent | undefined {
    return this.templates.sample(readSmsNumber(address)?.isMainland ?? true);
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async submit(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    const number = readSmsNumber(delivery.address);
    if (!number) return { class: 'bad_recipient', code: 'bad_address' };
    const template = this.templates.choose(delivery.content, number.isMainland);
    if ('outcome' in template) return template.outcome;
    const sentAtMs = Date.now();
    const answer = await this.api.call('SendSms', this.parametersOf(delivery.ref, number, template), signal);
    if ('outcome' in answer) return this.withoutAnswer(answer.outcome, delivery.ref, number, sentAtMs);
    const { code, words, json } = answer;
    if (code !== 'OK') {
      const { isListed: isListedTemplate } = template;
      return ALIYUN_REFUSALS.outcomeOf({ code, words, attempt: delivery.attempt, nowMs: Date.now(), isListedTemplate });
    }
    const bizId = textOf(json.BizId);
    return {
      class: 'ok',
      code,
      // By which the vendor's console and support find it.
      ...(bizId === undefined ? {} : { words: vendorWords(`BizId ${bizId}`) }),
      providerRef: delivery.ref,
    };
  }

  private parametersOf(ref: string, number: SmsNumber, template: ChosenTemplate): Record<string, string> {
    const { signName, smsUpExtendCode } = this.settings;
    return {
      PhoneNumbers: number.digits,
      SignName: template.signName ?? signName,
      TemplateCode: template.code,
      ...(Object.keys(template.values).length > 0 && { TemplateParam: JSON.stringify(template.values) }),
      ...(smsUpExtendCode !== undefined && { SmsUpExtendCode: smsUpExtendCode }),
      OutId: ref,
    };
  }

  /** Where the vendor may have taken it, its own records are asked before anything is sent again. */
  private withoutAnswer(outcome: Outcome, ref: string, number: SmsNumber, sentAtMs: number): Outcome {
    if (outcome.class !== 'unknown_outcome') return outcome;
    return {
      ...outcome,
      providerRef: ref,
      ask: { ref: encodeAskRef({ digits: number.digits, sentAtMs, outId: ref }), afterMs: FIRST_ASK_MS },
    };
  }
}
