import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';

export class PortalSessionDto {
  @ApiProperty({ description: 'The person the calling system has signed in.', example: 'u-1001' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  userId!: string;

  @ApiPropertyOptional({
    description: 'Page of the portal to open: a path that begins with `/portal`.',
    default: '/portal',
    example: '/portal?state=open',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(512)
  returnTo?: string;
}

export interface PortalSessionView {
  /** Send the person's browser there; it works once. */
  url: string;
  expiresAt: string;
}
