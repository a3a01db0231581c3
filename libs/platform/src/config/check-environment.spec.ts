import { describe, expect, it } from '@jest/globals';
import { checkDistributedEnvironment, checkEnvironment } from './check-environment.js';
import { ConfigError } from './config-error.js';

const NEEDED = { DATABASE_URL: 'postgres://db/mc', MASTER_KEY: 'ab'.repeat(32) };

const check = (env: Record<string, string>) => (): void => checkEnvironment({ ...NEEDED, ...env });

/** Names of the settings that are complained about. */
function refused(run: () => void): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ name }) => name);
    throw error;
  }
  return [];
}

describe('a start', () => {
  it('names every wrong setting of every topic at once, and what is wrong between two of them', () => {
    const wrong = { PORT: 'abc', CHANNELS: 'portal', LOG_LEVEL: 'loud', HOST: '0.0.0.0', IM_AUTH: 'none' };
    expect(refused(() => checkEnvironment({ ...NEEDED, ...wrong }))).toEqual(['PORT', 'CHANNELS', 'LOG_LEVEL']);
    const { PORT: _, ...others } = wrong;
    expect(refused(() => checkEnvironment({ ...NEEDED, ...others }))).toEqual(['CHANNELS', 'LOG_LEVEL', 'IM_AUTH']);
  });
});

describe('an app that is a process of its own', () => {
  it('is refused without a broker, which the whole center in one process needs not', () => {
    expect(refused(() => checkDistributedEnvironment(NEEDED))).toEqual(['RABBITMQ_URL']);
    expect(refused(() => checkEnvironment(NEEDED))).toEqual([]);
  });

  it('hears of the broker together with everything else, and of one that is wrong once', () => {
    expect(refused(() => checkDistributedEnvironment({ PORT: 'x' }))).toEqual([
      'PORT',
      'DATABASE_URL',
      'MASTER_KEY',
      'RABBITMQ_URL',
    ]);
    expect(refused(() => checkDistributedEnvironment({ ...NEEDED, RABBITMQ_URL: 'http://b' }))).toEqual([
      'RABBITMQ_URL',
    ]);
    expect(refused(() => checkDistributedEnvironment({ ...NEEDED, RABBITMQ_URL: 'amqp://b' }))).toEqual([]);
  });
});

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

describe('OIDC_ISSUER', () => {
  const issuer = { OIDC_ISSUER: 'https://sso.example.com' };

  it('stops the start without PUBLIC_URL, to which people are sent back', () => {
    expect(refused(check(issuer))).toEqual(['PUBLIC_URL']);
    expect(refused(check({ ...issuer, PUBLIC_URL: 'https://message.example.com' }))).toEqual([]);
    expect(refused(check({ ...issuer, IM_AUTH: 'none', HOST: '0.0.0.0' }))).toEqual(['IM_AUTH', 'PUBLIC_URL']);
  });

  it.each(['http://127.0.0.1:9000', 'http://localhost:9000/realms/staff'])(
    'needs none at %s: that browser reaches our listening address, too',
    (OIDC_ISSUER) => {
      expect(refused(check({ OIDC_ISSUER }))).toEqual([]);
    },
  );
});
