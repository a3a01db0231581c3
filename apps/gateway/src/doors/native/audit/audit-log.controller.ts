import { Get, Query } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AuditLogRepository, type AuditRow } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'admin' })
  @IsOptional()
  @IsString()
  @MaxLength(128)
  actor?: string;

  @ApiPropertyOptional({ example: 'client-app.create' })
  @IsOptional()
  @IsString()
  @MaxLength(128)
  action?: string;
}

type AuditView = Omit<AuditRow, 'at'> & { at: string };
const view = (row: AuditRow): AuditView => ({ ...row, at: row.at.toISOString() });

const EXAMPLE: AuditView = {
  id: 17,
  at: '2026-01-05T08:00:00.000Z',
  actor: 'admin',
  action: 'client-app.create',
  target: 'billing',
  ip: '10.0.0.7',
  details: {},
};

@NativeController({ path: 'v1/audit-log', guard: AdminGuard, security: ['admin'] })
export class AuditLogController {
  constructor(private readonly log: AuditLogRepository) {}

  @Get()
  @NativeOperation({
    summary: 'Who did what, newest first',
    description: 'Every refused login, administrator’s change, replay and export.',
    example: { items: [EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor, actor, action }: AuditQuery): Promise<Page<AuditView>> {
    const [before] = decodeCursor<[number]>(cursor, ['number']) ?? [null];
    const filter = { ...(actor === undefined ? {} : { actor }), ...(action === undefined ? {} : { action }) };
    return pageOf(await this.log.list(filter, before, limit + 1), limit, view, (row) => [row.id]);
  }
}
