import { randomInt } from 'node:crypto';

/**
 * The order in which accounts are asked: those with a weight share the work by it, so that the first is each as often as its
 * weight says; those of weight 0 stand by, in their own order, for when none of the others can be used.
 */
export function orderByWeight<T extends { weight: number }>(accounts: readonly T[]): T[] {
  const sharing = accounts.filter(({ weight }) => weight > 0);
  const ordered: T[] = [];
  while (sharing.length > 0) {
    let left = randomInt(sharing.reduce((sum, { weight }) => sum + weight, 0));
    const at = sharing.findIndex(({ weight }) => (left -= weight) < 0);
    ordered.push(...sharing.splice(at, 1));
  }
  return [...ordered, ...accounts.filter(({ weight }) => weight === 0)];
}
