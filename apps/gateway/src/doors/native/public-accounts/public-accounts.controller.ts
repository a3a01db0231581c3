import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { PublicAccountRepository, PublicAccountTemplateRepository, type PublicAccountTemplate } from '#entities';
import { SyncFollowersService, type SyncedFollowers } from '../../../public-accounts/sync-followers.service.js';
import { SyncTemplatesService } from '../../../public-accounts/sync-templates.service.js';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { ManagePublicAccountService } from './manage-public-account.service.js';
import { CreatePublicAccountDto, PutPublicAccountDto, PutPublicAccountTemplateDto } from './public-account.dto.js';
import { PUBLIC_ACCOUNT_EXAMPLE, TEMPLATE_EXAMPLE, type PublicAccountView } from './public-account.view.js';

const MAX_TEMPLATE_ID = 128;

@NativeController({ path: 'v1/public-accounts', guard: AdminGuard, security: ['admin'] })
export class PublicAccountsController {
  constructor(
    private readonly manage: ManagePublicAccountService,
    private readonly accounts: PublicAccountRepository,
    private readonly templates: PublicAccountTemplateRepository,
    private readonly sync: SyncTemplatesService,
    private readonly followers: SyncFollowersService,
  ) {}

  @Post()
  @NativeOperation({
    summary: 'Register a WeChat public account',
    description:
      'It becomes the account `publicId` of the channel `wechat`. People are reached through the accounts they follow: `addresses.wechat` of a user holds an openid per `publicId`. Of several, one that is bound to the sending app goes first; one that is bound to other apps only is not used. A template that names a `publicId` goes out through that one only.',
    status: 201,
    example: PUBLIC_ACCOUNT_EXAMPLE,
    problems: ['conflict'],
  })
  async create(@Body() body: CreatePublicAccountDto, @CurrentCaller() caller: Caller): Promise<PublicAccountView> {
    return this.get(await this.manage.create(body, caller));
  }

  @Get()
  @NativeOperation({
    summary: 'List WeChat public accounts',
    example: { items: [PUBLIC_ACCOUNT_EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<PublicAccountView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    const rows = await this.accounts.list(after, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => this.manage.view(row),
      (row) => [row.publicId],
    );
  }

  @Get(':publicId')
  @NativeOperation({
    summary: 'One WeChat public account',
    description: 'Write-only settings are named in `secretsSet`, never shown.',
    example: PUBLIC_ACCOUNT_EXAMPLE,
    problems: ['not_found'],
  })
  async get(@Param('publicId') publicId: string): Promise<PublicAccountView> {
    return this.manage.view(await this.manage.get(publicId));
  }

  @Put(':publicId')
  @NativeOperation({
    summary: 'Create or replace a WeChat public account',
    description:
      'Write-only settings that are absent stay as they are. The account starts afresh: what stopped it is forgotten, and what waits for it is tried now.',
    example: PUBLIC_ACCOUNT_EXAMPLE,
    problems: ['conflict'],
  })
  async put(
    @Param('publicId') publicId: string,
    @Body() body: PutPublicAccountDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PublicAccountView> {
    await this.manage.put(publicId, body, caller);
    return this.get(publicId);
  }

  @Delete(':publicId')
  @NativeOperation({
    summary: 'Remove a WeChat public account with the copies of its templates and followers',
    description: 'Openids that people have there stay, unused.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async remove(@Param('publicId') publicId: string, @CurrentCaller() caller: Caller): Promise<void> {
    await this.manage.remove(publicId, caller);
  }

  @Post(':publicId/sync-templates')
  @NativeOperation({
    summary: 'Take over the templates that the account has at WeChat',
    description: 'Replaces the copy. A sandbox account answers what was put.',
    example: { items: [TEMPLATE_EXAMPLE], nextCursor: null },
    problems: ['not_found', 'conflict', 'unavailable'],
  })
  async syncTemplates(
    @Param('publicId') publicId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<PublicAccountTemplate>> {
    return { items: await this.sync.sync(await this.manage.get(publicId), auditBy(caller)), nextCursor: null };
  }

  @Post(':publicId/sync-followers')
  @NativeOperation({
    summary: 'Find the openids of people who were registered by their unionid',
    description:
      'Asks WeChat for everybody who follows the account (one call for 100 of them), keeps the list, and puts the openid in the place of a unionid. Addresses that the list lacks are suspended. The center does so by itself every day where people are registered by their unionid. Answers the followers that have one, and the addresses that changed. A sandbox account has none.',
    example: { followers: 1200, resolved: 3 },
    problems: ['not_found', 'conflict', 'unavailable'],
  })
  async syncFollowers(@Param('publicId') publicId: string, @CurrentCaller() caller: Caller): Promise<SyncedFollowers> {
    return this.followers.sync(await this.manage.get(publicId), auditBy(caller));
  }

  @Get(':publicId/templates')
  @NativeOperation({
    summary: 'The center’s copy of the account’s templates',
    example: { items: [TEMPLATE_EXAMPLE], nextCursor: null },
    problems: ['not_found'],
  })
  async listTemplates(@Param('publicId') publicId: string): Promise<Page<PublicAccountTemplate>> {
    await this.manage.get(publicId);
    return { items: await this.templates.list(publicId), nextCursor: null };
  }

  @Put(':publicId/templates/:templateId')
  @NativeOperation({
    summary: 'Give a sandbox account a template',
    description: 'Templates of other accounts come from WeChat: `POST …/sync-templates`.',
    example: TEMPLATE_EXAMPLE,
    problems: ['not_found', 'conflict'],
  })
  async putTemplate(
    @Param('publicId') publicId: string,
    @Param('templateId') templateId: string,
    @Body() body: PutPublicAccountTemplateDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PublicAccountTemplate> {
    const { provider } = await this.manage.get(publicId);
    if (provider !== 'sandbox')
      throw new ConflictError('Templates of this account come from WeChat: take them over with POST …/sync-templates.');
    if (templateId.length > MAX_TEMPLATE_ID)
      throw invalidField('templateId', `templateId is longer than ${MAX_TEMPLATE_ID} characters`);
    const { title, content, primaryIndustry = '', deputyIndustry = '', example = '' } = body;
    const template = { templateId, title, primaryIndustry, deputyIndustry, content, example };
    const entry = {
      ...auditBy(caller),
      action: 'public-account.put-template',
      target: publicId,
      details: { templateId },
    };
    await this.templates.put(publicId, template, entry);
    return template;
  }
}
