import type { DevicePlatform, PushProvider } from '#contracts';
import type { ProviderFactory } from '#providers';
import type { ScriptedProvider } from './scripted-provider.js';

const PLATFORMS: Readonly<Partial<Record<PushProvider, readonly DevicePlatform[]>>> = {
  mqtt: ['android', 'harmony'],
  fcm: ['android', 'ios', 'harmony'],
  apns: ['ios'],
  webpush: ['web'],
};

/** The script of channel `push` under the names of vendors, each of which takes the tokens of some platforms. */
export const scriptedPushVendors = (script: ScriptedProvider): ProviderFactory[] =>
  Object.entries(PLATFORMS).map(([provider, platforms]) => ({
    provider,
    channels: ['push'],
    settings: script.settings,
    secretSettings: [],
    platforms,
    create: (account) => Object.defineProperty(script.create(account), 'name', { value: provider }),
  }));
