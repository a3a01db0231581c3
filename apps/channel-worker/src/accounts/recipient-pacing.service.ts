import { Injectable } from '@nestjs/common';
import { RecipientPacingRepository } from '#entities';
import type { OpenAccount } from './accounts.service.js';

/** Keeps what one recipient gets through an account within what the provider delivers to one recipient. */
@Injectable()
export class RecipientPacing {
  constructor(private readonly windows: RecipientPacingRepository) {}

  /**
   * Counts the messages in the recipients' windows. Answers for each of them 0 where it may go now, or the ms after which to
   * ask again. One statement, and a second one where something has to wait.
   */
  async take({ id, provider }: OpenAccount, addresses: readonly string[]): Promise<number[]> {
    const limits = provider.recipientLimits ?? [];
    if (limits.length === 0) return addresses.map(() => 0);
    const wanted = countOf(addresses);
    const maxOf = new Map(limits.map(({ windowS, max }) => [windowS, max]));
    const room = new Map(wanted);
    const waitOf = new Map<string, number>();
    for (const { address, window_s: windowS, used, ends_ms: endsMs } of await this.windows.take(id, wanted, limits)) {
      const asked = wanted.get(address) ?? 0;
      const left = Math.max(0, (maxOf.get(windowS) ?? 0) - (used - asked));
      if (left >= asked) continue;
      room.set(address, Math.min(room.get(address) ?? 0, left));
      waitOf.set(address, Math.max(waitOf.get(address) ?? 0, endsMs));
    }
    const unsent = new Map([...wanted].map(([address, asked]) => [address, asked - (room.get(address) ?? asked)]));
    await this.giveBack(id, unsent);
    return addresses.map((address) => {
      const left = room.get(address) ?? 0;
      room.set(address, left - 1);
      return left > 0 ? 0 : Math.max(1, waitOf.get(address) ?? 0);
    });
  }

  /** Messages that were counted and are not sent now after all. */
  async putBack({ id, provider }: OpenAccount, addresses: readonly string[]): Promise<void> {
    if (provider.recipientLimits) await this.giveBack(id, countOf(addresses));
  }

  private async giveBack(id: string, counts: ReadonlyMap<string, number>): Promise<void> {
    const some = new Map([...counts].filter(([, count]) => count > 0));
    if (some.size > 0) await this.windows.giveBack(id, some);
  }
}

function countOf(addresses: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
}
