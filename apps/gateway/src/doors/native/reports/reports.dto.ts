import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsIn, IsOptional, IsTimeZone } from 'class-validator';
import { SUMMARY_GROUPS, type SummaryGroup } from '#entities';
import { instantProblem } from '../http/instant.js';
import { invalidField } from '../http/native-errors.js';
import { CheckedBy } from '../messages/checked-by.decorator.js';

const DAY_MS = 24 * 3_600_000;
const DEFAULT_RANGE_MS = 7 * DAY_MS;
const MAX_RANGE_MS = 800 * DAY_MS;
/** Hours are many lines. */
const MAX_HOURS_RANGE_MS = 62 * DAY_MS;

export class SummaryQuery {
  @ApiPropertyOptional({
    description: 'Seven days before `to` unless given; whole hours.',
    example: '2026-03-01T00:00:00+08:00',
  })
  @CheckedBy(instantProblem)
  from?: string;

  @ApiPropertyOptional({ description: 'Exclusive; now unless given.', example: '2026-03-08T00:00:00+08:00' })
  @CheckedBy(instantProblem)
  to?: string;

  @ApiPropertyOptional({ enum: SUMMARY_GROUPS, default: 'day', example: 'day' })
  @IsOptional()
  @IsIn(SUMMARY_GROUPS)
  groupBy: SummaryGroup = 'day';

  @ApiPropertyOptional({ description: 'Zone in which a day begins.', default: 'UTC', example: 'Asia/Shanghai' })
  @IsOptional()
  @IsTimeZone()
  timeZone = 'UTC';
}

export class ExportQuery {
  @ApiProperty({ description: 'Messages accepted at or after.', example: '2026-03-01T00:00:00+08:00' })
  @IsDefined()
  @CheckedBy(instantProblem)
  from!: string;

  @ApiProperty({ description: 'Messages accepted before.', example: '2026-03-02T00:00:00+08:00' })
  @IsDefined()
  @CheckedBy(instantProblem)
  to!: string;
}

/** @throws InvalidRequestError when the range is empty or too long */
export function rangeOf(query: { from?: string; to?: string }, groupBy: SummaryGroup | null): { from: Date; to: Date } {
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - DEFAULT_RANGE_MS) : new Date(query.from);
  const rangeMs = to.getTime() - from.getTime();
  const maxMs = groupBy === 'hour' ? MAX_HOURS_RANGE_MS : MAX_RANGE_MS;
  if (rangeMs <= 0) throw invalidField('to', 'to must be later than from');
  if (rangeMs > maxMs) throw invalidField('from', `from must be at most ${maxMs / DAY_MS} days before to`);
  return { from, to };
}
