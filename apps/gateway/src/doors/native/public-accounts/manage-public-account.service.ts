import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import {
  PublicAccountRepository,
  WaitingWorkRepository,
  type PublicAccountFields,
  type PublicAccountRow,
} from '#entities';
import { SecretBox } from '#platform';
import { AccountSecrets, ProviderRegistry } from '#providers';
import { auditBy, type Caller } from '../auth/caller.js';
import { InvalidRequestError, NotFoundError, invalidField, type FieldProblem } from '../http/native-errors.js';
import {
  PUBLIC_ID,
  PUBLIC_ID_RULE,
  type CreatePublicAccountDto,
  type PutPublicAccountDto,
} from './public-account.dto.js';
import { publicAccountView, type PublicAccountView } from './public-account.view.js';

/** Settings of the provider that stand in the body by themselves. */
const OWN_FIELDS = ['appId', 'appSecret', 'token', 'encodingAesKey', 'defaultTemplate'] as const;

/** Sets up WeChat public accounts. Credentials are sealed as those of every provider account. */
@Injectable()
export class ManagePublicAccountService {
  private readonly secrets: AccountSecrets;

  constructor(
    private readonly accounts: PublicAccountRepository,
    private readonly waiting: WaitingWorkRepository,
    private readonly registry: ProviderRegistry,
    box: SecretBox,
  ) {
    this.secrets = new AccountSecrets(box);
  }

  /** @throws NotFoundError */
  async get(publicId: string): Promise<PublicAccountRow> {
    const found = await this.accounts.find(publicId);
    if (!found) throw new NotFoundError('public account');
    return found;
  }

  view(row: PublicAccountRow): PublicAccountView {
    return publicAccountView(row, Object.keys(this.secretsOf(row)));
  }

  /** Answers its id. @throws InvalidRequestError, AppError `conflict` */
  async create({ publicId = randomUUID(), ...dto }: CreatePublicAccountDto, caller: Caller): Promise<string> {
    const fields = await this.judge(publicId, dto, null);
    await this.accounts.create(fields, { ...auditBy(caller), ...auditOf('create', fields) });
    await this.waiting.wake('wechat');
    return publicId;
  }

  /** @throws InvalidRequestError, AppError `conflict` */
  async put(publicId: string, dto: PutPublicAccountDto, caller: Caller): Promise<void> {
    if (!PUBLIC_ID.test(publicId)) throw invalidField('publicId', PUBLIC_ID_RULE);
    const fields = await this.judge(publicId, dto, await this.accounts.find(publicId));
    await this.accounts.put(fields, { ...auditBy(caller), ...auditOf('put', fields) });
    await this.waiting.wake('wechat');
  }

  /** @throws NotFoundError */
  async remove(publicId: string, caller: Caller): Promise<void> {
    const entry = { ...auditBy(caller), action: 'public-account.delete', target: publicId };
    if (!(await this.accounts.remove(publicId, entry))) throw new NotFoundError('public account');
  }

  /** What is stored of the request. @throws InvalidRequestError naming everything that is wrong */
  private async judge(
    publicId: string,
    dto: PutPublicAccountDto,
    before: PublicAccountRow | null,
  ): Promise<PublicAccountFields> {
    const { provider = 'wechat', clientApps = [] } = dto;
    const kept = before?.provider === provider ? this.secretsOf(before) : {};
    const all = provider === 'sandbox' ? (dto.settings ?? {}) : { ...kept, ...dto.settings, ...given(dto) };
    const set = Object.entries(all).filter(([, value]) => value !== null);
    const problems = [...this.settingsProblems(provider, set), ...(await this.appProblems(clientApps))];
    if (problems.length > 0) throw new InvalidRequestError(problems);
    const secretNames = this.registry.secretSettings('wechat', provider);
    const isSecret = ([name]: [string, unknown]): boolean => secretNames.includes(name);
    return {
      publicId,
      name: dto.name,
      remark: dto.remark ?? '',
      clientApps,
      defaultTemplate: dto.defaultTemplate ?? null,
      provider,
      settings: Object.fromEntries(set.filter((entry) => !isSecret(entry))),
      secrets: this.secrets.seal('wechat', publicId, Object.fromEntries(set.filter(isSecret))),
      enabled: dto.enabled ?? true,
      ratePerSecond: dto.rateLimit?.perSecond ?? null,
    };
  }

  private settingsProblems(provider: string, settings: [string, unknown][]): FieldProblem[] {
    return this.registry
      .settingsProblems('wechat', provider, Object.fromEntries(settings))
      .map(({ field, detail }) => ({ field: isOwnField(field) ? field : `settings.${field}`, detail }));
  }

  private async appProblems(clientApps: readonly string[]): Promise<FieldProblem[]> {
    const known = clientApps.length === 0 ? new Set() : await this.accounts.knownApps(clientApps);
    return clientApps
      .map((appId, i) => ({ appId, field: `clientApps[${i}]` }))
      .filter(({ appId }) => !known.has(appId))
      .map(({ appId, field }) => ({ field, detail: `there is no client app "${appId}"` }));
  }

  /** Sealed with a key that is lost, they count as not set: so the administrator sees it and can set them again. */
  private secretsOf({ publicId, provider, settings, secrets }: PublicAccountRow): Record<string, unknown> {
    try {
      return this.secrets.open({ channel: 'wechat', id: publicId, provider, settings, secrets });
    } catch (error) {
      if (error instanceof AppError && error.code === 'account_sealed') return {};
      throw error;
    }
  }
}

const isOwnField = (field: string): boolean => OWN_FIELDS.some((own) => field === own || field.startsWith(`${own}.`));

/** The settings that stand in the body by themselves, without those that are absent. */
function given(dto: PutPublicAccountDto): Record<string, unknown> {
  return Object.fromEntries(
    OWN_FIELDS.map((name) => [name, dto[name]]).filter(([, value]) => value !== undefined),
  ) as Record<string, unknown>;
}

const auditOf = (
  what: 'create' | 'put',
  { publicId, provider, enabled, clientApps }: PublicAccountFields,
): { action: string; target: string; details: Record<string, unknown> } => ({
  action: `public-account.${what}`,
  target: publicId,
  details: { provider, enabled, clientApps },
});
