import { Body, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ClientAppAdminRepository, SmsBudgetRepository, type ClientAppRow } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { AccessReceiptLinks } from './access-receipt-links.service.js';
import { CreateClientAppDto, RotateSecretQuery, UpdateClientAppDto } from './client-app.dto.js';
import {
  CLIENT_APP_EXAMPLE,
  HANDOVER_EXAMPLE,
  clientAppView,
  type ClientAppView,
  type SecretHandover,
} from './client-app.view.js';
import { ManageClientAppService } from './manage-client-app.service.js';

const WEBHOOK_EXAMPLE = { secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDG8BbVtCaNpM=' };

@NativeController({ path: 'v1/client-apps', guard: AdminGuard, security: ['admin'] })
export class ClientAppsController {
  constructor(
    private readonly manage: ManageClientAppService,
    private readonly apps: ClientAppAdminRepository,
    private readonly budgets: SmsBudgetRepository,
    private readonly receipts: AccessReceiptLinks,
  ) {}

  @Post()
  @NativeOperation({
    summary: 'Register a client app',
    description:
      'The secret is shown here and on rotation only. Existing credentials may be brought along. `receiptUrl` shows what an integrator needs (接入回执), the secret too, to whoever opens it within 24 hours.',
    status: 201,
    example: { ...CLIENT_APP_EXAMPLE, ...HANDOVER_EXAMPLE },
    problems: ['conflict'],
  })
  async create(
    @Body() body: CreateClientAppDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ClientAppView & SecretHandover> {
    const { app, appSecret } = await this.manage.create(body, caller);
    return { ...(await this.withUse(app)), ...this.handover(app.appId, appSecret) };
  }

  @Get()
  @NativeOperation({ summary: 'List client apps', example: { items: [CLIENT_APP_EXAMPLE], nextCursor: null } })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<ClientAppView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    const apps = await this.apps.list(after, limit + 1);
    const used = await this.budgets.usedBy(apps.map((app) => app.appId));
    return pageOf(
      apps,
      limit,
      (app) => clientAppView(app, used.get(app.appId)),
      (app) => [app.appId],
    );
  }

  @Get(':appId')
  @NativeOperation({ summary: 'One client app', example: CLIENT_APP_EXAMPLE, problems: ['not_found'] })
  async get(@Param('appId') appId: string): Promise<ClientAppView> {
    return this.withUse(await this.manage.get(appId));
  }

  @Patch(':appId')
  @NativeOperation({
    summary: 'Change a client app',
    description: '`{"enabled": false}` disables it: its tokens are refused within 5 seconds on every replica.',
    example: CLIENT_APP_EXAMPLE,
    problems: ['not_found'],
  })
  async update(
    @Param('appId') appId: string,
    @Body() body: UpdateClientAppDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ClientAppView> {
    return this.withUse(await this.manage.update(appId, body, caller));
  }

  @Delete(':appId')
  @NativeOperation({
    summary: 'Remove a client app with its tokens, tags, templates and own addresses',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async remove(@Param('appId') appId: string, @CurrentCaller() caller: Caller): Promise<void> {
    await this.manage.remove(appId, caller);
  }

  @Post(':appId/rotate-secret')
  @NativeOperation({
    summary: 'Make a new secret',
    description: 'Every token is revoked; the old secret stays valid for `overlap` seconds.',
    example: { appId: 'billing', ...HANDOVER_EXAMPLE },
    problems: ['not_found'],
  })
  async rotateSecret(
    @Param('appId') appId: string,
    @Query() { overlap }: RotateSecretQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<{ appId: string } & SecretHandover> {
    return { appId, ...this.handover(appId, await this.manage.rotateSecret(appId, overlap, caller)) };
  }

  @Get(':appId/webhook-secret')
  @NativeOperation({
    summary: 'The secret that signs status callbacks',
    example: WEBHOOK_EXAMPLE,
    problems: ['not_found'],
  })
  async webhookSecret(@Param('appId') appId: string): Promise<{ secret: string }> {
    return { secret: await this.manage.webhookSecret(appId) };
  }

  @Post(':appId/rotate-webhook-secret')
  @NativeOperation({
    summary: 'Make a new signing secret',
    description: 'For 24 hours callbacks are signed with both.',
    example: WEBHOOK_EXAMPLE,
    problems: ['not_found'],
  })
  async rotateWebhookSecret(
    @Param('appId') appId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<{ secret: string }> {
    return { secret: await this.manage.rotateWebhookSecret(appId, caller) };
  }

  private handover(appId: string, appSecret: string): SecretHandover {
    return { appSecret, receiptUrl: this.receipts.urlFor(appId, appSecret) };
  }

  private async withUse(app: ClientAppRow): Promise<ClientAppView> {
    return clientAppView(app, (await this.budgets.usedBy([app.appId])).get(app.appId));
  }
}
