import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { CHANNELS, type Channel } from '#contracts';
import { decodeCursor, PageQuery } from '../http/paging.js';
import { invalidField } from '../http/native-errors.js';

/** A form sends its empty fields too. */
const blankIsAbsent = ({ value }: { value: unknown }): unknown => (value === '' ? undefined : value);

export class SandboxQuery extends PageQuery {
  @ApiPropertyOptional({ enum: CHANNELS, example: 'sms' })
  @Transform(blankIsAbsent)
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: Channel;

  @ApiPropertyOptional({ description: 'The whole address.', example: '13800000000' })
  @Transform(blankIsAbsent)
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  address?: string;
}

/** @throws InvalidRequestError */
export function beforeIdOf(query: PageQuery): number | undefined {
  const [beforeId] = decodeCursor<[number]>(query.cursor, ['number']) ?? [];
  if (beforeId !== undefined && !Number.isSafeInteger(beforeId))
    throw invalidField('cursor', 'cursor is not one of ours');
  return beforeId;
}
