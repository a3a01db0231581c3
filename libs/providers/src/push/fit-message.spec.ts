import { describe, expect, it } from '@jest/globals';
import type { PushMessage } from './push-message.js';
import { fitMessage } from './fit-message.js';

const write = (message: PushMessage): string => JSON.stringify({ ref: 'r', ...message });
const fitted = (message: PushMessage, maxBytes: number): Record<string, unknown> | string => {
  const result = fitMessage(message, maxBytes, write);
  return 'outcome' in result ? (result.outcome.code ?? '') : (JSON.parse(result.body) as Record<string, unknown>);
};

describe('a message within the limit of a vendor', () => {
  it('goes out as it is', () => {
    const message: PushMessage = { kind: 'notification', title: 'T', body: 'text', custom: { a: 1 } };
    expect(fitted(message, Buffer.byteLength(write(message)))).toEqual({ ref: 'r', ...message });
  });

  it.each(['很长的话', '"\\\n', '😀', 'plain '])('loses no more of a text of %j than it has to', (words) => {
    const message: PushMessage = { kind: 'notification', title: 'T', body: words.repeat(500), custom: 'kept' };
    for (const maxBytes of [80, 200, 201, 202, 203, 999]) {
      const cut = fitted(message, maxBytes) as { body: string; custom: string };
      const bytes = Buffer.byteLength(JSON.stringify(cut));
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      // Not one whole character more, however much it takes as JSON.
      expect(bytes).toBeGreaterThan(maxBytes - 12);
      expect([cut.custom, cut.body.endsWith('…')]).toEqual(['kept', true]);
      expect(message.body?.startsWith(cut.body.slice(0, -1))).toBe(true);
    }
  });

  it.each<[string, PushMessage, number, string]>([
    ['data', { kind: 'notification', body: 'x', custom: 'y'.repeat(100) }, 90, 'too_long'],
    ['a title', { kind: 'notification', title: 'y'.repeat(100) }, 90, 'too_long'],
    ['a config', { kind: 'config', body: 'y'.repeat(100) }, 90, 'too_long'],
    ['nothing', { kind: 'notification' }, 90, 'no_content'],
  ])('does not go out where %s cannot', (_title, message, maxBytes, code) =>
    expect(fitted(message, maxBytes)).toBe(code),
  );
});
