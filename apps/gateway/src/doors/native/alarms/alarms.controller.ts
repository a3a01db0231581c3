import { Get, Query } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AlarmRepository, type AlarmRow } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';

const STATES = ['open', 'cleared'] as const;

export class AlarmsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES, description: 'Absent: both.', example: 'open' })
  @IsOptional()
  @IsIn(STATES)
  state?: (typeof STATES)[number];
}

export interface AlarmView {
  id: number;
  kind: string;
  subject: string;
  state: (typeof STATES)[number];
  detail: string;
  data: Record<string, unknown>;
  count: number;
  raisedAt: string;
  lastAt: string;
  clearedAt: string | null;
}

const view = (row: AlarmRow): AlarmView => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  state: row.cleared_at ? 'cleared' : 'open',
  detail: row.detail,
  data: row.data,
  count: row.count,
  raisedAt: row.raised_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  clearedAt: row.cleared_at?.toISOString() ?? null,
});

const EXAMPLE: AlarmView = {
  id: 3,
  kind: 'account_stopped',
  subject: 'wecom:main',
  state: 'open',
  detail: 'The provider says that the account is wrongly set up: correct it with PUT /v1/channels/{channel}.',
  data: { code: '40001', words: 'invalid credential' },
  count: 1,
  raisedAt: '2026-01-05T08:00:00.000Z',
  lastAt: '2026-01-05T08:00:00.000Z',
  clearedAt: null,
};

@NativeController({ path: 'v1/alarms', guard: AdminGuard, security: ['admin'] })
export class AlarmsController {
  constructor(private readonly alarms: AlarmRepository) {}

  @Get()
  @NativeOperation({
    summary: 'What an administrator should look at, newest first',
    description:
      'Of one `kind` and `subject` at most one alarm is open; raised again it is counted. Kinds: `account_stopped` a provider ' +
      'account is wrongly set up; `circuit_open` a provider has been failing for more than five minutes; `sms_budget` an app’s ' +
      'SMS quota is nearly or wholly used. An alarm is cleared when its cause is gone. With `ALARM_WEBHOOK_URL` set, each is also posted there as `alarm.raised` and `alarm.cleared` (Standard Webhooks).',
    example: { items: [EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor, state }: AlarmsQuery): Promise<Page<AlarmView>> {
    const [before] = decodeCursor<[number]>(cursor, ['number']) ?? [null];
    const isOpen = state === undefined ? null : state === 'open';
    return pageOf(await this.alarms.list(isOpen, before, limit + 1), limit, view, (row) => [row.id]);
  }
}
