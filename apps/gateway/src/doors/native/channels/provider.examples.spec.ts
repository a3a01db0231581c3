import { describe, expect, it } from '@jest/globals';
import { GuardedHttp } from '#platform';
import { ProviderRegistry, knownProviders } from '#providers';
import { PROVIDER_EXAMPLES, PROVIDER_SETTINGS } from './provider.examples.js';

const never = (): Promise<never> => Promise.reject(new Error('nothing is sent here'));
const factories = knownProviders({
  http: new GuardedHttp({ allow: [] }),
  custody: { current: never, replace: never },
  sandbox: { store: never, scheduleReceipts: never },
  inbox: { take: never },
  replica: 'test',
});
const registry = new ProviderRegistry(factories);
/** Set up by /v1/public-accounts. */
const ELSEWHERE = ['wechat'];

describe('examples of providers in the documentation', () => {
  it.each(PROVIDER_EXAMPLES)('$channel/$provider would be taken', ({ channel, provider, settings }) => {
    expect(registry.settingsProblems(channel, provider, settings)).toEqual([]);
  });

  it('are there for every provider, with the settings of each', () => {
    const channelProviders = factories.filter(({ provider }) => !ELSEWHERE.includes(provider));
    expect(PROVIDER_EXAMPLES.map(({ provider }) => provider).sort()).toEqual(
      channelProviders.map(({ provider }) => provider).sort(),
    );
    expect(new Set(PROVIDER_SETTINGS)).toEqual(new Set(channelProviders.map(({ settings }) => settings)));
  });
});
