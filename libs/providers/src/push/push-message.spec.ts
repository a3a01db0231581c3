import { describe, expect, it } from '@jest/globals';
import { pushMessageOf } from './push-message.js';

describe('what a device is told', () => {
  it('is a notification of title and text where nothing else is said', () => {
    expect(pushMessageOf({ title: 'T', text: 'x', url: 'https://h.test/' })).toEqual({
      kind: 'notification',
      title: 'T',
      body: 'x',
      url: 'https://h.test/',
    });
    expect(pushMessageOf({ text: 'x' })).toEqual({ kind: 'notification', body: 'x' });
  });

  it('is the payload where there is one; its description and tag stay here', () => {
    const payload = { display: 'message', custom: { a: 1 }, tag: 't', description: 'd' } as const;
    expect(pushMessageOf({ title: 'T', text: 'x', payload })).toEqual({ kind: 'message', custom: { a: 1 } });
    expect(pushMessageOf({ payload: { display: 'config', body: 'cache=2' } })).toEqual({
      kind: 'config',
      body: 'cache=2',
    });
  });
});
