import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
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
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  CHANNELS,
  MESSAGE_KINDS,
  PLAN_MODES,
  PRIORITY,
  type Channel,
  type InlineContent,
  type MessageKind,
  type PlanMode,
  type Priority,
} from '#contracts';
import { instantProblem } from '../http/instant.js';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';
import { CheckedBy } from './checked-by.decorator.js';
import {
  addressesProblem,
  devicesProblem,
  linkProblem,
  namesProblem,
  paramsProblem,
  usersProblem,
  type UserEntry,
} from './send-checks.js';

/** Between two reminders, s. */
const MIN_REMIND_S = 60;
const MAX_REMIND_S = 30 * 24 * 3600;

export const PRIORITIES = Object.keys(PRIORITY) as Priority[];

export class SendToDto {
  @ApiPropertyOptional({
    description: 'User ids, or `{userId, params}`; params of one recipient override those of the message.',
    type: 'array',
    items: {
      oneOf: [
        { type: 'string' },
        { type: 'object', properties: { userId: { type: 'string' }, params: { type: 'object' } } },
      ],
    },
    example: ['u1', { userId: 'u2', params: { name: 'Li' } }],
  })
  @MayBeAbsent()
  @CheckedBy(usersProblem)
  users?: UserEntry[];

  @ApiPropertyOptional({
    description: "The client app's own tags; members at acceptance.",
    type: [String],
    example: ['vip'],
  })
  @MayBeAbsent()
  @CheckedBy(namesProblem)
  tags?: string[];

  @ApiPropertyOptional({ description: 'Codes of org units, with all below them.', type: [String], example: ['sales'] })
  @MayBeAbsent()
  @CheckedBy(namesProblem)
  orgUnits?: string[];

  @ApiPropertyOptional({
    description:
      'Tokens of registered devices: each gets the message on channel `push`, whatever `channels` says. One that is unknown or out of use fails by itself (`unknown_device`, `device_inactive`).',
    type: [String],
    example: ['terminal-0042'],
  })
  @MayBeAbsent()
  @CheckedBy(devicesProblem)
  devices?: string[];

  @ApiPropertyOptional({
    description: 'People outside the directory: `{channel, address, name?, params?}`.',
    type: 'array',
    items: { type: 'object' },
    example: [{ channel: 'mail', address: 'li@example.com', name: 'Li' }],
  })
  @MayBeAbsent()
  @CheckedBy(addressesProblem)
  addresses?: { channel: Channel; address: string; name?: string; params?: Record<string, unknown> }[];

  @ApiPropertyOptional({ description: 'Everyone in the directory; needs the feature `broadcast`.', example: false })
  @MayBeAbsent()
  @IsBoolean()
  all?: boolean;
}

export class ChannelChoiceDto {
  @ApiProperty({ enum: PLAN_MODES, example: 'any' })
  @IsIn(PLAN_MODES)
  mode!: PlanMode;

  @ApiPropertyOptional({ description: 'With mode `list`.', enum: CHANNELS, isArray: true, example: ['sms', 'mail'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(CHANNELS.length)
  @ArrayUnique()
  @IsIn(CHANNELS, { each: true })
  list?: Channel[];
}

export class ContentDto implements InlineContent {
  @ApiPropertyOptional({ example: 'Your order is on its way' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(512)
  title?: string;

  @ApiPropertyOptional({ example: 'Order 1001 leaves today.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100_000)
  text?: string;

  @ApiPropertyOptional({
    description: 'Sanitised; shown by portal, mail and webhook.',
    example: '<p>Order <b>1001</b> leaves today.</p>',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(500_000)
  html?: string;

  @ApiPropertyOptional({ example: 'Order 1001' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  summary?: string;

  @ApiPropertyOptional({ example: 'https://shop.example.com/orders/1001' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2048)
  @CheckedBy(linkProblem)
  url?: string;

  @ApiPropertyOptional({
    description: 'Link for computers, where it is another one than `url`; shown by the portal.',
    example: 'https://desk.shop.example.com/orders/1001',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2048)
  @CheckedBy(linkProblem)
  pcUrl?: string;

  @ApiPropertyOptional({ example: 'https://shop.example.com/icon.png' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2048)
  @CheckedBy(linkProblem)
  iconUrl?: string;
}

export class TemplateChoiceDto {
  @ApiProperty({ example: 'order-shipped' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(256)
  code!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { order: '1001' } })
  @MayBeAbsent()
  @CheckedBy(paramsProblem)
  params?: Record<string, unknown>;
}

/** Exactly one of `content` and `template`. */
export class SendMessageDto {
  @ApiProperty({ type: SendToDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => SendToDto)
  to!: SendToDto;

  @ApiPropertyOptional({ type: ChannelChoiceDto, description: '`{mode: "any"}` unless given.' })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ChannelChoiceDto)
  channels?: ChannelChoiceDto;

  @ApiPropertyOptional({ enum: MESSAGE_KINDS, default: 'notice', example: 'notice' })
  @MayBeAbsent()
  @IsIn(MESSAGE_KINDS)
  kind?: MessageKind;

  @ApiPropertyOptional({
    enum: PRIORITIES,
    default: 'normal',
    example: 'normal',
    description:
      "Orders the messages of this client app while a channel cannot take all of them at once: all high ones go before the normal ones, these before the low ones. It takes no share of another app's: see `weight` of the client app.",
  })
  @MayBeAbsent()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiPropertyOptional({
    description:
      'To-dos: seconds after which whoever has not done it is reminded, again and again, on the channels beside the portal. From the moment everybody has it; until it is done, cancelled or expired.',
    minimum: MIN_REMIND_S,
    maximum: MAX_REMIND_S,
    example: 86_400,
  })
  @MayBeAbsent()
  @IsInt()
  @Min(MIN_REMIND_S)
  @Max(MAX_REMIND_S)
  remindEvery?: number;

  @ApiPropertyOptional({ type: ContentDto })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ContentDto)
  content?: ContentDto;

  @ApiPropertyOptional({ type: TemplateChoiceDto })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => TemplateChoiceDto)
  template?: TemplateChoiceDto;

  @ApiPropertyOptional({
    description: 'ISO 8601 with offset, at most 180 days ahead.',
    example: '2026-12-01T08:00:00+08:00',
  })
  @MayBeAbsent()
  @CheckedBy(instantProblem)
  sendAt?: string;

  @ApiPropertyOptional({
    description: 'ISO 8601 with offset; what has not gone out by then will not.',
    example: '2026-12-02T08:00:00+08:00',
  })
  @MayBeAbsent()
  @CheckedBy(instantProblem)
  expiresAt?: string;

  @ApiPropertyOptional({
    description: 'Called with the outcome of every recipient (sent, delivered, read and every other end), signed.',
    example: 'https://shop.example.com/hooks/messages',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2048)
  statusCallback?: string;

  @ApiPropertyOptional({ description: 'Recipients may answer.', default: false, example: false })
  @MayBeAbsent()
  @IsBoolean()
  reply?: boolean;
}

/** Recipients a dry run shows unless asked for fewer. */
export const DRY_RUN_RECIPIENTS = 1000;

export class DryRunQuery {
  @ApiPropertyOptional({
    description: 'Recipients to show.',
    minimum: 1,
    maximum: DRY_RUN_RECIPIENTS,
    default: DRY_RUN_RECIPIENTS,
    example: 100,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(DRY_RUN_RECIPIENTS)
  limit = DRY_RUN_RECIPIENTS;
}
