import { LEASE_S, type WorkRepository } from '#entities';

/** Keeps claimed work ours while a provider takes its time. What is lost all the same is found out at the settling. */
export class Lease {
  private readonly timer: NodeJS.Timeout;

  constructor(work: Pick<WorkRepository, 'renew'>, token: string, workIds: readonly number[]) {
    this.timer = setInterval(
      () => {
        work.renew(token, workIds).catch(() => undefined); // the next renewal, or the settling, will tell
      },
      (LEASE_S * 1000) / 3,
    );
  }

  end(): void {
    clearInterval(this.timer);
  }
}
