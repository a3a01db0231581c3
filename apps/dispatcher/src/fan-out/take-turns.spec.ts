import { describe, expect, it } from '@jest/globals';
import { TakeTurns } from './take-turns.js';

describe('large fan-outs', () => {
  it('take turns by app, whatever the number of messages of one', () => {
    const turns = new TakeTurns();
    for (const id of ['a1', 'a2', 'a3']) turns.add('a', id);
    turns.add('b', 'b1');
    const order: string[] = [];
    for (let turn = turns.next(); turn && order.length < 6; turn = turns.next()) {
      order.push(turn.messageId);
      turns.done(turn, true);
    }
    expect(order).toEqual(['a1', 'b1', 'a2', 'b1', 'a3', 'b1']);
  });

  it('are in line once, also while one of their chunks is in hand', () => {
    const turns = new TakeTurns();
    turns.add('a', 'a1');
    const turn = turns.next();
    turns.add('a', 'a1');
    expect(turns.next()).toBeUndefined();
    if (turn) turns.done(turn, false);
    expect(turns.size).toBe(0);
    turns.add('a', 'a1');
    expect(turns.next()).toEqual({ appId: 'a', messageId: 'a1' });
  });
});
