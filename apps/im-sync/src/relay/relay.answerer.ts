import { Controller } from '@nestjs/common';
import {
  RELAY_RPC,
  RelayChangeV1,
  RelayPullV1,
  RelaySendV1,
  type RelayChangeAnswer,
  type RelayPullAnswer,
  type RelaySendAnswer,
} from '#contracts';
import { RelayBlackListRepository, RelayMailboxRepository, RelaySendRepository, type RelayCaller } from '#entities';
import { Answer } from '#messaging';
import { Metrics, RelayConfig } from '#platform';
import { packPulls } from './pack-pulls.js';
import { judgeSends } from './relay-rules.policy.js';

/** Requests of one kind that a process works on at a time: each is a batch, and holds a connection. */
const AT_THE_SAME_TIME = 4;

/** Mailboxes and black lists of the relay. */
@Controller()
export class RelayAnswerer {
  constructor(
    private readonly sends: RelaySendRepository,
    private readonly mailboxes: RelayMailboxRepository,
    private readonly blackLists: RelayBlackListRepository,
    private readonly config: RelayConfig,
    private readonly metrics: Metrics,
  ) {}

  @Answer(RELAY_RPC.send, RelaySendV1, { prefetch: AT_THE_SAME_TIME })
  async send(request: RelaySendV1): Promise<RelaySendAnswer> {
    const proposed = request.callers.map((sender, i) => ({
      sender,
      receiver: request.receivers[i] ?? '',
      redirect: request.redirects[i] ?? '',
    }));
    const rules = { isOpen: this.isOpen, isUserInitiated: this.config.RELAY_USER_INITIATED };
    const judged = await this.sends.send(request, (met) => judgeSends(proposed, met, rules));
    const accepted = judged.reduce((sum, { isAccepted }) => sum + (isAccepted ? 1 : 0), 0);
    if (accepted > 0) this.metrics.accepted.inc({ door: 'relay' }, accepted);
    this.metrics.batchSize.observe({ stage: 'relay-send' }, judged.length);
    return { verdicts: judged.map(({ verdict }) => verdict) };
  }

  @Answer(RELAY_RPC.pull, RelayPullV1, { prefetch: AT_THE_SAME_TIME })
  async pull(request: RelayPullV1): Promise<RelayPullAnswer> {
    return { pulls: packPulls(await this.mailboxes.pull(request)) };
  }

  @Answer(RELAY_RPC.change, RelayChangeV1, { prefetch: AT_THE_SAME_TIME })
  async change(request: RelayChangeV1): Promise<RelayChangeAnswer> {
    return { isDone: await this.changed(request) };
  }

  private changed(request: RelayChangeV1): Promise<boolean> {
    const caller: RelayCaller = request;
    const { md5Id = '', nickname = null, icon = null } = request;
    switch (request.what) {
      case 'empty':
        return this.mailboxes.empty(caller);
      case 'block':
        return this.blackLists.block(caller, { md5Id, nickname, icon }, this.isOpen);
      case 'unblock':
        return this.blackLists.unblock(caller, md5Id);
      case 'unblock_all':
        return this.blackLists.unblock(caller, null);
    }
  }

  private get isOpen(): boolean {
    return this.config.RELAY_IDENTITIES === 'open';
  }
}
