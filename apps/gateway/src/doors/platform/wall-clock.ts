import { Injectable } from '@nestjs/common';
import { PlatformDoorConfig } from '#platform';

const WRITTEN = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const DAY_MS = 86_400_000;
/** Calendars are written otherwise before our era and with five digits of a year; no zone puts its clock there. */
const FIRST_MS = Date.UTC(1000, 0);
const LAST_MS = Date.UTC(9000, 0);

/** Times of this door carry no zone: they are meant and shown on the clock of `TZ_PLATFORM`. */
@Injectable()
export class WallClock {
  /** Swedish writes a time as this door does: 2026-01-05 08:00:00. */
  private readonly format: Intl.DateTimeFormat;

  constructor({ TZ_PLATFORM }: PlatformDoorConfig) {
    this.format = new Intl.DateTimeFormat('sv-SE', { timeZone: TZ_PLATFORM, dateStyle: 'short', timeStyle: 'medium' });
  }

  /** `yyyy-MM-dd HH:mm:ss` */
  seconds(time: Date): string {
    return this.format.format(time);
  }

  /** `yyyy-MM-dd HH:mm` */
  minutes(time: Date): string {
    return this.seconds(time).slice(0, 16);
  }

  /**
   * `yyyy-MM-dd HH:mm:ss` → epoch ms; null when it is no such time. Of an hour that comes twice the first is meant; in
   * an hour that is left out the clock that was not yet put forward counts.
   */
  parse(written: string): number | null {
    if (!WRITTEN.test(written)) return null;
    const asUtc = Date.parse(`${written.replace(' ', 'T')}Z`);
    // The 30th of February is read as the 2nd of March.
    if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 19).replace('T', ' ') !== written) return null;
    const before = asUtc - this.aheadMs(asUtc - DAY_MS);
    const after = asUtc - this.aheadMs(asUtc + DAY_MS);
    const real = [before, after].filter((time) => this.seconds(new Date(time)) === written);
    return real.length > 0 ? Math.min(...real) : before;
  }

  /** How much the zone's clock is ahead of UTC at the time. */
  private aheadMs(time: number): number {
    const second = Math.floor(Math.min(Math.max(time, FIRST_MS), LAST_MS) / 1000) * 1000;
    return Date.parse(`${this.seconds(new Date(second)).replace(' ', 'T')}Z`) - second;
  }
}
