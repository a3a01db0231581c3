import { Injectable } from '@nestjs/common';
import { RecipientPacingRepository, reopensInMs, type WindowGrant } from '#entities';
import type { OpenAccount } from './accounts.service.js';

/** Messages counted in the windows of their recipients. */
export interface TakenWindows {
  account: string;
  /** By message: 0 where it may go now, or the ms after which to ask again. */
  waits: number[];
  /** Where they were counted. */
  grants: readonly WindowGrant[];
}

/** Keeps what one recipient gets through an account within what the provider delivers to one recipient. */
@Injectable()
export class RecipientPacing {
  constructor(private readonly windows: RecipientPacingRepository) {}

  /**
   * Counts the messages in the recipients' windows. One statement, and a second one where a recipient's windows do not have
   * the same room.
   */
  async take({ id, provider }: OpenAccount, addresses: readonly string[]): Promise<TakenWindows> {
    const limits = provider.recipientLimits ?? [];
    if (limits.length === 0) return { account: id, waits: addresses.map(() => 0), grants: [] };
    const wanted = countOf(addresses);
    const maxOf = new Map(limits.map(({ windowS, max }) => [windowS, max]));
    const grants = await this.windows.take(id, wanted, limits);
    const room = new Map(wanted);
    for (const { address, granted } of grants) room.set(address, Math.min(room.get(address) ?? 0, granted));
    const waitOf = new Map<string, number>();
    for (const grant of grants) {
      const { address, window_s: windowS, granted } = grant;
      // What a wider window has room for does not wait for it.
      if (granted > (room.get(address) ?? 0) || granted === wanted.get(address)) continue;
      waitOf.set(address, Math.max(waitOf.get(address) ?? 0, reopensInMs(grant, maxOf.get(windowS) ?? 0)));
    }
    await this.giveBack(id, grants, ({ address, granted }) => granted - (room.get(address) ?? 0));
    const waits = addresses.map((address) => {
      const left = room.get(address) ?? 0;
      room.set(address, left - 1);
      return left > 0 ? 0 : Math.max(1, waitOf.get(address) ?? 0);
    });
    return { account: id, waits, grants };
  }

  /** Messages that were counted and are not sent now after all. */
  async putBack({ account, grants }: TakenWindows, addresses: readonly string[]): Promise<void> {
    const counts = countOf(addresses);
    await this.giveBack(account, grants, ({ address }) => counts.get(address) ?? 0);
  }

  private async giveBack(
    account: string,
    grants: readonly WindowGrant[],
    unsentOf: (grant: WindowGrant) => number,
  ): Promise<void> {
    const unsent = grants.map((grant) => ({ ...grant, unsent: unsentOf(grant) })).filter((one) => one.unsent > 0);
    if (unsent.length > 0) await this.windows.giveBack(account, unsent);
  }
}

function countOf(addresses: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
}
