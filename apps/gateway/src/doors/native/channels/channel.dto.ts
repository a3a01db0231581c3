import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
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
  ValidateNested,
} from 'class-validator';
import { CHANNELS, type Channel, type SuccessState } from '#contracts';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';
import { CheckedBy } from '../messages/checked-by.decorator.js';
import { paramsProblem } from '../messages/send-checks.js';
import { PROVIDER_SETTINGS } from './provider.examples.js';

/** Of fields that stand in the answer of GET and may stay in what is put. */
const SHOWN_ONLY = 'As GET shows it; taken and ignored.';
const SUCCESS_STATES = ['sent', 'delivered', 'read'] as const;

class ProviderRateDto {
  @ApiProperty({
    description:
      'Deliveries a second through the account, over all workers together. A call that carries many counts as many.',
    example: 20,
  })
  @IsInt()
  @Min(1)
  @Max(100_000)
  perSecond!: number;
}

class ProviderQuotaDto {
  @ApiPropertyOptional({ description: 'Deliveries an hour.', example: 10_000 })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  perHour?: number;

  @ApiPropertyOptional({ description: 'Deliveries a day; days begin at midnight in China (UTC+8).', example: 100_000 })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  perDay?: number;
}

@ApiExtraModels(...PROVIDER_SETTINGS)
export class ProviderAccountDto {
  @ApiProperty({ description: 'Name of the account, unique in its channel.', example: 'main' })
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: 'id must be 1 to 64 letters, digits, dots, dashes or underscores' })
  id!: string;

  @ApiProperty({ example: 'smtp' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  provider!: string;

  @ApiPropertyOptional({
    description: 'Settings of the provider. Write-only ones that are absent stay as they are; null removes them.',
    type: 'object',
    additionalProperties: true,
    anyOf: PROVIDER_SETTINGS.map((settings) => ({ $ref: getSchemaPath(settings) })),
    example: { host: 'smtp.example.com', port: 587, user: 'mailer', pass: 'secret', from: 'noreply@example.com' },
  })
  @MayBeAbsent()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({
    description:
      'Accounts with a weight share the deliveries of the channel: with 3 and 1, three of four go through the first. Weight 0 ' +
      'stands by: it is used, in the order of the list, only while none of the others can be. An account that is stopped, failing ' +
      'or out of quota is passed over.',
    default: 1,
    example: 1,
  })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(1000)
  weight?: number;

  @ApiPropertyOptional({ default: true, example: true })
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    type: ProviderRateDto,
    nullable: true,
    description:
      'The pace of the account. What is beyond goes in the next seconds. Absent or null: as fast as it takes.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProviderRateDto)
  rateLimit?: ProviderRateDto | null;

  @ApiPropertyOptional({
    type: ProviderQuotaDto,
    nullable: true,
    description:
      'What the account may take in a window, over all workers together. What is beyond goes through another account, or waits ' +
      'until the window reopens: `health.parkedUntil`. Absent or null: no quota.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProviderQuotaDto)
  quota?: ProviderQuotaDto | null;

  @ApiPropertyOptional({
    description:
      'Seconds. What this account took and gave no receipt for within them is sent again through the next account, which may reach ' +
      'a person twice (`isPossibleDuplicate`). Absent or null: never. Refused for a provider that sends no receipts; where the account ' +
      'could give some and does not ask for them, everything goes out twice.',
    nullable: true,
    example: 300,
  })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(24 * 3600)
  receiptWithin?: number | null;

  @ApiPropertyOptional({ description: SHOWN_ONLY, type: [String], example: ['pass'] })
  @Allow()
  secretsSet?: unknown;

  @ApiPropertyOptional({ description: SHOWN_ONLY, type: Object, example: { state: 'closed' } })
  @Allow()
  health?: unknown;
}

class SmartProofDto {
  @ApiProperty({ enum: SUCCESS_STATES, example: 'delivered' })
  @IsIn(SUCCESS_STATES)
  successWhen!: SuccessState;

  @ApiProperty({ description: 'Seconds within which it is awaited.', example: 60 })
  @IsInt()
  @Min(1)
  @Max(7 * 24 * 3600)
  within!: number;
}

export class PutChannelDto {
  @ApiProperty({ example: true })
  @IsBoolean()
  enabled!: boolean;

  @ApiPropertyOptional({
    description: 'Place in mode `any`: lower goes first; absent: the default order.',
    nullable: true,
    example: 10,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(999)
  priority?: number | null;

  @ApiPropertyOptional({
    type: [ProviderAccountDto],
    description:
      'In the order they are preferred, see `weight`. Absent, and without `provider`: the accounts stay as they are, with their ' +
      'secrets. An empty list removes all of them. Of WeChat, public accounts may stand here as GET shows them; they stay in any case.',
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique((account: ProviderAccountDto) => account?.id)
  @ValidateNested({ each: true })
  @Type(() => ProviderAccountDto)
  providers?: ProviderAccountDto[];

  @ApiPropertyOptional({ description: 'Short for one account called `default`.', example: 'smtp' })
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  provider?: string;

  @ApiPropertyOptional({
    description: 'With `provider`: its settings.',
    example: { host: 'smtp.example.com', from: 'noreply@example.com' },
  })
  @MayBeAbsent()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({ type: SmartProofDto, nullable: true, description: 'What counts as success in mode `smart`.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SmartProofDto)
  smart?: SmartProofDto | null;

  @ApiPropertyOptional({ description: SHOWN_ONLY, type: String, example: 'mail' })
  @Allow()
  channel?: unknown;

  @ApiPropertyOptional({ description: SHOWN_ONLY, type: String, example: 'on' })
  @Allow()
  status?: unknown;
}

export class ChannelTestDto {
  @ApiProperty({ description: 'Where the probe goes.', example: 'me@example.com' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  address!: string;

  @ApiPropertyOptional({ description: 'Account to test; without it the one that would be chosen.', example: 'main' })
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  accountId?: string;

  @ApiPropertyOptional({
    description:
      'What to send. Without `text` and `templateId` it is a text of the center’s own, or, of an SMS account that lists approved ' +
      'templates, the first of these with each value `0000`; of a WeChat public account its default template.',
    example: '您的验证码为1234，5分钟内有效。',
  })
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(2000)
  text?: string;

  @ApiPropertyOptional({
    description: 'Template at the vendor (Aliyun, Tencent, WeChat) to send, listed in the account or not.',
    example: 'SMS_123456789',
  })
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  templateId?: string;

  @ApiPropertyOptional({
    description: 'With `templateId`: values of its placeholders by name; Tencent’s names are 1, 2 …',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { code: '1234' },
  })
  @MayBeAbsent()
  @CheckedBy(paramsProblem)
  params?: Record<string, unknown>;
}

export class PutSmartDto {
  @ApiProperty({
    enum: CHANNELS,
    isArray: true,
    description: 'The channels that are tried, and no others. Empty: all of them, in the order of mode `any`.',
    example: ['wecom', 'sms', 'mail'],
  })
  @IsArray()
  @ArrayUnique()
  @IsIn(CHANNELS, { each: true })
  order!: Channel[];

  @ApiProperty({
    description: 'A portal message goes out beside them at once, for apps that may use `portal`.',
    example: true,
  })
  @IsBoolean()
  portalAtOnce!: boolean;
}
