import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { DeliveryWorkRepository, type ClaimedWork, type DueDelivery, type WantedWork } from '#entities';
import { Batcher } from '#messaging';

/** Events of one statement. */
const EVENTS_AT_A_TIME = 16;

export interface Claim {
  token: string;
  work: ClaimedWork[];
  /** The deliveries of the work that are still to be sent. */
  due: DueDelivery[];
}

interface Event {
  channel: Channel;
  workIds: readonly number[];
}

/** Takes hold of work. Events that arrive while a statement is under way are claimed together by the next one. */
@Injectable()
export class ClaimWork {
  private readonly together = new Batcher<Event, Claim>({
    maxBatch: EVENTS_AT_A_TIME,
    flush: (events) => this.claimAll(events),
  });

  constructor(private readonly deliveries: DeliveryWorkRepository) {}

  /** What of it was free. Empty for a repeated event. */
  claim(channel: Channel, workIds: readonly number[]): Promise<Claim> {
    return this.together.add({ channel, workIds });
  }

  private async claimAll(events: readonly Event[]): Promise<{ value: Claim }[]> {
    const token = randomUUID();
    const claims = events.map((): Claim => ({ token, work: [], due: [] }));
    const wanted: WantedWork[] = [];
    const ofChannel = new Map<Channel, Map<number, Claim>>();
    // Of two events that name the same work the first has it, as if they had come one after the other.
    events.forEach(({ channel, workIds }, event) => {
      const claimOf = ofChannel.get(channel) ?? new Map<number, Claim>();
      ofChannel.set(channel, claimOf);
      for (const id of workIds) {
        const claim = claims[event];
        if (!claim || claimOf.has(id)) continue;
        claimOf.set(id, claim);
        wanted.push({ id, channel });
      }
    });
    const { work, due } = await this.deliveries.claim(wanted, token);
    const claimOf = new Map(work.map(({ id, channel }) => [id, ofChannel.get(channel)?.get(id)]));
    for (const row of work) claimOf.get(row.id)?.work.push(row);
    for (const row of due) claimOf.get(row.work_id)?.due.push(row);
    return claims.map((value) => ({ value }));
  }
}
