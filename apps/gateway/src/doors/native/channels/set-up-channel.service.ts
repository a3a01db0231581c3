import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { AppError, accountKey, type Channel } from '#contracts';
import {
  AccountHealthRepository,
  CatalogRepository,
  ChannelAdminRepository,
  WaitingWorkRepository,
  type NewProviderAccount,
  type ProviderAccountRow,
} from '#entities';
import { MqttConfig, SandboxConfig, SecretBox } from '#platform';
import { AccountSecrets, ProviderRegistry } from '#providers';
import { needsNoAccount } from '../../../catalog/needs-no-account.js';
import { auditBy, type Caller } from '../auth/caller.js';
import { InvalidRequestError, invalidField, type FieldProblem } from '../http/native-errors.js';
import type { ProviderAccountDto, PutChannelDto } from './channel.dto.js';
import { channelView, type ChannelView } from './channel.view.js';

/** Id of the account that the short form sets up. */
const SHORT_FORM_ID = 'default';

/** Shows and replaces the set-up of a channel. Write-only settings are sealed as one JSON an account. */
@Injectable()
export class SetUpChannelService {
  private readonly secrets: AccountSecrets;

  constructor(
    private readonly catalog: CatalogRepository,
    private readonly channels: ChannelAdminRepository,
    private readonly health: AccountHealthRepository,
    private readonly waiting: WaitingWorkRepository,
    private readonly registry: ProviderRegistry,
    private readonly sandbox: SandboxConfig,
    private readonly mqtt: MqttConfig,
    box: SecretBox,
  ) {
    this.secrets = new AccountSecrets(box);
  }

  async show(wanted: readonly Channel[]): Promise<ChannelView[]> {
    const [configs, accounts, health] = await Promise.all([
      this.catalog.channels(),
      this.catalog.accounts(),
      this.health.list(),
    ]);
    return wanted.map((channel) => {
      const own = accounts
        .filter((account) => account.channel === channel)
        .map((account) => ({
          ...account,
          secretsSet: Object.keys(this.unseal(account)),
          health: health.find((row) => row.account === accountKey(channel, account.id)),
        }));
      const config = configs.find((candidate) => candidate.channel === channel);
      return channelView(channel, config, own, this.statusWithout(channel));
    });
  }

  private statusWithout(channel: Channel): 'on' | 'sandbox' | 'not configured' {
    if (channel === 'portal') return 'on';
    if (this.sandbox.SANDBOX) return 'sandbox';
    return needsNoAccount(channel, this.mqtt) ? 'on' : 'not configured';
  }

  /** @throws InvalidRequestError naming every setting that is wrong */
  async put(channel: Channel, dto: PutChannelDto, caller: Caller): Promise<void> {
    const wanted = accountsOf(dto);
    if (channel === 'portal' && wanted && wanted.length > 0) {
      throw invalidField('providers', 'the portal is served by the center itself');
    }
    const stored = (await this.catalog.accounts()).filter((account) => account.channel === channel);
    const problems: FieldProblem[] = [];
    const accounts = wanted?.map(({ path, account }) => this.judge(channel, path, account, stored, problems)) ?? null;
    if (problems.length > 0) throw new InvalidRequestError(problems);
    const unchanged = accounts?.filter((account) => this.isAsStored(account, stored)).map(({ id }) => id) ?? [];
    await this.channels.put(
      {
        channel,
        enabled: dto.enabled,
        priority: dto.priority ?? null,
        smart: dto.smart ? { successWhen: dto.smart.successWhen, withinS: dto.smart.within } : null,
        accounts,
        unchanged,
      },
      {
        ...auditBy(caller),
        action: 'channel.put',
        target: channel,
        details: {
          enabled: dto.enabled,
          ...(accounts && { providers: accounts.map(({ id, provider }) => ({ id, provider })) }),
        },
      },
    );
    await this.waiting.wake(channel);
  }

  /** What is sealed differs each time, so what was sealed is compared. */
  private isAsStored(account: NewProviderAccount, stored: readonly ProviderAccountRow[]): boolean {
    const row = stored.find(({ id }) => id === account.id);
    if (!row) return false;
    const sealed = { ...row, secrets: account.secrets };
    const now = [account.provider, account.enabled, account.weight, account.ratePerSecond];
    const before = [row.provider, row.enabled, row.weight, row.rate_per_second];
    const limitsNow = [account.quotaPerHour, account.quotaPerDay, account.receiptWithinS];
    const limitsBefore = [row.quota_per_hour, row.quota_per_day, row.receipt_within_s];
    return (
      isDeepStrictEqual([now, limitsNow], [before, limitsBefore]) &&
      isDeepStrictEqual(account.settings, row.settings) &&
      isDeepStrictEqual(this.unseal(sealed), this.unseal(row))
    );
  }

  private judge(
    channel: Channel,
    path: string,
    account: ProviderAccountDto,
    stored: readonly ProviderAccountRow[],
    problems: FieldProblem[],
  ): NewProviderAccount {
    const { id, provider } = account;
    const before = stored.find((row) => row.id === id && row.provider === provider);
    const given = { ...(before ? this.unseal(before) : {}), ...account.settings };
    const all = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const found = this.registry.settingsProblems(channel, provider, all);
    for (const { field, detail } of found) {
      problems.push({ field: path + (field === 'provider' ? field : `settings.${field}`), detail });
    }
    if (found.length === 0 && account.receiptWithin) {
      const why = this.registry.whyNoReceipts(channel, provider, all);
      // Every message would go out by another account as well.
      if (why !== null)
        problems.push({ field: `${path}receiptWithin`, detail: `${provider} ${why}: leave receiptWithin out` });
    }
    const secretNames = found.length > 0 ? [] : this.registry.secretSettings(channel, provider);
    const isSecret = ([name]: [string, unknown]): boolean => secretNames.includes(name);
    const secrets = Object.fromEntries(Object.entries(all).filter(isSecret));
    return {
      id,
      provider,
      settings: Object.fromEntries(Object.entries(all).filter((entry) => !isSecret(entry))),
      secrets: this.secrets.seal(channel, id, secrets),
      weight: account.weight ?? 1,
      enabled: account.enabled ?? true,
      ratePerSecond: account.rateLimit?.perSecond ?? null,
      quotaPerHour: account.quota?.perHour ?? null,
      quotaPerDay: account.quota?.perDay ?? null,
      receiptWithinS: account.receiptWithin ?? null,
    };
  }

  /** Sealed with a key that is lost, they count as not set: so the administrator sees it and can set them again. */
  private unseal(row: ProviderAccountRow): Record<string, unknown> {
    try {
      return this.secrets.open(row);
    } catch (error) {
      if (error instanceof AppError && error.code === 'account_sealed') return {};
      throw error;
    }
  }
}

/** Null: the accounts stay as they are. */
function accountsOf(dto: PutChannelDto): { path: string; account: ProviderAccountDto }[] | null {
  const { provider, settings, providers } = dto;
  if (provider !== undefined && providers) throw invalidField('provider', 'give either provider or providers');
  if (provider === undefined && settings) throw invalidField('settings', 'settings need a provider');
  if (provider !== undefined)
    return [{ path: '', account: { id: SHORT_FORM_ID, provider, ...(settings && { settings }) } }];
  return providers?.map((account, i) => ({ path: `providers[${i}].`, account })) ?? null;
}
