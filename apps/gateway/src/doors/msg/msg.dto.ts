import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

/** Most uids of one tag call. */
const MAX_UIDS = 10_000;

const UID = 'f9b442e9270a44c185ad23680da98389';

/** Those whose devices need no more than a token. */
const PLATFORMS = ['android', 'ios', 'harmony'] as const;

export class RegisterBody {
  @ApiProperty({ example: UID, description: 'User id; an unknown one is created.' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  uid!: string;

  @ApiProperty({ example: 'mobile', description: 'mobile|sms, email|mail, wechat, wecom, dingtalk, push, webhook' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(32)
  channel!: string;

  @ApiProperty({ example: '13790000123' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2048)
  address!: string;

  @ApiPropertyOptional({
    description: 'Of an openid: the public account it belongs to. May be left out where the app has one.',
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  public_id?: string;

  @ApiPropertyOptional({
    enum: PLATFORMS,
    description: 'Of a device token: what the device runs; android unless given.',
  })
  @IsOptional()
  @IsIn(PLATFORMS)
  platform?: (typeof PLATFORMS)[number];
}

export class TagMembersBody {
  @ApiProperty({ example: 'temp' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  tag!: string;

  @ApiProperty({ example: [UID, 'f9b442e9270a44c185ad23680da98310'], type: [String] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_UIDS)
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  @IsNotEmpty({ each: true })
  uids!: string[];
}

export class TagBody {
  @ApiProperty({ example: 'temp' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  tag!: string;
}

class SendOptions {
  @ApiProperty({ example: 'template1' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  template!: string;

  @ApiPropertyOptional({ example: { p1: 'bbb' }, description: 'Values of the placeholders; numbers count as text.' })
  @IsOptional()
  @IsObject()
  params?: Record<string, string | number>;

  @ApiPropertyOptional({ example: 'any', description: 'any (default), all, or a channel name' })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  channel?: string;

  @ApiPropertyOptional({
    example: 'http://xxxxxxx',
    description: 'Called at sent, delivered, read and at every other end (failed, expired, cancelled …), signed.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  status_callback?: string;

  @ApiPropertyOptional({ example: 'order-4711', description: 'The same value within 24 h answers the same ref_no.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  client_ref?: string;
}

export class SendBody extends SendOptions {
  @ApiProperty({ example: UID })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  uid!: string;
}

export class SendTagBody extends SendOptions {
  @ApiProperty({ example: 'temp' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  tag!: string;
}

export class AckBody {
  @ApiProperty({
    example: '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c',
    description: 'Per-delivery reference, or the message’s own ref_no.',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  ref_no!: string;

  @ApiPropertyOptional({
    example: 19203939440,
    description: 'Epoch ms (below 10^11: seconds); default and upper bound: now.',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(8.64e15)
  read_time?: number;

  @ApiPropertyOptional({ example: UID, description: 'Whose reading it is, for a ref_no with several recipients.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  uid?: string;
}

export class ReportBody {
  @ApiProperty({ example: '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  ref_no!: string;

  @ApiPropertyOptional({ example: 1, description: 'From 1; without it all lines, at most 100,000.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  page?: number;

  @ApiPropertyOptional({ example: 1000 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  size?: number;
}
