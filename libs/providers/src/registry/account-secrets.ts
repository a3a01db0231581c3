import { AppError, accountKey, type Channel } from '#contracts';
import type { SecretBox } from '#platform';
import type { ProviderAccount } from '../port/channel-provider.port.js';

/** An account as it is stored. */
export interface StoredAccount {
  channel: Channel;
  id: string;
  provider: string;
  settings: Record<string, unknown>;
  /** Sealed JSON of the write-only settings. */
  secrets: Buffer | null;
}

/** Seals the write-only settings of an account and opens them again: the one place that knows how they are stored. */
export class AccountSecrets {
  constructor(private readonly box: SecretBox) {}

  /** Null where there are none. */
  seal(channel: Channel, id: string, secrets: Record<string, unknown>): Buffer | null {
    return Object.keys(secrets).length === 0 ? null : this.box.seal(JSON.stringify(secrets), placeOf(channel, id));
  }

  /** @throws AppError `account_sealed` (transient): they were sealed with a master key that this process does not have */
  open({ channel, id, secrets }: StoredAccount): Record<string, unknown> {
    if (!secrets) return {};
    try {
      return JSON.parse(this.box.open(secrets, placeOf(channel, id))) as Record<string, unknown>;
    } catch (cause) {
      throw new AppError(
        'account_sealed',
        'transient',
        'The secrets of a provider account cannot be opened: check MASTER_KEY.',
        { channel, account: id },
        { cause },
      );
    }
  }

  /** As `ProviderRegistry` takes it: secrets in clear. @throws as `open` */
  accountOf(stored: StoredAccount): ProviderAccount {
    const { channel, id, provider, settings } = stored;
    return { id: accountKey(channel, id), channel, provider, settings: { ...settings, ...this.open(stored) } };
  }
}

/** Additional data of the sealed settings. */
const placeOf = (channel: Channel, id: string): string => `provider_account.secrets:${accountKey(channel, id)}`;
