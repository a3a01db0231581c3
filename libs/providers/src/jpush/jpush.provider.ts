import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  ProviderReceipt,
  QueryAnswer,
} from '../port/channel-provider.port.js';
import { textOf } from '../vendor-api/text-of.js';
import type { JpushApi } from './jpush.api.js';
import { jpushCall, type JpushCall } from './jpush.message.js';
import { blamesOne } from './jpush.outcomes.js';
import { askForReports, FIRST_REPORT_MS, msgRefOf, providerRefOf } from './jpush.query.js';
import type { JpushSettings } from './jpush.settings.js';
import { UnansweredCalls } from './unanswered-calls.js';

const MAX_DEVICES = 1000;
const CALL_AGAIN_MS = 5_000;
const CID_REF = /^cid:(.+)$/s;

const BAD_TOKEN: Outcome = { class: 'bad_recipient', code: 'bad_address', words: 'not a registration id' };
const WAITING: QueryAnswer = { state: 'waiting', receipts: [] };

/**
 * JPush: up to 1,000 devices that get the same in one call, told apart in its reports by their tokens; the `ref` of each travels only
 * where a call is for one. Every call has a `cid`, and JPush answers a call with the same one as it answered the first, without pushing
 * again: so a lost answer is fetched by making the call again, by the process that made it. Deliveries alone have no such key (a retry
 * makes other groups), so the provider as a whole is not idempotent.
 */
export class JpushProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'jpush';
  readonly maxBatch = MAX_DEVICES;
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;
  private readonly unanswered = new UnansweredCalls();

  constructor(
    private readonly settings: JpushSettings,
    private readonly api: JpushApi,
  ) {
    this.gate = new ConcurrencyGate(settings.concurrency);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    const calls = new Map(batch.map((delivery) => [delivery, callFor(delivery)]));
    const grouping: Grouping = {
      refusalOf: (delivery) => {
        const call = calls.get(delivery);
        return typeof call === 'object' ? call.outcome : null;
      },
      keyOf: (delivery) => {
        const call = calls.get(delivery);
        return typeof call === 'function' ? JSON.stringify(call(undefined)) : '';
      },
      recipientOf: ({ address }) => address,
      maxRecipients: MAX_DEVICES,
      gate: this.gate,
    };
    return this.sends.run(batch, signal, (scope) =>
      sendGrouped(batch, grouping, (group) => {
        const call = group[0] && calls.get(group[0]);
        return typeof call === 'function' ? this.push(group, call, scope) : Promise.resolve([]);
      }),
    );
  }

  async query(refs: readonly string[], signal: AbortSignal): Promise<QueryAnswer[]> {
    const cids = refs.map((ref) => CID_REF.exec(ref)?.[1]);
    const reports = refs.filter((_, i) => cids[i] === undefined);
    const told = await this.gate.run(() => askForReports(this.api, reports, signal));
    const reported = new Map(reports.map((ref, i) => [ref, told[i] ?? WAITING]));
    return Promise.all(
      refs.map((ref, i) => {
        const cid = cids[i];
        return cid === undefined ? (reported.get(ref) ?? WAITING) : this.gate.run(() => this.callAgain(cid, signal));
      }),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async push(
    group: readonly OutboundDelivery[],
    call: JpushCall,
    signal: AbortSignal,
  ): Promise<Outcome[] | 'blames_one'> {
    if (signal.aborted) return group.map(() => ({ class: 'retry', code: 'aborted' }));
    const key = await this.api.takeCid();
    if ('outcome' in key) return group.map(() => key.outcome);
    const { cid } = key;
    const tokens = group.map(({ address }) => address);
    const said = call(group.length === 1 ? group[0]?.ref : undefined);
    const body = JSON.stringify({ cid, audience: { registration_id: tokens }, ...said });
    const answer = await this.api.push(body, false, signal);
    if ('json' in answer) return this.outcomesOf(tokens, answer.json);
    const { outcome } = answer;
    if (group.length > 1 && blamesOne(outcome)) return 'blames_one';
    if (outcome.class !== 'unknown_outcome') return group.map(() => outcome);
    this.unanswered.keep(cid, { body, tokens });
    const ask = { ref: `cid:${cid}`, afterMs: CALL_AGAIN_MS };
    return tokens.map((token) => ({ ...outcome, providerRef: providerRefOf(cid, token), ask }));
  }

  private outcomesOf(tokens: readonly string[], json: Record<string, unknown>): Outcome[] {
    const msgId = textOf(json.msg_id);
    if (msgId === undefined || !/^\d{1,20}$/.test(msgId))
      return tokens.map(() => ({ class: 'unknown_outcome', code: 'broken_answer' }));
    return tokens.map((token) => ({
      class: 'ok',
      words: `msg_id ${msgId}`,
      ...(this.settings.receipts && {
        providerRef: providerRefOf(msgId, token),
        ask: { ref: msgRefOf(msgId, token), afterMs: FIRST_REPORT_MS },
      }),
    }));
  }

  /** The answer that was lost. Another process may know the call where this one does not. */
  private async callAgain(cid: string, signal: AbortSignal): Promise<QueryAnswer> {
    const call = this.unanswered.find(cid);
    if (!call) return WAITING;
    const answer = await this.api.push(call.body, true, signal);
    const receipt = receiptOf(answer);
    if (!receipt) return WAITING;
    this.unanswered.forget(cid);
    const receipts = call.tokens.map((token) => ({ ...receipt, providerRef: providerRefOf(cid, token) }));
    return { state: 'ended', receipts };
  }
}

function callFor(delivery: OutboundDelivery): JpushCall | { outcome: Outcome } {
  return /^[A-Za-z0-9._:-]{1,512}$/.test(delivery.address) ? jpushCall(delivery) : { outcome: BAD_TOKEN };
}

/** Null: still no answer that says what became of it. */
function receiptOf(answer: Awaited<ReturnType<JpushApi['push']>>): Omit<ProviderReceipt, 'providerRef'> | null {
  if ('json' in answer) return { status: 'sent' };
  const { class: outcomeClass, code, words } = answer.outcome;
  if (outcomeClass !== 'bad_recipient' && outcomeClass !== 'bad_content') return null;
  return { status: 'failed', ...(code !== undefined && { code }), ...(words !== undefined && { words }) };
}
