import { Body, Get, Put } from '@nestjs/common';
import { CatalogRepository, ChannelAdminRepository, type SmartSettings } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PutSmartDto } from './channel.dto.js';

const EXAMPLE: SmartSettings = { order: ['wecom', 'sms', 'mail'], portalAtOnce: true };

@NativeController({ path: 'v1/smart', guard: AdminGuard, security: ['admin'] })
export class SmartController {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly channels: ChannelAdminRepository,
  ) {}

  @Get()
  @NativeOperation({ summary: 'The order of mode `smart` (智能模式)', example: EXAMPLE })
  async get(): Promise<SmartSettings> {
    return (await this.catalog.smart()) ?? { order: [], portalAtOnce: false };
  }

  @Put()
  @NativeOperation({ summary: 'Set the order of mode `smart`', example: EXAMPLE })
  async put(@Body() { order, portalAtOnce }: PutSmartDto, @CurrentCaller() caller: Caller): Promise<SmartSettings> {
    const smart = { order, portalAtOnce };
    await this.channels.putSmart(smart, { ...auditBy(caller), action: 'smart.put', details: smart });
    return smart;
  }
}
