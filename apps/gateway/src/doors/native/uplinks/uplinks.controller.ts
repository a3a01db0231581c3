import { Get, Query } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { keptForm } from '#content';
import { UplinkRepository } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { UPLINK_EXAMPLE, uplinkView, type UplinkView } from './uplink.view.js';

export class UplinksQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only what this number, or this user on the portal, sent.',
    example: '13800138000',
  })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  address?: string;

  @ApiPropertyOptional({
    description: 'Only answers to this message.',
    example: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11',
  })
  @IsOptional()
  @IsUUID()
  messageId?: string;
}

@NativeController({ path: 'v1/uplinks', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class UplinksController {
  constructor(private readonly uplinks: UplinkRepository) {}

  @Get()
  @NativeOperation({
    summary: 'What people sent back, newest first',
    description:
      'An SMS belongs to the newest message that went to its number in the 72 hours before; a reply on the portal to the message it was written under, its `address` is the user id. A client app sees the answers to its own messages; an administrator sees all, those that answer nothing too.',
    example: { items: [UPLINK_EXAMPLE], nextCursor: null },
  })
  async list(
    @Query() { limit, cursor, address, messageId }: UplinksQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<UplinkView>> {
    const beforeId = idOf(cursor);
    const rows = await this.uplinks.list(
      {
        ...(caller.kind === 'app' ? { appId: caller.app.appId } : {}),
        ...(address === undefined ? {} : { address, number: keptForm('sms', address) }),
        ...(messageId === undefined ? {} : { messageId }),
        ...(beforeId === null ? {} : { beforeId }),
      },
      limit + 1,
    );
    return pageOf(rows, limit, uplinkView, (row) => [row.id]);
  }
}

function idOf(cursor: string | undefined): number | null {
  const [id] = decodeCursor<[number]>(cursor, ['number']) ?? [null];
  if (id !== null && !Number.isSafeInteger(id)) throw invalidField('cursor', 'cursor is not one of ours');
  return id;
}
