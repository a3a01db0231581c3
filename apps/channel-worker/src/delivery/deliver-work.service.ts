import { Injectable } from '@nestjs/common';
import { AppError, QUEUES, type Channel } from '#contracts';
import {
  WorkRepository,
  encodeDeliveryRef,
  type ClaimedWork,
  type DueDelivery,
  type MessageForSending,
} from '#entities';
import { MessageBus } from '#messaging';
import { Metrics, failpoint } from '#platform';
import type { OutboundDelivery, Outcome } from '#providers';
import { wait } from '../accounts/account-admission.policy.js';
import { Accounts, type PushTarget } from '../accounts/accounts.service.js';
import type { DeviceBatch } from '../devices/device-batch.js';
import { keptByProvider } from '../devices/kept-by-provider.js';
import { SplitByDevice } from '../devices/split-by-device.service.js';
import { KeepTodoCardsService } from '../todo-cards/keep-todo-cards.service.js';
import type { DoneDelivery } from './done-delivery.js';
import { ClaimWork } from './claim-work.service.js';
import { Lease } from './lease.js';
import { MessageContent, isRenderProblem } from './message-content.service.js';
import { NewestConfigs } from './newest-configs.service.js';
import type { Outgoing } from './outgoing.js';
import { putOff } from './put-off.policy.js';
import { SendDeliveriesService, type Route } from './send-deliveries.service.js';
import { SettleWorkService } from './settle-work.service.js';
import { SmsBudget } from './sms-budget.service.js';

const NOT_CONFIGURED: Outcome = {
  class: 'bad_config',
  code: 'not_configured',
  words: 'no provider serves this channel',
};

/** A worker that held it before did not come back: its one call may have been made. */
const INTERRUPTED: Outcome = {
  class: 'unknown_outcome',
  code: 'interrupted',
  words: 'the worker that held it before its only try did not come back',
};

/** Looked at again from time to time; switching the channel on makes it due at once. */
const SWITCHED_OFF = wait(60_000, 'channel_off', 'the channel is switched off', true);

/** Work that could not even be prepared (the database, the master key) is looked at again after this. */
const GIVE_BACK_S = 10;

/** The database has forgotten the claim, or the lease ran out: somebody else may hold the work. */
class ClaimLostError extends AppError {
  constructor() {
    super('CLAIM_LOST', 'transient', 'The work is not held any more.');
  }
}

interface Prepared {
  /** Ended without a call. */
  done: DoneDelivery[];
  /** What there is to call for. */
  routes: Route[];
  /** Channel `push`: puts the sends to the devices of a person together again. */
  devices: DeviceBatch | null;
}

/** A batch of due work: claim, call the providers, settle. A repeated event claims nothing and does nothing. */
@Injectable()
export class DeliverWorkService {
  constructor(
    private readonly claims: ClaimWork,
    private readonly work: WorkRepository,
    private readonly content: MessageContent,
    private readonly configs: NewestConfigs,
    private readonly smsBudget: SmsBudget,
    private readonly splitting: SplitByDevice,
    private readonly accounts: Accounts,
    private readonly sending: SendDeliveriesService,
    private readonly settlement: SettleWorkService,
    private readonly cards: KeepTodoCardsService,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
  ) {}

  async deliver(channel: Channel, workIds: readonly number[]): Promise<void> {
    const claimedAt = performance.now();
    const { token, work: claimed, due } = await this.claims.claim(channel, workIds);
    if (claimed.length === 0) return;
    failpoint('worker.after-claim');
    const lease = new Lease(
      this.work,
      token,
      claimed.map((row) => row.id),
      claimedAt,
    );
    try {
      const { done, routes, devices } = await this.prepare(channel, claimed, due)
        .then((prepared) => this.holdOnce(token, prepared))
        .catch((error: unknown) => this.giveBack(token, claimed, error));
      const sent = await Promise.all(routes.map((route) => this.sending.send(route, lease)));
      const all = [...done, ...sent.flat()];
      failpoint('worker.before-settle');
      await this.settlement.settle(token, claimed, devices?.together(all) ?? all);
      failpoint('worker.after-settle');
      await this.cards.keep(channel, sent.flat());
    } finally {
      lease.end();
    }
    this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
  }

  /**
   * Of what is tried only once the claim tells, for good, that the try was made: so it must outlive a crash of the database,
   * which may forget a claim but not its renewal.
   */
  private async holdOnce(token: string, prepared: Prepared): Promise<Prepared> {
    const once = prepared.routes.flatMap(({ outgoing }) => outgoing).filter(({ message }) => message.is_once);
    const ids = [...new Set(once.map(({ delivery }) => delivery.work_id))];
    if (ids.length > 0 && (await this.work.renew(token, ids)).length < ids.length) throw new ClaimLostError();
    return prepared;
  }

  /** Nobody was called yet: the work is due again soon, and its next call is no possible duplicate. */
  private async giveBack(token: string, claimed: readonly ClaimedWork[], cause: unknown): Promise<never> {
    await this.work
      .release(
        token,
        claimed.map((row) => row.id),
        GIVE_BACK_S,
      )
      .catch(() => undefined); // the end of the lease gives it back, too
    throw cause;
  }

  /** All that can be known without calling a provider: what ended already, what cannot be sent, and what is to be sent. */
  private async prepare(
    channel: Channel,
    claimed: readonly ClaimedWork[],
    due: readonly DueDelivery[],
  ): Promise<Prepared> {
    const messages = await this.content.load([...new Set(due.map((delivery) => delivery.message_id))]);
    this.metrics.batchSize.observe({ stage: 'deliver' }, due.length);
    const workOf = new Map(claimed.map((row) => [row.id, row]));
    const done: DoneDelivery[] = [];
    const outgoing: Outgoing[] = [];
    for (const delivery of due) {
      const message = messages.get(delivery.message_id);
      const work = workOf.get(delivery.work_id);
      if (!work) continue;
      if (delivery.is_cancelled) done.push({ delivery, ending: 'cancelled' });
      else if (work.is_expired) done.push({ delivery, ending: 'expired' });
      else if (message?.is_once && work.claims > 1) done.push(untried(delivery, message, INTERRUPTED));
      else if (message) {
        // Without a message its partition is gone: retention ended it.
        const content = this.content.render(message, channel, delivery.params);
        if (isRenderProblem(content)) {
          const outcome: Outcome = { class: 'bad_content', ...content };
          done.push({ delivery, message, account: null, outcome, startedAt: Date.now() });
        } else {
          const kept = channel === 'push' ? keptByProvider(work, message, content) : {};
          const outbound = { ...toOutbound(delivery, message, content), ...kept };
          outgoing.push({ delivery, message, outbound, address: delivery.address, isAgain: work.avoid !== null });
        }
      }
    }
    if (await this.accounts.isOff(channel))
      return { done: [...done, ...putOff(outgoing, SWITCHED_OFF)], routes: [], devices: null };
    const newest = channel === 'push' ? await this.configs.of(outgoing, done) : outgoing;
    const covered = await this.smsBudget.take(channel, newest, done);
    const devices = await this.splitting.split(channel, covered);
    if (devices) done.push(...devices.done);
    const routes = await this.routesOf(channel, workOf, devices?.outgoing ?? covered, done);
    this.countPossibleDuplicates(channel, workOf, routes);
    return { done, routes, devices };
  }

  /** Deliveries grouped by the accounts they may take. Those that no account serves are done with that outcome. */
  private async routesOf(
    channel: Channel,
    workOf: ReadonlyMap<number, ClaimedWork>,
    outgoing: readonly Outgoing[],
    done: DoneDelivery[],
  ): Promise<Route[]> {
    const groups = new Map<string, Outgoing[]>();
    for (const item of outgoing) {
      const { delivery, device } = item;
      const target = device && { provider: device.provider, platform: device.platform };
      const key = JSON.stringify([delivery.account, workOf.get(delivery.work_id)?.avoid ?? null, target ?? null]);
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
    const routes: Route[] = [];
    for (const [key, group] of groups) {
      const [bound, avoid, target] = JSON.parse(key) as [string | null, string[] | null, PushTarget | null];
      const serving = await this.accounts.candidates(channel, bound, target);
      const candidates = serving.filter(({ id }) => !avoid?.includes(id));
      if (candidates.length > 0) routes.push({ candidates, outgoing: group });
      // Every account had its turn: it stays as it is, sent.
      else if (!avoid) done.push(...group.map(notServed));
    }
    return routes;
  }

  private countPossibleDuplicates(
    channel: Channel,
    workOf: ReadonlyMap<number, ClaimedWork>,
    routes: readonly Route[],
  ): void {
    const again = routes
      .flatMap(({ outgoing }) => outgoing)
      .filter(({ delivery, isAgain }) => isAgain || (workOf.get(delivery.work_id)?.claims ?? 1) > 1);
    if (again.length > 0) this.metrics.possibleDuplicates.inc({ channel }, again.length);
  }
}

const notServed = ({ delivery, message, address }: Outgoing): DoneDelivery => ({
  delivery,
  message,
  account: null,
  outcome: NOT_CONFIGURED,
  startedAt: Date.now(),
  address,
});

const untried = (delivery: DueDelivery, message: MessageForSending, outcome: Outcome): DoneDelivery => ({
  delivery,
  message,
  account: null,
  outcome,
  startedAt: Date.now(),
  isUntried: true,
});

const toOutbound = (
  delivery: DueDelivery,
  { source, kind }: MessageForSending,
  content: OutboundDelivery['content'],
): OutboundDelivery => ({
  ref: encodeDeliveryRef(delivery.message_id, delivery.seq, delivery.ref),
  address: delivery.address,
  ...(delivery.name ? { name: delivery.name } : {}),
  source,
  content,
  ...(kind === 'todo' ? { isTodo: true as const } : {}),
  attempt: delivery.attempts + 1,
});
