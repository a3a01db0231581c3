import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import {
  MAX_DIRECT_ADDRESSES,
  RPC,
  type Channel,
  type DirectContentV1,
  type DirectOutcome,
  type SendDirectAnswer,
  type SendDirectV1,
} from '#contracts';
import { MessageBus } from '#messaging';

/** A caller waits no longer for the provider. */
const OUTCOME_WITHIN_MS = 14_000;

/** Hands a card straight to the provider of a channel: nothing of it is stored. */
@Injectable()
export class SendDirectService {
  constructor(private readonly bus: MessageBus) {}

  /**
   * An outcome for each address, in their order; those beyond one request are left out where the provider keeps it waiting.
   * @throws AppError `transient` nobody is there to send it; `not_found` no provider serves the channel
   */
  async send(channel: Channel, addresses: readonly string[], content: DirectContentV1): Promise<DirectOutcome[]> {
    const deadline = performance.now() + OUTCOME_WITHIN_MS;
    const outcomes: DirectOutcome[] = [];
    for (let from = 0; from < addresses.length; from += MAX_DIRECT_ADDRESSES) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) break;
      const request: SendDirectV1 = { channel, addresses: addresses.slice(from, from + MAX_DIRECT_ADDRESSES), content };
      const answer = await this.bus.request<SendDirectAnswer>(RPC.sendDirect(channel), request, timeoutMs);
      outcomes.push(...answer.outcomes);
    }
    return outcomes;
  }
}
