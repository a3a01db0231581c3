import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OUTGOING_CHANNELS, accountKey, type Channel, type DevicePlatform, type PushProvider } from '#contracts';
import { CatalogRepository, CatalogWatch, SANDBOX_ACCOUNT, type ProviderAccountRow } from '#entities';
import { MqttConfig, SandboxConfig, SecretBox } from '#platform';
import { AccountSecrets, ProviderRegistry, type ChannelProvider, type ProviderAccount } from '#providers';
import { orderByWeight } from './account-order.policy.js';
import { MQTT_ACCOUNT, mqttAccountOf } from './mqtt-account.js';

/** By now nothing should be under way; a provider that does not let go holds up the end of this process no longer. */
const CLOSE_WITHIN_MS = 5_000;

/** What the administrator set for an account, beside how to reach its provider. */
export interface AccountTerms {
  /** `<channel>:<account id>`: the name under which its receipts, attempts and health are kept. */
  id: string;
  /** Deliveries a second; null = as many as it takes. */
  perSecond: number | null;
  /** Deliveries in an hour, and in a day as in China; null = as many as it takes. */
  quotaPerHour: number | null;
  quotaPerDay: number | null;
  /** Without a receipt after so many seconds the next account tries; null: never. */
  receiptWithinS: number | null;
  /** Its failures say something about it. Those of the sandbox are made to order. */
  isWatched: boolean;
  /** Of the settings that this process has; of the sandbox there are none. */
  version?: string;
}

/** An open account: the adapter, and on which terms it is used. */
export interface OpenAccount extends AccountTerms {
  provider: ChannelProvider;
}

/** An account that may serve a delivery, not opened yet. */
export interface Candidate extends AccountTerms {
  /** Throws `unknown_provider`, `bad_provider_settings` (permanent) and `registry_closed` (transient). */
  open(): OpenAccount;
}

/** What a device says of the providers that can reach it. */
export interface PushTarget {
  /** The one it listens to; null: any that takes tokens of its platform. */
  provider: PushProvider | null;
  platform: DevicePlatform;
}

/**
 * Which provider serves a channel. The sandbox serves those that have no account at all, where it is switched on; the MQTT broker
 * of the environment serves devices that name MQTT, and others where there is nobody else.
 */
@Injectable()
export class Accounts implements OnApplicationShutdown {
  private readonly secrets: AccountSecrets;
  private readonly mqtt: ProviderAccountRow | undefined;
  private readonly unsealed = new WeakMap<ProviderAccountRow, ProviderAccount>();
  private rows: Promise<ProviderAccountRow[]> | undefined;
  private off: Promise<ReadonlySet<Channel>> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    private readonly registry: ProviderRegistry,
    box: SecretBox,
    private readonly sandbox: SandboxConfig,
    mqtt: MqttConfig,
    watch: CatalogWatch,
  ) {
    this.secrets = new AccountSecrets(box);
    this.mqtt = mqttAccountOf(mqtt);
    watch.onChange('channel', () => {
      this.rows = undefined;
      this.off = undefined;
    });
  }

  /** The administrator switched the channel off: nothing is sent on it, whatever accounts it has. */
  async isOff(channel: Channel): Promise<boolean> {
    this.off ??= this.loadOff().catch((error: unknown) => {
      this.off = undefined;
      throw error;
    });
    return (await this.off).has(channel);
  }

  /**
   * Accounts that may serve the channel, in the order in which to ask them. Throws `account_sealed` where one cannot be read.
   * @param bound id of the one account that a delivery's address belongs to; null: any
   * @param target of a device; null: whatever takes the channel's addresses
   */
  async candidates(channel: Channel, bound: string | null, target: PushTarget | null = null): Promise<Candidate[]> {
    const rows = (await this.current()).filter((row) => row.channel === channel);
    const wanted = rows.filter(
      (row) => row.enabled && (bound === null || row.id === bound) && this.reaches(row, target),
    );
    if (wanted.length > 0) return orderByWeight(wanted).map((row) => this.candidateOf(row));
    const mqtt = bound === null && target !== null ? this.mqttAmong(rows, channel) : undefined;
    if (mqtt && target?.provider === mqtt.provider) return [this.candidateOf(mqtt)];
    if (this.sandbox.SANDBOX && (rows.length === 0 || (target !== null && isForSandbox(target))))
      return [this.sandboxOf(channel)];
    return mqtt && this.reaches(mqtt, target) ? [this.candidateOf(mqtt)] : [];
  }

  /**
   * @param accountId a certain account, even a disabled one; else the first in order
   * @param target as in `candidates`
   * @returns null: nobody serves the channel
   */
  async open(channel: Channel, accountId?: string, target: PushTarget | null = null): Promise<OpenAccount | null> {
    if (accountId === undefined) return (await this.candidates(channel, null, target))[0]?.open() ?? null;
    const rows = await this.current();
    const mqtt = accountId === MQTT_ACCOUNT ? this.mqttAmong(rows, channel) : undefined;
    const row = rows.find(({ channel: its, id }) => its === channel && id === accountId) ?? mqtt;
    return row ? this.candidateOf(row).open() : null;
  }

  /**
   * Opens the accounts of these channels whose providers speak unasked (SMPP), and closes what is enabled no longer. An account
   * that cannot be opened is told by `tell`; the others are.
   */
  async openListening(channels: readonly Channel[], tell: (account: string, error: unknown) => void): Promise<void> {
    const rows = await this.current();
    const mqtt = this.mqttAmong(rows, 'push');
    const enabled = [...rows.filter((row) => row.enabled), ...(mqtt ? [mqtt] : [])];
    for (const row of enabled) {
      if (!channels.includes(row.channel) || !this.registry.keepsConnection(row.channel, row.provider)) continue;
      try {
        this.candidateOf(row).open();
      } catch (error) {
        tell(accountKey(row.channel, row.id), error);
      }
    }
    const sandboxes = OUTGOING_CHANNELS.map((channel) => accountKey(channel, SANDBOX_ACCOUNT));
    this.registry.closeUnused(new Set([...enabled.map(({ channel, id }) => accountKey(channel, id)), ...sandboxes]));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.registry.closeAll(), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  /** The account of the environment, unless an administrator's stands in its place. */
  private mqttAmong(rows: readonly ProviderAccountRow[], channel: Channel): ProviderAccountRow | undefined {
    const isReplaced = rows.some((row) => row.channel === 'push' && row.id === MQTT_ACCOUNT);
    return channel === 'push' && !isReplaced ? this.mqtt : undefined;
  }

  private reaches({ channel, provider }: ProviderAccountRow, target: PushTarget | null): boolean {
    if (target === null) return true;
    if (target.provider !== null) return provider === target.provider;
    return this.registry.servesPlatform(channel, provider, target.platform);
  }

  private candidateOf(row: ProviderAccountRow): Candidate {
    const account = this.accountOf(row);
    const terms: AccountTerms = {
      id: account.id,
      perSecond: row.rate_per_second,
      quotaPerHour: row.quota_per_hour,
      quotaPerDay: row.quota_per_day,
      receiptWithinS: row.receipt_within_s,
      isWatched: row.provider !== 'sandbox',
      version: row.version,
    };
    return { ...terms, open: () => ({ ...terms, provider: this.registry.open(account) }) };
  }

  /** Unsealed once, as long as the row stands. */
  private accountOf(row: ProviderAccountRow): ProviderAccount {
    const known = this.unsealed.get(row) ?? this.secrets.accountOf(row);
    this.unsealed.set(row, known);
    return known;
  }

  private sandboxOf(channel: Channel): Candidate {
    const account = { id: accountKey(channel, SANDBOX_ACCOUNT), channel, provider: 'sandbox', settings: {} };
    const terms: AccountTerms = {
      id: SANDBOX_ACCOUNT,
      perSecond: null,
      quotaPerHour: null,
      quotaPerDay: null,
      receiptWithinS: null,
      isWatched: false,
    };
    return { ...terms, open: () => ({ ...terms, provider: this.registry.open(account) }) };
  }

  private async loadOff(): Promise<ReadonlySet<Channel>> {
    const channels = await this.catalog.channels();
    return new Set(channels.filter(({ enabled }) => !enabled).map(({ channel }) => channel));
  }

  private current(): Promise<ProviderAccountRow[]> {
    this.rows ??= this.catalog.accounts().catch((error: unknown) => {
      this.rows = undefined;
      throw error;
    });
    return this.rows;
  }
}

/** Devices of real vendors are never said to be reached by the sandbox beside real accounts. */
const isForSandbox = ({ provider }: PushTarget): boolean => provider === null || provider === 'sandbox';
