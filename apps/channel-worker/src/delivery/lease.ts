import { CLAIM_HOLDS_S, LEASE_S, type WorkRepository } from '#entities';

const RENEW_EVERY_MS = (LEASE_S * 1000) / 3;

/**
 * Keeps claimed work ours while a provider takes its time. A process that stood still for longer (stopped, starved, its database
 * away) asks `holds` before each call: somebody else may have the work by then. What is lost during a call is found out at the
 * settling.
 */
export class Lease {
  private readonly timer: NodeJS.Timeout;
  private readonly lost = new Set<number>();
  /** On the clock of `performance.now()`, which goes on while the process stands still and which nobody sets. */
  private heldUntil: number;

  /** @param claimedAt when the claim was asked for, on the clock of `performance.now()` */
  constructor(
    private readonly work: Pick<WorkRepository, 'renew'>,
    private readonly token: string,
    private readonly workIds: readonly number[],
    claimedAt: number,
  ) {
    this.heldUntil = claimedAt + CLAIM_HOLDS_S * 1000;
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MS);
  }

  /** Nobody else can have this piece of the work now. */
  holds(workId: number): boolean {
    return performance.now() < this.heldUntil && !this.lost.has(workId);
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      const held = new Set(await this.work.renew(this.token, this.workIds));
      for (const id of this.workIds) if (!held.has(id)) this.lost.add(id);
      this.heldUntil = askedAt + LEASE_S * 1000;
    } catch {
      // The next renewal, or the settling, will tell.
    }
  }
}
