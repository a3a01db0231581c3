import { describe, expect, it } from '@jest/globals';
import { HandOverWindow } from './hand-over-window.js';

/** Workers that take up so many deliveries a second, in batches of 100, one after the other. */
class Workers {
  private readonly queue: { id: number; size: number }[] = [];
  private nextId = 1;
  nowMs = 0;

  constructor(
    readonly window: HandOverWindow,
    readonly perSecond: number,
    readonly pace: number | null = null,
  ) {}

  get queued(): number {
    return this.queue.reduce((sum, batch) => sum + batch.size, 0);
  }

  publish(size: number, appId = 'a'): void {
    this.window.published(this.nextId, new Map([[appId, size]]));
    this.queue.push({ id: this.nextId++, size });
  }

  /** Half a second in which there is always more to hand over. */
  pass(): void {
    for (let room = this.window.room(this.pace); room > 0; room -= 100) this.publish(Math.min(100, room));
    this.window.ranShort();
    this.nowMs += 500;
    for (let budget = this.perSecond / 2; budget > 0;) budget -= this.queue.shift()?.size ?? budget;
    const left = new Map(this.queue.map(({ id }) => [id, { isHeld: false }]));
    this.window.look(this.window.watched, left, this.nowMs);
  }
}

describe('the window of a channel', () => {
  it.each([500, 1000, 3333, 10_000])(
    'comes to hold about a second’s work of workers that take %d a second',
    (perSecond) => {
      const workers = new Workers(new HandOverWindow(), perSecond);
      let handedOver = 0;
      for (let pass = 0; pass < 40; pass++) {
        workers.pass();
        expect(Number.isInteger(workers.window.room(null))).toBe(true);
        if (pass >= 20) handedOver += workers.queued;
      }
      const queuedS = handedOver / 20 / perSecond;
      expect(queuedS).toBeGreaterThan(0);
      expect(queuedS).toBeLessThan(1.5);
    },
  );

  it('never lets fast workers run dry for long, and never grows without bound', () => {
    const window = new HandOverWindow();
    const workers = new Workers(window, 100_000);
    for (let pass = 0; pass < 20; pass++) workers.pass();
    expect(window.room(null)).toBe(12_800);
  });

  it('shrinks to one full batch, not to nothing, where workers stand still', () => {
    const workers = new Workers(new HandOverWindow(), 0);
    for (let pass = 0; pass < 40; pass++) workers.pass();
    const { window } = workers;
    window.look(window.watched, new Map(), workers.nowMs);
    expect(window.room(null)).toBeGreaterThanOrEqual(200);
    expect(window.room(null)).toBeLessThanOrEqual(400);
  });

  it('does not change while there is room for everything', () => {
    const window = new HandOverWindow();
    const before = window.room(null);
    for (let pass = 1; pass <= 20; pass++) {
      window.published(pass, new Map([['a', 5]]));
      window.look([pass], new Map(pass % 2 ? [[pass, { isHeld: false }]] : []), pass * 500);
      window.look([pass], new Map(), pass * 500 + 10);
    }
    expect(window.room(null)).toBe(before);
  });

  it('counts what workers hold only where the accounts have a pace', () => {
    const window = new HandOverWindow();
    window.published(1, new Map([['a', 200]]));
    window.look([1], new Map([[1, { isHeld: true }]]), 500);
    expect(window.room(null)).toBe(1000);
    expect(window.room(100)).toBe(100); // three seconds' worth, less what is held
    window.published(2, new Map([['a', 200]]));
    expect(window.room(100)).toBe(0);
  });

  it('cuts the batches of a slow channel small', () => {
    const window = new HandOverWindow();
    expect([null, 10_000, 100, 8, 1].map((pace) => window.batchSize(pace))).toEqual([200, 200, 13, 1, 1]);
  });

  it('has room for an app with next to nothing under way while others use up theirs', () => {
    const window = new HandOverWindow();
    window.published(1, new Map([['a', 1000]]));
    expect(window.room(null)).toBe(0);
    expect([window.roomOfNewcomer('a'), window.roomOfNewcomer('b')]).toEqual([0, 20]);
    window.published(2, new Map([['b', 20]]));
    expect(window.roomOfNewcomer('b')).toBe(0);
    expect(window.busyApps().sort()).toEqual(['a', 'b']);
    window.look([2], new Map(), 500);
    expect(window.busyApps()).toEqual(['a']);
  });

  it('has no room for newcomers either once there are so many of them', () => {
    const window = new HandOverWindow();
    for (let n = 0; n < 2000; n++) window.published(n, new Map([[`app ${n}`, 1]]));
    expect(window.roomOfNewcomer('another')).toBe(0);
  });

  it('leaves alone what was published while it was asking', () => {
    const window = new HandOverWindow();
    window.published(1, new Map([['a', 10]]));
    const asked = window.watched;
    window.published(2, new Map([['a', 10]]));
    window.look(asked, new Map(), 500);
    expect(window.watched).toEqual([2]);
  });
});
