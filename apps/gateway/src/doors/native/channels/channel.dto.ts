import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
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
import { PROVIDER_SETTINGS } from './provider.examples.js';

const SUCCESS_STATES = ['sent', 'delivered', 'read'] as const;

class ProviderRateDto {
  @ApiProperty({ description: 'Calls per second to the provider.', example: 20 })
  @IsInt()
  @Min(1)
  @Max(100_000)
  perSecond!: number;
}

class ProviderQuotaDto {
  @ApiPropertyOptional({ description: 'Deliveries an hour.', example: 10_000 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  perHour?: number;

  @ApiPropertyOptional({ description: 'Deliveries a day; days begin at midnight in China (UTC+8).', example: 100_000 })
  @IsOptional()
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
  @IsOptional()
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
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1000)
  weight?: number;

  @ApiPropertyOptional({ default: true, example: true })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ type: ProviderRateDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProviderRateDto)
  rateLimit?: ProviderRateDto;

  @ApiPropertyOptional({
    type: ProviderQuotaDto,
    description:
      'What the account may take in a window, over all workers together. What is beyond goes through another account, or waits ' +
      'until the window reopens: `health.parkedUntil`.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProviderQuotaDto)
  quota?: ProviderQuotaDto;

  @ApiPropertyOptional({
    description:
      'Seconds. What this account took and gave no receipt for within them is sent again through the next account, which may reach ' +
      'a person twice (`isPossibleDuplicate`). Only for accounts whose provider sends receipts; absent: never.',
    example: 300,
  })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(24 * 3600)
  receiptWithin?: number;
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

  @ApiPropertyOptional({ type: [ProviderAccountDto], description: 'In the order they are preferred, see `weight`.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique((account: ProviderAccountDto) => account?.id)
  @ValidateNested({ each: true })
  @Type(() => ProviderAccountDto)
  providers?: ProviderAccountDto[];

  @ApiPropertyOptional({ description: 'Short for one account called `default`.', example: 'smtp' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  provider?: string;

  @ApiPropertyOptional({
    description: 'With `provider`: its settings.',
    example: { host: 'smtp.example.com', from: 'noreply@example.com' },
  })
  @IsOptional()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({ type: SmartProofDto, nullable: true, description: 'What counts as success in mode `smart`.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SmartProofDto)
  smart?: SmartProofDto | null;
}

export class ChannelTestDto {
  @ApiProperty({ description: 'Where the probe goes.', example: 'me@example.com' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  address!: string;

  @ApiPropertyOptional({ description: 'Account to test; without it the one that would be chosen.', example: 'main' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  accountId?: string;
}

export class PutSmartDto {
  @ApiProperty({
    enum: CHANNELS,
    isArray: true,
    description: 'Empty: the default order.',
    example: ['wecom', 'sms', 'mail'],
  })
  @IsArray()
  @ArrayUnique()
  @IsIn(CHANNELS, { each: true })
  order!: Channel[];

  @ApiProperty({ description: 'Puts a portal message beside the others at once.', example: true })
  @IsBoolean()
  portalAtOnce!: boolean;
}
