import { describe, expect, it } from '@jest/globals';
import { checkEnvironment } from './check-environment.js';

const check = (env: Record<string, string>) => (): void =>
  checkEnvironment({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: 'ab'.repeat(32), ...env });

describe('IM_AUTH=none', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'center.example.com'])(
    'stops the start while HOST is %s, and says why',
    (HOST) => {
      expect(check({ IM_AUTH: 'none', HOST })).toThrow(`IM_AUTH: is none while HOST is ${HOST}`);
      expect(check({ IM_AUTH: 'token', HOST })).not.toThrow();
    },
  );

  it.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('is allowed on %s', (HOST) => {
    expect(check({ IM_AUTH: 'none', HOST })).not.toThrow();
  });
});
