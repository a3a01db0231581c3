import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { CHANNELS, type Channel } from '#contracts';
import { DEAD_LETTER_KINDS, type DeadLetterFilter, type DeadLetterKind } from '#entities';
import { instantProblem } from '../http/instant.js';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';
import { PageQuery } from '../http/paging.js';
import { CheckedBy } from '../messages/checked-by.decorator.js';

class DeadLettersFilterDto {
  @ApiPropertyOptional({ enum: DEAD_LETTER_KINDS, example: 'delivery' })
  @MayBeAbsent()
  @IsIn(DEAD_LETTER_KINDS)
  kind?: DeadLetterKind;

  @ApiPropertyOptional({ enum: CHANNELS, example: 'sms' })
  @MayBeAbsent()
  @IsIn(CHANNELS)
  channel?: Channel;

  @ApiPropertyOptional({ description: 'Error code of the last attempt.', example: 'timeout' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  cause?: string;

  @ApiPropertyOptional({ example: 'shop' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(256)
  appId?: string;
}

/** Groups that one answer may hold, and does unless asked for fewer: the desk is looked at as a whole. */
const MAX_GROUPS = 200;

export class DeadLettersQuery extends IntersectionType(DeadLettersFilterDto, PageQuery) {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_GROUPS, default: MAX_GROUPS, example: 50 })
  override limit = MAX_GROUPS;
}

export class ReplayFilterDto extends DeadLettersFilterDto {
  @ApiPropertyOptional({ example: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11' })
  @MayBeAbsent()
  @IsUUID()
  messageId?: string;

  @ApiPropertyOptional({ description: 'Only what died before this time.', example: '2026-03-01T00:00:00+08:00' })
  @MayBeAbsent()
  @CheckedBy(instantProblem)
  before?: string;
}

/** Deliveries a replay sets going per second unless asked otherwise. */
export const DEFAULT_PER_SECOND = 50;

export class ReplayDto {
  @ApiPropertyOptional({ type: ReplayFilterDto, description: 'Everything on the desk unless given.' })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ReplayFilterDto)
  filter?: ReplayFilterDto;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 1000, default: DEFAULT_PER_SECOND, example: 20 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  perSecond?: number | null;
}

export const toFilter = ({ before, ...filter }: ReplayFilterDto): DeadLetterFilter => ({
  ...filter,
  ...(before === undefined ? {} : { before: new Date(before) }),
});
