import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import {
  DEVICE_PLATFORMS,
  PUSH_PROVIDERS,
  type DevicePlatform,
  type PushProvider,
  type WebPushSubscription,
} from '#contracts';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';
import { PageQuery } from '../http/paging.js';

/** base64url of 65 bytes (a point of P-256), and of 16 bytes. */
const P256DH = /^[\w-]{87}=?$/;
const AUTH = /^[\w-]{22}={0,2}$/;

export class SubscriptionKeysDto {
  @ApiProperty({
    example: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
  })
  @Matches(P256DH, { message: 'p256dh must be 65 bytes as base64url' })
  p256dh!: string;

  @ApiProperty({ example: 'tBHItJI5svbpez7KI4CCXg' })
  @Matches(AUTH, { message: 'auth must be 16 bytes as base64url' })
  auth!: string;
}

export class SubscriptionDto implements WebPushSubscription {
  @ApiProperty({ description: 'https URL of the browser’s push service.', example: 'https://push.example.com/s/1' })
  @IsString()
  @MaxLength(2048)
  endpoint!: string;

  @ApiProperty({ type: SubscriptionKeysDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => SubscriptionKeysDto)
  keys!: SubscriptionKeysDto;

  @ApiPropertyOptional({ description: 'Browsers say it; it is not kept.', type: Number, nullable: true, example: null })
  @IsOptional()
  @IsNumber()
  expirationTime?: number | null;
}

export class PutDeviceDto {
  @ApiProperty({ description: 'Its owner. The directory need not know him yet.', example: 'u-1001' })
  @IsString()
  @MaxLength(256)
  userId!: string;

  @ApiProperty({ enum: DEVICE_PLATFORMS, example: 'android' })
  @IsIn(DEVICE_PLATFORMS)
  platform!: DevicePlatform;

  @ApiPropertyOptional({
    enum: PUSH_PROVIDERS,
    description:
      'What it listens to: then only enabled accounts of this provider reach it. Absent: the first account of channel `push` that takes its platform.',
    example: 'mqtt',
  })
  @MayBeAbsent()
  @IsIn(PUSH_PROVIDERS)
  provider?: PushProvider;

  @ApiPropertyOptional({
    description: 'A test device: it gets pushes in test mode, too. APNs: a build of the development environment.',
    default: false,
    example: false,
  })
  @MayBeAbsent()
  @IsBoolean()
  test?: boolean;

  @ApiPropertyOptional({
    type: SubscriptionDto,
    description: 'Of a browser, as `PushSubscription.toJSON()` has it; provider `webpush` needs it.',
  })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => SubscriptionDto)
  subscription?: SubscriptionDto;
}

export class PutDeviceQuery {
  @ApiPropertyOptional({ description: 'Replaces the MQTT password.', default: false, example: false })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  rotate = false;
}

export class DevicesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Devices of this user only.', example: 'u-1001' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  user?: string;
}
