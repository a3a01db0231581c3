import { describe, expect, it } from '@jest/globals';
import { orderByWeight } from './account-order.policy.js';

const account = (id: string, weight: number): { id: string; weight: number } => ({ id, weight });
const idsOf = (accounts: readonly { id: string }[]): string => accounts.map(({ id }) => id).join('');

describe('the order of accounts', () => {
  it('ends with those that stand by, in the order of the list', () => {
    const accounts = [account('x', 0), account('a', 1), account('y', 0), account('b', 5)];
    for (let i = 0; i < 50; i++) expect(idsOf(orderByWeight(accounts))).toMatch(/^(ab|ba)xy$/);
  });

  it('puts each first as often as its weight says', () => {
    const accounts = [account('a', 3), account('b', 1)];
    let first = 0;
    for (let i = 0; i < 10_000; i++) if (orderByWeight(accounts)[0]?.id === 'a') first++;
    expect(first).toBeGreaterThan(7_200); // 7,500 ± 43: further off once in 10^11 runs
    expect(first).toBeLessThan(7_800);
  });

  it('names each account once, and none of none', () => {
    expect(orderByWeight([])).toEqual([]);
    const accounts = Array.from({ length: 20 }, (_, i) => account(String(i), i));
    expect(new Set(orderByWeight(accounts)).size).toBe(20);
    expect(orderByWeight(accounts)).toHaveLength(20);
  });
});
