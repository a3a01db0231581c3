import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { INBOX_TYPES, type InboxType } from '#entities';
import { PageQuery } from '../http/paging.js';

export class InboxQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Notices are unread or read; to-dos are `todo` (open) or `done`, whether read or not.',
    enum: INBOX_TYPES,
    default: 'all',
    example: 'unread',
  })
  @IsOptional()
  @IsIn(INBOX_TYPES)
  type: InboxType = 'all';

  @ApiPropertyOptional({ description: 'Part of the title, in any case. There are no wildcards.', example: 'invoice' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  search?: string;
}
