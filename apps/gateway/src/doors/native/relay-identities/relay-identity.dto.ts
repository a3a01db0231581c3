import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Matches, MaxLength } from 'class-validator';
import { RELAY_ROLES, type RelayRole } from '#contracts';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';

export class RelayIdentityDto {
  @ApiProperty({
    enum: RELAY_ROLES,
    description: '`admin` may write to anybody; `user` answers those who wrote to him.',
    example: 'user',
  })
  @IsIn(RELAY_ROLES)
  role!: RelayRole;

  @ApiPropertyOptional({ description: 'For the administrator’s eyes.', example: '张三' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(128)
  name?: string;

  @ApiPropertyOptional({
    description: 'Of an admin: customer-service mailbox that he shares with the other admins of the key.',
    example: 'admins',
  })
  @MayBeAbsent()
  @Matches(/^[\w.-]{1,64}$/, { message: 'key must be 1 to 64 letters, digits, dots, dashes or underscores' })
  key?: string;

  @ApiPropertyOptional({
    description: 'A secret of at least 128 bits that a client has already; one is made where it is absent.',
    example: 'q0aJ3sUuS1mWmH6y0m3v7w',
  })
  @MayBeAbsent()
  @Matches(/^[!-~]{20,256}$/, { message: 'token must be 20 to 256 printable ASCII characters without spaces' })
  token?: string;

  @ApiPropertyOptional({ description: 'Of an admin: may send more than 100 messages in 5 minutes.', example: false })
  @MayBeAbsent()
  @IsBoolean()
  rateExempt?: boolean;
}
