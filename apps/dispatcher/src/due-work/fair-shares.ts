/** Work that an app has had. */
export interface Served {
  app_id: string;
  /** Deliveries. */
  size: number;
  weight: number;
}

/**
 * What each app has had of one channel, so that turns are fair over many hand-overs, not only within one (start-time fair
 * queueing). An app's time moves on by its deliveries divided by its weight; the app that is furthest back goes first,
 * whatever the size of its next piece. An app
 * that had nothing to send has saved nothing up: it starts where the others are.
 */
export class FairShares {
  private readonly timeOf = new Map<string, number>();
  private now = 0;

  /** Apps that are ahead of the others, and by how much. */
  ahead(): Map<string, number> {
    return new Map([...this.timeOf].map(([appId, time]) => [appId, time - this.now]));
  }

  /** @param taken of one hand-over, in its order */
  served(taken: readonly Served[]): void {
    const [first] = taken;
    if (!first) return;
    // Whoever went first stood where an app stands that comes now.
    this.now = Math.max(this.now, this.timeOf.get(first.app_id) ?? this.now);
    for (const { app_id: appId, size, weight } of taken)
      this.timeOf.set(appId, (this.timeOf.get(appId) ?? this.now) + size / weight);
    for (const [appId, time] of this.timeOf) if (time <= this.now) this.timeOf.delete(appId);
  }
}
