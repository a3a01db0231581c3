import { describe, expect, it } from '@jest/globals';
import type { RenderedContent } from '#providers';
import { keptByProvider } from './kept-by-provider.js';

const expiresAt = new Date('2026-01-01T00:00:00Z');
const replacesOf = (appId: string, content: RenderedContent): string | undefined =>
  keptByProvider({ expires_at: null }, { client_app_id: appId }, content).replaces;
const config = (tag?: string): RenderedContent => ({
  payload: { display: 'config', body: 'a=1', ...(tag !== undefined && { tag }) },
});

describe('what a provider keeps', () => {
  it('is of no use after the delivery has expired', () => {
    expect(keptByProvider({ expires_at: expiresAt }, { client_app_id: 'a' }, { text: 'x' })).toEqual({ expiresAt });
    expect(keptByProvider({ expires_at: null }, { client_app_id: 'a' }, { text: 'x' })).toEqual({});
  });

  it('is replaced by a newer configuration of the same app and tag, and by nothing else', () => {
    const name = replacesOf('a', config('net'));
    expect(name).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(replacesOf('a', config('net'))).toBe(name);
    expect(new Set([name, replacesOf('b', config('net')), replacesOf('a', config('other'))]).size).toBe(3);
    expect(replacesOf('a', config())).toBeUndefined();
    expect(replacesOf('a', { payload: { display: 'notification', title: 'T', tag: 'net' } })).toBeUndefined();
  });
});
