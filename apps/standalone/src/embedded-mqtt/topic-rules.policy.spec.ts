import { describe, expect, it } from '@jest/globals';
import { deviceOf, isHeard, mayPublish, maySubscribe, type Peer } from './topic-rules.policy.js';

const device: Peer = { kind: 'device', token: 'tok-1' };
const center: Peer = { kind: 'center' };

describe('topics of the embedded broker', () => {
  it.each([
    ['device/tok-1/ack', true],
    ['device/tok-1/hello', true],
    ['device/tok-1/msg', false],
    ['device/tok-2/ack', false],
    ['device/tok-1/ack/x', false],
    ['$SYS/x', false],
    ['', false],
  ])('a device may speak at %s: %s', (topic, isAllowed) => {
    expect(mayPublish(device, topic)).toBe(isAllowed);
  });

  it('a device is not heard at length, the center is', () => {
    expect([isHeard(device, 4_096), isHeard(device, 4_097), isHeard(center, 100_000)]).toEqual([true, false, true]);
  });

  it.each([
    ['device/tok-1/msg', 1, true],
    ['device/tok-1/msg', 2, true],
    ['device/tok-1/msg', 0, false],
    ['device/tok-2/msg', 1, false],
    ['device/+/msg', 1, false],
    ['device/#', 1, false],
    ['#', 1, false],
    ['$SYS/#', 1, false],
    ['device/tok-1/ack', 1, false],
  ])('a device may hear %s at QoS %d: %s', (filter, qos, isAllowed) => {
    expect(maySubscribe(device, filter, qos)).toBe(isAllowed);
  });

  it('the center writes to devices and hears their words, and nothing else', () => {
    expect(mayPublish(center, 'device/tok-1/msg')).toBe(true);
    for (const topic of ['device/a b/msg', 'device/tok-1/ack', 'other']) expect(mayPublish(center, topic)).toBe(false);
    expect(maySubscribe(center, 'device/+/ack', 1)).toBe(true);
    expect(maySubscribe(center, 'device/+/hello', 1)).toBe(true);
    expect(maySubscribe(center, 'device/+/msg', 1)).toBe(false);
  });

  it('tells the device of a topic of messages', () => {
    expect(deviceOf('device/tok-1/msg')).toBe('tok-1');
    expect(deviceOf('device/tok/1/msg')).toBeNull();
    expect(deviceOf('device/é/msg')).toBeNull();
  });
});
