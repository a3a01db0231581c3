import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
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
import { WechatDefaultTemplate } from '#providers';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';

export const PUBLIC_ID = /^[A-Za-z0-9._-]{1,64}$/;
export const PUBLIC_ID_RULE = 'publicId must be 1 to 64 letters, digits, dots, dashes or underscores';

/** Who sends for a public account: WeChat, or the sandbox that plays it. */
export const PUBLIC_ACCOUNT_PROVIDERS = ['wechat', 'sandbox'] as const;
export type PublicAccountProvider = (typeof PUBLIC_ACCOUNT_PROVIDERS)[number];

class PublicAccountRateDto {
  @ApiProperty({ description: 'Messages a second.', example: 50 })
  @IsInt()
  @Min(1)
  @Max(100_000)
  perSecond!: number;
}

export class PutPublicAccountDto {
  @ApiProperty({ example: '学校服务号' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  name!: string;

  @ApiPropertyOptional({
    enum: PUBLIC_ACCOUNT_PROVIDERS,
    default: 'wechat',
    description: '`sandbox`: sends nothing, shows its messages in the sandbox, needs no credentials and keeps none.',
  })
  @MayBeAbsent()
  @IsIn(PUBLIC_ACCOUNT_PROVIDERS)
  provider?: PublicAccountProvider;

  @ApiPropertyOptional({ description: 'AppID at WeChat.', example: 'wx0123456789abcdef' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  appId?: string;

  @ApiPropertyOptional({
    description: 'AppSecret at WeChat. Write-only: absent it stays as it is.',
    example: '0123456789abcdef0123456789abcdef',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(128)
  appSecret?: string;

  @ApiPropertyOptional({
    description:
      'Token of the server configuration at WeChat, whose URL is `receiptPath` of the answer; without it no receipts and no follow events are taken. Write-only: absent it stays as it is, null removes it.',
    nullable: true,
    example: 'aToken123',
  })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  token?: string | null;

  @ApiPropertyOptional({
    description:
      'EncodingAESKey of the server configuration; with it only encrypted events are taken. Write-only: absent it stays as it is, null removes it.',
    nullable: true,
    example: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  })
  @IsOptional()
  @IsString()
  @MaxLength(43)
  encodingAesKey?: string | null;

  @ApiPropertyOptional({ default: '', example: '迎新' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(512)
  remark?: string;

  @ApiPropertyOptional({ default: true, example: true })
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    description: 'Client apps that may send through it; none: every app to which the channel `wechat` is open.',
    default: [],
    example: ['billing'],
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  clientApps?: string[];

  @ApiPropertyOptional({
    type: WechatDefaultTemplate,
    nullable: true,
    description: 'Template for messages that bring none of their own; without it such messages are refused.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WechatDefaultTemplate)
  defaultTemplate?: WechatDefaultTemplate | null;

  @ApiPropertyOptional({
    description:
      'More settings of the provider: for `wechat` `baseUrl` (a proxy in front of the API), `timeoutMs`, `concurrency`, `miniProgram {appId, pagePath}`; for `sandbox` `latencyMs`.',
    example: { concurrency: 50 },
  })
  @MayBeAbsent()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({ type: PublicAccountRateDto })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => PublicAccountRateDto)
  rateLimit?: PublicAccountRateDto;
}

export class CreatePublicAccountDto extends PutPublicAccountDto {
  @ApiPropertyOptional({ description: 'Made up where it is absent.', example: 'gh-service' })
  @MayBeAbsent()
  @Matches(PUBLIC_ID, { message: PUBLIC_ID_RULE })
  publicId?: string;
}

export class PutPublicAccountTemplateDto {
  @ApiProperty({ example: '审批通知' })
  @IsString()
  @MaxLength(256)
  title!: string;

  @ApiPropertyOptional({ default: '', example: 'IT科技' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(128)
  primaryIndustry?: string;

  @ApiPropertyOptional({ default: '', example: 'IT软件与服务' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(128)
  deputyIndustry?: string;

  @ApiProperty({ description: 'With its placeholders.', example: '事项：{{thing1.DATA}}\n状态：{{phrase2.DATA}}' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4096)
  content!: string;

  @ApiPropertyOptional({ default: '', example: '事项：请假\n状态：已通过' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(4096)
  example?: string;
}
