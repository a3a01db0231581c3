import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DeliveryWorkRepository, type ClaimedWork, type DueDelivery } from '#entities';
import { Batcher } from '#messaging';

/** Events of one statement. */
const EVENTS_AT_A_TIME = 16;

export interface Claim {
  token: string;
  work: ClaimedWork[];
  /** The deliveries of the work that are still to be sent. */
  due: DueDelivery[];
}

/** Takes hold of work. Events that arrive while a statement is under way are claimed together by the next one. */
@Injectable()
export class ClaimWork {
  private readonly together = new Batcher<readonly number[], Claim>({
    maxBatch: EVENTS_AT_A_TIME,
    flush: (events) => this.claimAll(events),
  });

  constructor(private readonly deliveries: DeliveryWorkRepository) {}

  /** What of it was free. Empty for a repeated event. */
  claim(workIds: readonly number[]): Promise<Claim> {
    return this.together.add(workIds);
  }

  private async claimAll(events: readonly (readonly number[])[]): Promise<{ value: Claim }[]> {
    const token = randomUUID();
    const { work, due } = await this.deliveries.claim([...new Set(events.flat())], token);
    const eventOf = new Map<number, number>();
    // Of two events that name the same work the first has it, as if they had come one after the other.
    events.forEach((ids, event) => {
      for (const id of ids) if (!eventOf.has(id)) eventOf.set(id, event);
    });
    const claims = events.map((): Claim => ({ token, work: [], due: [] }));
    for (const row of work) claims[eventOf.get(row.id) ?? -1]?.work.push(row);
    for (const delivery of due) claims[eventOf.get(delivery.work_id) ?? -1]?.due.push(delivery);
    return claims.map((value) => ({ value }));
  }
}
