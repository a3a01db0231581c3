import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CLAIM_HOLDS_S, LEASE_S } from '#entities';
import { Lease } from './lease.js';

const renew = jest.fn<(token: string, workIds: readonly number[]) => Promise<number[]>>();
const open: Lease[] = [];
const leaseOf = (...workIds: number[]): Lease => {
  const lease = new Lease({ renew }, 'token', workIds, performance.now());
  open.push(lease);
  return lease;
};

describe('a lease', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    for (const lease of open.splice(0)) lease.end();
    jest.useRealTimers();
    renew.mockReset();
  });

  it('holds as long as it is renewed', async () => {
    renew.mockResolvedValue([1, 2]);
    const lease = leaseOf(1, 2);
    await jest.advanceTimersByTimeAsync(10 * LEASE_S * 1000);
    expect([lease.holds(1), lease.holds(2)]).toEqual([true, true]);
  });

  it('without an answer holds no longer than the claim or the last renewal did', async () => {
    renew.mockRejectedValue(new Error('the database is away'));
    const lease = leaseOf(1);
    await jest.advanceTimersByTimeAsync(CLAIM_HOLDS_S * 1000 - 1);
    expect(lease.holds(1)).toBe(true);
    await jest.advanceTimersByTimeAsync(1);
    expect(lease.holds(1)).toBe(false);
    renew.mockResolvedValue([1]);
    await jest.advanceTimersByTimeAsync(LEASE_S * 1000);
    expect(lease.holds(1)).toBe(true);
  });

  it('holds nothing in a process that stood still, until it has been renewed', async () => {
    renew.mockResolvedValue([1]);
    const lease = leaseOf(1);
    jest.setSystemTime(0); // no clock that is set says anything of it
    expect(lease.holds(1)).toBe(true);
    jest.advanceTimersByTime(LEASE_S * 1000); // the answers have not been read yet
    expect(lease.holds(1)).toBe(false);
    await jest.advanceTimersByTimeAsync(LEASE_S * 1000);
    expect(lease.holds(1)).toBe(true);
  });

  it('knows from a renewal which part of the work somebody else has', async () => {
    renew.mockResolvedValue([2]);
    const lease = leaseOf(1, 2);
    await jest.advanceTimersByTimeAsync(LEASE_S * 1000);
    expect([lease.holds(1), lease.holds(2)]).toEqual([false, true]);
  });
});
