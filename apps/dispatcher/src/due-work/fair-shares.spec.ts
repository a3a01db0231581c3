import { describe, expect, it } from '@jest/globals';
import { FairShares, type Served } from './fair-shares.js';

const served = (app_id: string, size = 1, weight = 1): Served => ({ app_id, size, weight });

describe('fair shares', () => {
  it('puts behind who has had more, by weight', () => {
    const shares = new FairShares();
    shares.served([served('a', 30, 3), served('b', 20, 1)]);
    expect(shares.ahead()).toEqual(
      new Map([
        ['a', 10],
        ['b', 20],
      ]),
    );
  });

  it('lets an app that had nothing to send start where the others are: it has saved nothing up', () => {
    const shares = new FairShares();
    for (let pass = 0; pass < 10; pass++) shares.served([served('a', 100)]);
    expect(shares.ahead()).toEqual(new Map([['a', 100]])); // of a new app: 0
  });

  it('keeps an app whose pieces are large from being passed over for ever by one whose pieces are small', () => {
    const shares = new FairShares();
    const had = new Map([
      ['large', 0],
      ['small', 0],
    ]);
    for (let pass = 0; pass < 40; pass++) {
      const ahead = shares.ahead();
      const isLargeNext = (ahead.get('large') ?? 0) < (ahead.get('small') ?? 0);
      const next = isLargeNext ? served('large', 200) : served('small', 100);
      shares.served([next]);
      had.set(next.app_id, (had.get(next.app_id) ?? 0) + next.size);
    }
    expect(Math.abs((had.get('large') ?? 0) - (had.get('small') ?? 0))).toBeLessThanOrEqual(300);
  });

  it('remembers only those that are ahead', () => {
    const shares = new FairShares();
    for (let n = 0; n < 1000; n++) shares.served([served(`app ${n}`)]);
    shares.served([served('app 0', 5)]);
    shares.served([served('app 0', 5)]);
    expect(shares.ahead().size).toBeLessThanOrEqual(1);
  });
});
