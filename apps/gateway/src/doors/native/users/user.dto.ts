import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { CHANNELS } from '#contracts';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';

export class PutUserDto {
  @ApiProperty({ example: '张三' })
  @IsString()
  @MaxLength(128)
  name!: string;

  @ApiPropertyOptional({ description: 'Codes of org units that exist.', example: ['sales'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @MaxLength(128, { each: true })
  orgUnits?: string[];

  @ApiPropertyOptional({
    description: 'One address per channel; `wechat` holds an openid per public account.',
    example: { sms: '13800138000', mail: 'zhang@example.com', wechat: { 'gh-service': 'oPENid123' } },
  })
  @MayBeAbsent()
  @IsObject()
  addresses?: Record<string, unknown>;
}

export class OptOutsDto {
  @ApiProperty({ description: 'Client apps whose messages the person does not want.', example: ['billing'] })
  @IsArray()
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @MaxLength(64, { each: true })
  apps!: string[];

  @ApiProperty({ enum: CHANNELS, isArray: true, example: ['sms'] })
  @IsArray()
  @ArrayUnique()
  @IsIn(CHANNELS, { each: true })
  channels!: string[];
}
