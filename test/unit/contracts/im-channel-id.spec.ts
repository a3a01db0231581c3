import { describe, expect, it } from '@jest/globals';
import { personChannel } from '#contracts';

describe('the channel between two people', () => {
  it.each([
    ['u1', 'u2', 'u2@u1'],
    ['test1', 'test2', 'test1@test2'],
    ['alice', 'bob', 'bob@alice'],
    ['10000', '10001', '10000@10001'],
    ['u2', 'u2', 'u2@u2'],
    ['张三', '李四', '张三@李四'],
  ])('of %s and %s is %s, whoever asks', (one, other, channelId) => {
    expect(personChannel(one, other).channelId).toBe(channelId);
    expect(personChannel(other, one).channelId).toBe(channelId);
  });

  it('names its sides', () => {
    expect(personChannel('u1', 'u2')).toEqual({ channelId: 'u2@u1', leftUid: 'u2', rightUid: 'u1' });
  });

  it('is the receiver’s own where nobody in particular sends', () => {
    expect(personChannel('', 'u2')).toEqual({ channelId: 'u2', leftUid: 'u2', rightUid: '' });
  });

  it('is another in each direction where both have the same CRC-32', () => {
    // A known pair: 0x4ddb0c25 both.
    expect(personChannel('plumless', 'buckeroo').channelId).toBe('buckeroo@plumless');
    expect(personChannel('buckeroo', 'plumless').channelId).toBe('plumless@buckeroo');
  });
});
