import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CHANNELS } from '#contracts';
import { isIpRange } from '#platform';
import { MayBeAbsent, MayBeAbsentNeverNull } from '../http/may-be-absent.decorator.js';

/** Canonical channels, and 智能模式. */
const OPENABLE = [...CHANNELS, 'smart'] as const;
const FEATURES = ['user-count', 'user-list', 'im', 'broadcast', 'directory-write'] as const;

const IsIpOrRange = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isIpOrRange',
      validator: {
        validate: (value) => typeof value === 'string' && isIpRange(value),
        defaultMessage: () => 'each value in ipAllowlist must be an IP address or a CIDR range',
      },
    },
    { each: true },
  );

class RateLimitDto {
  @ApiProperty({ description: 'Calls per second over all replicas.', example: 200 })
  @IsInt()
  @Min(1)
  @Max(100_000)
  perSecond!: number;
}

/** Segments of the largest quota: far beyond what an app sends in its life. */
const MAX_SEGMENTS = 2_000_000_000;

class SmsQuotaDto {
  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: 'Segments for all time; null or absent: no limit.',
    example: 100_000,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_SEGMENTS)
  total?: number | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: 'Segments of a day in China; null or absent: no limit.',
    example: 5000,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_SEGMENTS)
  perDay?: number | null;
}

export class CreateClientAppDto {
  @ApiProperty({ description: 'Shown to recipients as the source.', example: 'Billing' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  name!: string;

  @ApiPropertyOptional({ example: 'Invoices and reminders' })
  @MayBeAbsentNeverNull()
  @IsString()
  @MaxLength(1000)
  description?: string;

  @ApiProperty({ enum: OPENABLE, isArray: true, example: ['portal', 'sms', 'mail', 'smart'] })
  @IsArray()
  @ArrayUnique()
  @IsIn(OPENABLE, { each: true })
  channels!: string[];

  @ApiPropertyOptional({
    description: 'IP addresses and CIDR ranges; absent or empty: any address.',
    example: ['10.0.0.0/8'],
  })
  @MayBeAbsentNeverNull()
  @IsArray()
  @ArrayMaxSize(200)
  @IsIpOrRange()
  ipAllowlist?: string[];

  @ApiPropertyOptional({
    enum: FEATURES,
    isArray: true,
    description:
      '`user-count`, `user-list`: read people’s inboxes. `im`: its token opens the IM door. `broadcast`: write to everyone. ' +
      '`directory-write`: addresses and devices it registers become everybody’s.',
    example: ['user-count'],
  })
  @MayBeAbsentNeverNull()
  @IsArray()
  @ArrayUnique()
  @IsIn(FEATURES, { each: true })
  features?: string[];

  @ApiPropertyOptional({ type: RateLimitDto, nullable: true, description: 'null: the default of 5000 a second.' })
  @ValidateIf((dto: CreateClientAppDto) => dto.rateLimit !== undefined && dto.rateLimit !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => RateLimitDto)
  rateLimit?: RateLimitDto | null;

  @ApiPropertyOptional({
    type: SmsQuotaDto,
    nullable: true,
    description:
      'How many SMS segments the app may use: 160 characters of the GSM alphabet or 70 of any other are one, longer texts take one per 153 or 67; a signature that an account adds is not counted. Counting begins when a quota is set. ' +
      'People who are named by a message and surely get an SMS are counted when it is accepted, as of that day: where the quota does not cover all of them the message is refused (`sms_quota_exceeded`) and nothing is deducted. ' +
      'Everybody else (tags, org units, all; SMS as one of several channels of `any` or `smart`) is counted when SMS is tried: what is not covered fails with `sms_quota_exhausted`, and the next channel is tried where there is one. ' +
      'An SMS that failed, expired or was cancelled is given back. Alarms are raised at 80 % and 100 %. Given anew it replaces both limits; null: no quota.',
  })
  @ValidateIf((dto: CreateClientAppDto) => dto.smsQuota !== undefined && dto.smsQuota !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => SmsQuotaDto)
  smsQuota?: SmsQuotaDto | null;

  @ApiPropertyOptional({
    description:
      "Share of a channel while several apps have deliveries waiting for it: an app of weight 3 gets three for one of an app of weight 1. The `priority` of a message orders the messages of one app only: it never takes another app's share.",
    default: 1,
    minimum: 1,
    maximum: 100,
    example: 1,
  })
  @MayBeAbsentNeverNull()
  @IsInt()
  @Min(1)
  @Max(100)
  weight?: number;

  @ApiPropertyOptional({ description: 'An existing id to keep; else one is made.', example: 'billing' })
  @MayBeAbsent()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: 'appId must be 1 to 64 letters, digits, dots, dashes or underscores' })
  appId?: string;

  @ApiPropertyOptional({
    description: 'An existing secret to keep; else one is made.',
    example: '9f86d081884c7d659a2feaa0c55ad015',
  })
  @MayBeAbsent()
  @Matches(/^[\x21-\x7e]{8,128}$/, { message: 'appSecret must be 8 to 128 printable ASCII characters without spaces' })
  appSecret?: string;
}

/** Fields that are absent stay as they are. */
export class UpdateClientAppDto extends PartialType(OmitType(CreateClientAppDto, ['appId', 'appSecret'] as const), {
  skipNullProperties: false,
}) {
  @ApiPropertyOptional({ description: 'false: tokens are revoked and no more are given.', example: true })
  @MayBeAbsentNeverNull()
  @IsDefined()
  @IsBoolean()
  enabled?: boolean;
}

export class RotateSecretQuery {
  @ApiPropertyOptional({
    description: 'Seconds for which the old secret stays valid beside the new one.',
    default: 0,
    example: 3600,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(7 * 24 * 3600)
  overlap = 0;
}
