import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { firstIdAt, isMessageId, newMessageId, timeOfMessageId } from '../messages/message-id.js';
import { decodeDeliveryRef, encodeDeliveryRef } from './delivery-ref.js';

const NOW = Date.parse('2026-06-01T12:00:00.123Z');

describe('a message id', () => {
  it('is a UUIDv7 of its time', () => {
    const id = newMessageId(NOW);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOfMessageId(id)).toBe(NOW);
    expect(isMessageId(id)).toBe(true);
  });

  it('differs from every other of the same moment, and sorts by time', () => {
    const ids = Array.from({ length: 5000 }, () => newMessageId(NOW));
    expect(new Set(ids).size).toBe(5000);
    for (const id of ids) {
      expect(id >= firstIdAt(NOW)).toBe(true);
      expect(id < firstIdAt(NOW + 1)).toBe(true);
    }
  });
});

describe('a per-delivery reference', () => {
  it.each([0, 1, 16, 2_147_483_647])('leads back to its delivery (seq %i)', (seq) => {
    const secret = randomUUID();
    const ref = encodeDeliveryRef(newMessageId(NOW), seq, secret);
    expect(ref).toMatch(/^[A-Za-z0-9_-]{35}$/);
    expect(decodeDeliveryRef(ref)).toEqual({ timeMs: NOW, seq, secret });
  });

  it('does not hold the message’s id', () => {
    const id = newMessageId(NOW);
    const bytes = Buffer.from(encodeDeliveryRef(id, 0, randomUUID()), 'base64url').toString('hex');
    expect(bytes).not.toContain(id.replaceAll('-', '').slice(13));
  });

  it.each(['', '10086', 'A'.repeat(34), 'A'.repeat(36), `${'A'.repeat(34)}=`, `${'A'.repeat(34)}B`, newMessageId(NOW)])(
    'is nothing else: %j',
    (text) => {
      expect(decodeDeliveryRef(text)).toBeNull();
    },
  );

  it('is nothing that names a place where no delivery can be', () => {
    const bytes = Buffer.from(encodeDeliveryRef(newMessageId(NOW), 0, randomUUID()), 'base64url');
    const changed = (at: number, hex: string) => {
      const copy = Buffer.from(bytes);
      copy.write(hex, at, 'hex');
      return decodeDeliveryRef(copy.toString('base64url'));
    };
    expect(changed(6, '80000000')).toBeNull();
    expect(changed(0, 'ffffffffffff')).toBeNull();
    expect(changed(0, 'fffffffffffe')).not.toBeNull();
  });
});
