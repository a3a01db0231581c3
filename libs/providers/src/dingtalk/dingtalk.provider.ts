import { sha256, type GuardedHttp } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  QueryAnswer,
  RecipientLimit,
} from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { ErrcodeApi, type ErrcodeAnswer } from '../vendor-api/errcode-api.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { dingtalkMessage, hasOverlongLink, uniqueLine } from './dingtalk.message.js';
import { blamesOne, outcomeOfDingtalkCode, outcomesOfTask } from './dingtalk.outcomes.js';
import { isTaskDone, receiptsOfResult } from './dingtalk.receipts.js';
import type { DingtalkSettings } from './dingtalk.settings.js';

const CONVERSATION = '/topapi/message/corpconversation';
const MAX_USERS = 100;

/** `,` separates people: it may not come from an address. */
function refusalOf({ address, content }: OutboundDelivery): Outcome | null {
  if (!/^[^,\s]+$/u.test(address))
    return { class: 'bad_recipient', code: 'bad_address', words: 'not the userid of one person' };
  return hasOverlongLink(content)
    ? { class: 'bad_content', code: 'too_long', words: 'the link does not fit in a message of 2,048 bytes' }
    : null;
}

const WAITING: QueryAnswer = { state: 'waiting', receipts: [] };
const ENDED: QueryAnswer = { state: 'ended', receipts: [] };

/** Work notices of a DingTalk app, up to 100 people in one call. DingTalk only takes them; who got one is asked for later. */
export class DingtalkProvider implements ChannelProvider {
  readonly channel = 'dingtalk' as const;
  readonly name = 'dingtalk';
  readonly maxBatch = 500;
  readonly isIdempotent = false;
  // Beyond it DingTalk takes the notice and does not deliver it.
  readonly recipientLimits: readonly RecipientLimit[] = [{ max: 500, windowS: 86_400 }];
  private readonly sends = new RunningSends();
  private readonly api: ErrcodeApi;
  private readonly gate: ConcurrencyGate;
  private readonly grouping: Grouping;

  constructor(
    private readonly settings: DingtalkSettings,
    http: GuardedHttp,
    custody: TokenCustody,
  ) {
    const { appKey, appSecret, baseUrl, timeoutMs, concurrency } = settings;
    this.gate = new ConcurrencyGate(concurrency);
    this.grouping = {
      refusalOf,
      keyOf: ({ content }) => JSON.stringify(dingtalkMessage(content)),
      recipientOf: ({ address }) => address,
      maxRecipients: MAX_USERS,
      gate: this.gate,
    };
    const secrets = [appSecret, encodeURIComponent(appSecret)];
    const vendor = {
      tokenKey: `dingtalk:${sha256(`${appKey}\n${appSecret}`).toString('base64url')}`,
      tokenPath: `/gettoken?${new URLSearchParams({ appkey: appKey, appsecret: appSecret }).toString()}`,
      classify: outcomeOfDingtalkCode,
    };
    this.api = new ErrcodeApi(new VendorApi(http, baseUrl, timeoutMs, secrets), custody, vendor, secrets);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      sendGrouped(batch, this.grouping, (group) => this.sendOne(group, scope)),
    );
  }

  query(refs: readonly string[], signal: AbortSignal): Promise<QueryAnswer[]> {
    return Promise.all(refs.map((ref) => this.gate.run(() => this.ask(ref, signal))));
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async sendOne(group: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[] | 'blames_one'> {
    const [first] = group;
    if (!first) return [];
    const lastLine = this.settings.uniqueLine ? uniqueLine(Date.now()) : undefined;
    const body = {
      agent_id: this.settings.agentId,
      userid_list: group.map(({ address }) => address).join(','),
      to_all_user: false,
      msg: dingtalkMessage(first.content, lastLine),
    };
    const answer = await this.api.post(`${CONVERSATION}/asyncsend_v2`, body, { signal });
    if ('json' in answer) return outcomesOfTask(group, answer.json.task_id);
    const { outcome } = answer;
    return group.length > 1 && blamesOne(outcome) ? 'blames_one' : group.map(() => outcome);
  }

  /** What became of a task, for everybody it was for. DingTalk knows tasks for a day. */
  private async ask(task: string, signal: AbortSignal): Promise<QueryAnswer> {
    const progress = await this.askFor('getsendprogress', task, signal);
    if ('outcome' in progress) return isForgotten(progress.outcome) ? ENDED : WAITING;
    if (!isTaskDone(progress.json)) return WAITING;
    const result = await this.askFor('getsendresult', task, signal);
    if ('outcome' in result) return isForgotten(result.outcome) ? ENDED : WAITING;
    const receipts = receiptsOfResult(task, result.json);
    const isReadAwaited = this.settings.readReceipts && receipts.some(({ status }) => status === 'delivered');
    return { state: isReadAwaited ? 'waiting' : 'ended', receipts };
  }

  private askFor(what: string, task: string, signal: AbortSignal): Promise<ErrcodeAnswer> {
    const id = Number(task);
    const body = { agent_id: this.settings.agentId, task_id: Number.isSafeInteger(id) ? id : task };
    return this.api.post(`${CONVERSATION}/${what}`, body, { signal, isRead: true });
  }
}

/** The question itself is refused: the task is older than a day, or none of this app's. */
const isForgotten = ({ class: outcomeClass }: Outcome): boolean =>
  outcomeClass === 'bad_content' || outcomeClass === 'bad_recipient';
