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
import { MessageBus, RpcTimeoutError } from '#messaging';

/** A caller waits no longer for the provider. */
const OUTCOME_WITHIN_MS = 14_000;

/** The worker may have handed it over, or still do so. */
const NO_ANSWER: DirectOutcome = { class: 'unknown_outcome', code: 'timeout' };

/** Hands a card straight to the provider of a channel: nothing of it is stored. */
@Injectable()
export class SendDirectService {
  constructor(private readonly bus: MessageBus) {}

  /**
   * An outcome for each address, in their order; those beyond one request are left out where the provider keeps it waiting, or
   * where nobody is left to send to them. Whatever may have gone out is told: a caller who hears of an error sends again.
   * @throws AppError nobody has got anything. `transient` nobody is there to send it; `not_found` no provider serves the channel
   */
  async send(channel: Channel, addresses: readonly string[], content: DirectContentV1): Promise<DirectOutcome[]> {
    const deadline = performance.now() + OUTCOME_WITHIN_MS;
    const outcomes: DirectOutcome[] = [];
    for (let from = 0; from < addresses.length; from += MAX_DIRECT_ADDRESSES) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) break;
      const request: SendDirectV1 = { channel, addresses: addresses.slice(from, from + MAX_DIRECT_ADDRESSES), content };
      const answered = await this.ask(request, timeoutMs).catch((error: unknown) => {
        if (outcomes.some(mayHaveGoneOut)) return null;
        throw error;
      });
      if (!answered) break;
      outcomes.push(...answered.outcomes);
      if (answered.isLate) break;
    }
    return outcomes;
  }

  private async ask(request: SendDirectV1, timeoutMs: number): Promise<{ outcomes: DirectOutcome[]; isLate: boolean }> {
    try {
      const answer = await this.bus.request<SendDirectAnswer>(RPC.sendDirect(request.channel), request, timeoutMs);
      return { outcomes: answer.outcomes, isLate: false };
    } catch (error) {
      if (!(error instanceof RpcTimeoutError)) throw error;
      return { outcomes: request.addresses.map(() => NO_ANSWER), isLate: true };
    }
  }
}

const mayHaveGoneOut = (outcome: DirectOutcome): boolean =>
  outcome.class === 'ok' || outcome.class === 'unknown_outcome';
