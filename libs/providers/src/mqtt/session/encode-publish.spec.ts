import { describe, expect, it } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import { encodePublish } from './encode-publish.js';

describe('a message on the connection', () => {
  it.each([4, 5] as const)('is what the codec of the npm client makes of it, version %d', (version) => {
    for (const length of [0, 1, 90, 120, 130, 16_300, 16_400, 2_100_000]) {
      for (const expiresInS of [undefined, 1, 86_400]) {
        const publication = {
          topic: 'device/终端-1/msg',
          payload: '推'.repeat(length % 7) + 'x'.repeat(length),
          ...(expiresInS !== undefined && { expiresInS }),
        };
        const expected = mqttPacket.generate(
          {
            cmd: 'publish',
            qos: 1,
            dup: false,
            retain: false,
            messageId: 65_535,
            topic: publication.topic,
            payload: publication.payload,
            ...(expiresInS !== undefined && version === 5 && { properties: { messageExpiryInterval: expiresInS } }),
          },
          { protocolVersion: version },
        );
        expect(encodePublish(65_535, publication, version).equals(expected)).toBe(true);
      }
    }
  });
});
