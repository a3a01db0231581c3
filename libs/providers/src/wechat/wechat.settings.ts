import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

/** Parts of a message that a field of the account's default template can show. */
export const MAPPED_CONTENT = ['title', 'text', 'summary', 'url', 'source', 'name', 'time'] as const;
export type MappedContent = (typeof MAPPED_CONTENT)[number];

const MAX_FIELDS = 20;
const MAX_FIXED_LENGTH = 200;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** WeChat has shown neither since 2023-05-04. */
const isShown = (field: unknown): boolean =>
  typeof field === 'string' && FIELD_NAME.test(field) && field !== 'first' && field !== 'remark';
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length <= MAX_FIELDS;

@ValidatorConstraint({ name: 'templateMap' })
class TemplateMapRule implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    const isMapped = ([content, field]: [string, unknown]): boolean =>
      (MAPPED_CONTENT as readonly string[]).includes(content) && isShown(field);
    return isRecord(value) && Object.keys(value).length > 0 && Object.entries(value).every(isMapped);
  }

  defaultMessage(): string {
    return `map must name the template's field for some of: ${MAPPED_CONTENT.join(', ')} (WeChat no longer shows the fields first and remark)`;
  }
}

@ValidatorConstraint({ name: 'templateFixed' })
class TemplateFixedRule implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    const isFixed = ([field, text]: [string, unknown]): boolean =>
      isShown(field) && typeof text === 'string' && text !== '' && text.length <= MAX_FIXED_LENGTH;
    return isRecord(value) && Object.entries(value).every(isFixed);
  }

  defaultMessage(): string {
    return `fixed must give fields of the template a text of 1 to ${MAX_FIXED_LENGTH} characters`;
  }
}

/** Template for messages that bring none of their own. */
export class WechatDefaultTemplate {
  @ApiProperty({
    description: 'Id of the template in the account.',
    example: 'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  templateId!: string;

  @ApiProperty({
    description: `Field of the template for each part of a message that it shows (${MAPPED_CONTENT.join(', ')}). Values are cut to what WeChat takes for the kind of field (\`thing1\`: 20 characters).`,
    example: { title: 'thing1', text: 'thing2', time: 'time3' },
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  @Validate(TemplateMapRule)
  map!: Partial<Record<MappedContent, string>>;

  @ApiPropertyOptional({
    description: 'Fields that always show the same: templates of WeChat want every field filled.',
    example: { const4: '待办' },
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  @IsOptional()
  @Validate(TemplateFixedRule)
  fixed?: Record<string, string>;
}

class WechatMiniProgram {
  @ApiProperty({ description: 'AppID of a mini program bound to the account.', example: 'wx0123456789abcdef' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  appId!: string;

  @ApiPropertyOptional({ description: 'Page it opens on.', example: 'pages/inbox/index' })
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  pagePath?: string;
}

/** Settings of a WeChat public account (service account) that sends template messages. */
export class WechatSettings {
  @ApiProperty({ description: 'AppID of the public account.', example: 'wx0123456789abcdef' })
  @Matches(/^[A-Za-z0-9_-]{4,64}$/, { message: 'appId must be 4 to 64 letters, digits, dashes or underscores' })
  appId!: string;

  @ApiProperty({ description: 'AppSecret of the public account. Write-only.' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  appSecret!: string;

  @ApiPropertyOptional({
    description:
      'Token of the server configuration at WeChat, whose URL is `/v1/receipts/wechat/{account}` here; without it no receipts and no follow events are taken. Write-only.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9]{3,32}$/, { message: 'token must be 3 to 32 letters or digits' })
  token?: string;

  @ApiPropertyOptional({
    description:
      'EncodingAESKey of the server configuration; with it only encrypted events (safe or compatible mode) are taken. Write-only.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9]{43}$/, { message: 'encodingAesKey must be 43 letters or digits' })
  encodingAesKey?: string;

  @ApiPropertyOptional({
    type: WechatDefaultTemplate,
    description: 'Template for messages that bring none of their own; without it such messages are refused.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WechatDefaultTemplate)
  defaultTemplate?: WechatDefaultTemplate;

  @ApiPropertyOptional({
    type: WechatMiniProgram,
    description: 'Mini program that messages open instead of their link.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WechatMiniProgram)
  miniProgram?: WechatMiniProgram;

  @ApiPropertyOptional({
    type: String,
    description: 'Address of the API, or of a proxy in front of it.',
    default: 'https://api.weixin.qq.com',
  })
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  baseUrl = 'https://api.weixin.qq.com';

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one call from connecting to the end of the answer, ms.',
    default: 10_000,
  })
  @IsInt()
  @Min(100)
  @Max(60_000)
  timeoutMs = 10_000;

  @ApiPropertyOptional({
    type: Number,
    description:
      'Calls under way at the same time. WeChat takes one recipient a call and slows down those who send in bulk.',
    default: 50,
  })
  @IsInt()
  @Min(1)
  @Max(100)
  concurrency = 50;
}
