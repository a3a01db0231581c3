import { Injectable } from '@nestjs/common';
import { AppError, type Channel } from '#contracts';
import { CatalogRepository, ChannelAdminRepository, type NewProviderAccount, type ProviderAccountRow } from '#entities';
import { SandboxConfig, SecretBox } from '#platform';
import { ProviderRegistry } from '#providers';
import { auditBy, type Caller } from '../auth/caller.js';
import { InvalidRequestError, invalidField, type FieldProblem } from '../http/native-errors.js';
import type { ProviderAccountDto, PutChannelDto } from './channel.dto.js';
import { channelView, type ChannelView } from './channel.view.js';

/** Id of the account that the short form sets up. */
const SHORT_FORM_ID = 'default';

/** Shows and replaces the set-up of a channel. Write-only settings are sealed as one JSON an account. */
@Injectable()
export class SetUpChannelService {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly channels: ChannelAdminRepository,
    private readonly registry: ProviderRegistry,
    private readonly box: SecretBox,
    private readonly sandbox: SandboxConfig,
  ) {}

  async show(wanted: readonly Channel[]): Promise<ChannelView[]> {
    const [configs, accounts] = await Promise.all([this.catalog.channels(), this.catalog.accounts()]);
    return wanted.map((channel) => {
      const own = accounts
        .filter((account) => account.channel === channel)
        .map((account) => ({ ...account, secretsSet: Object.keys(this.unseal(account)) }));
      const config = configs.find((candidate) => candidate.channel === channel);
      return channelView(channel, config, own, this.sandbox.SANDBOX);
    });
  }

  /** @throws InvalidRequestError naming every setting that is wrong */
  async put(channel: Channel, dto: PutChannelDto, caller: Caller): Promise<void> {
    const wanted = accountsOf(channel, dto);
    const stored = (await this.catalog.accounts()).filter((account) => account.channel === channel);
    const problems: FieldProblem[] = [];
    const accounts = wanted.map(({ path, account }) => this.judge(channel, path, account, stored, problems));
    if (problems.length > 0) throw new InvalidRequestError(problems);
    await this.channels.put(
      {
        channel,
        enabled: dto.enabled,
        priority: dto.priority ?? null,
        smart: dto.smart ? { successWhen: dto.smart.successWhen, withinS: dto.smart.within } : null,
        accounts,
      },
      {
        ...auditBy(caller),
        action: 'channel.put',
        target: channel,
        details: { enabled: dto.enabled, providers: accounts.map(({ id, provider }) => ({ id, provider })) },
      },
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
    const secretNames = found.length > 0 ? [] : this.registry.secretSettings(channel, provider);
    const isSecret = ([name]: [string, unknown]): boolean => secretNames.includes(name);
    const secrets = Object.fromEntries(Object.entries(all).filter(isSecret));
    return {
      id,
      provider,
      settings: Object.fromEntries(Object.entries(all).filter((entry) => !isSecret(entry))),
      secrets: Object.keys(secrets).length === 0 ? null : this.box.seal(JSON.stringify(secrets), placeOf(channel, id)),
      weight: account.weight ?? 1,
      enabled: account.enabled ?? true,
      ratePerSecond: account.rateLimit?.perSecond ?? null,
    };
  }

  /** Sealed with a key that is lost, they count as not set: so the administrator sees it and can set them again. */
  private unseal({ channel, id, secrets }: ProviderAccountRow): Record<string, unknown> {
    if (!secrets) return {};
    try {
      return JSON.parse(this.box.open(secrets, placeOf(channel, id))) as Record<string, unknown>;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'permanent') return {};
      throw error;
    }
  }
}

/** Additional data of the sealed settings; the channel worker names the same place. */
const placeOf = (channel: Channel, id: string): string => `provider_account.secrets:${channel}:${id}`;

function accountsOf(channel: Channel, dto: PutChannelDto): { path: string; account: ProviderAccountDto }[] {
  const { provider, settings, providers } = dto;
  if (provider !== undefined && providers) throw invalidField('provider', 'give either provider or providers');
  if (provider === undefined && settings) throw invalidField('settings', 'settings need a provider');
  const accounts =
    provider === undefined
      ? (providers ?? []).map((account, i) => ({ path: `providers[${i}].`, account }))
      : [{ path: '', account: { id: SHORT_FORM_ID, provider, ...(settings && { settings }) } }];
  if (channel === 'portal' && accounts.length > 0) {
    throw invalidField('providers', 'the portal is served by the center itself');
  }
  return accounts;
}
