import { describe, expect, it } from '@jest/globals';
import { HttpConfig, ImConfig } from '#platform';
import { ImGuard } from './im.guard.js';

const guardOf = (im: Partial<ImConfig>, http: Partial<HttpConfig>): ImGuard => {
  const untouched = {} as never;
  return new ImGuard(
    Object.assign(new ImConfig(), im),
    Object.assign(new HttpConfig(), http),
    untouched,
    untouched,
    untouched,
  );
};

describe('IM_AUTH=none', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'center.example.com'])(
    'stops the start while HOST is %s, and says why',
    (HOST) => {
      expect(() => guardOf({ IM_AUTH: 'none' }, { HOST })).toThrow(`IM_AUTH: is none while HOST is ${HOST}`);
      expect(() => guardOf({ IM_AUTH: 'token' }, { HOST })).not.toThrow();
    },
  );

  it.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('is allowed on %s', (HOST) => {
    expect(() => guardOf({ IM_AUTH: 'none' }, { HOST })).not.toThrow();
  });
});
