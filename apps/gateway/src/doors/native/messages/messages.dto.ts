import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { CHANNELS, MESSAGE_STATUSES, type Channel, type MessageStatus } from '#contracts';
import { instantProblem } from '../http/instant.js';
import { PageQuery } from '../http/paging.js';
import { CheckedBy } from './checked-by.decorator.js';

export class MessagesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Client app; for administrators.', example: 'shop' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  app?: string;

  @ApiPropertyOptional({ enum: MESSAGE_STATUSES, example: 'completed' })
  @IsOptional()
  @IsIn(MESSAGE_STATUSES)
  status?: MessageStatus;

  @ApiPropertyOptional({ description: 'Planned, or with `recipient`: used.', enum: CHANNELS, example: 'sms' })
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: Channel;

  @ApiPropertyOptional({ description: 'User id.', example: 'u1' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  recipient?: string;

  @ApiPropertyOptional({ description: 'Accepted at or after.', example: '2026-03-01T00:00:00+08:00' })
  @CheckedBy(instantProblem)
  from?: string;

  @ApiPropertyOptional({ description: 'Accepted before.', example: '2026-04-01T00:00:00+08:00' })
  @CheckedBy(instantProblem)
  to?: string;
}

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only of this user id.', example: 'u1' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  recipient?: string;
}
